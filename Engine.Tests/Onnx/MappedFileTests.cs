using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Weights in files that are mapped: the same values as from memory, held only while they are in use.</summary>
internal sealed class MappedFileTests
{
    private const int Rows = 600;
    private const int Columns = 500;
    private static readonly Tensor X = Tensor.Of<float>(DType.F32, new Shape(1, Rows), [.. Enumerable.Range(0, Rows).Select(i => i * 0.25f)]);

    /// <summary>The name before the weights moves them, so that every alignment occurs.</summary>
    [Test]
    public void Weights_lie_in_the_file_wherever_they_begin([Range(1, 4)] int name, [Values] bool external)
    {
        using Folder folder = new();
        Graph graph = Load(folder, Weights(), name, external);
        ReadOnlyMemory<byte> bytes = graph.Parameters.Single(parameter => parameter.Value.Type.Shape.Rank == 2).Value.Bytes;
        Assert.That(MemoryMarshal.TryGetMemoryManager(bytes, out FileMemory? _), Is.True);
        Assert.That(bytes.Span.SequenceEqual(MemoryMarshal.AsBytes(Weights().AsSpan())), Is.True);
        FileMemory.Drop(bytes);
        Assert.That(bytes.Span.SequenceEqual(MemoryMarshal.AsBytes(Weights().AsSpan())), Is.True);
        byte[] expected = new Executor(graph, new ReferenceBackend()).Run([X])[0].Bytes.ToArray();
        using CpuBackend backend = new(2);
        Executor executor = new(graph, backend);
        for (int run = 0; run < 3; run++)
        {
            Assert.That(executor.Run([X])[0].Bytes.ToArray(), Is.EqualTo(expected));
        }
    }

    [Test]
    public void A_value_that_is_not_canonical_makes_a_copy([Values(0, 299_999)] int at, [Values] bool external)
    {
        float[] weights = Weights();
        weights[at] = BitConverter.UInt32BitsToSingle(0xFFC0_0001);
        using Folder folder = new();
        Tensor tensor = Load(folder, weights, 1, external).Parameters.Single(parameter => parameter.Value.Type.Shape.Rank == 2).Value;
        Assert.That(MemoryMarshal.TryGetArray(tensor.Bytes, out _), Is.True);
        Assert.That(tensor.As<uint>()[at], Is.EqualTo(0x7FC0_0000));
        Assert.That(tensor.IsCanonical(), Is.True);
    }

    [Test]
    public void Replacing_a_file_is_no_change([Values] bool external)
    {
        using Folder folder = new();
        Graph graph = Load(folder, Weights(), 1, external);
        Tensor tensor = graph.Parameters.Single(parameter => parameter.Value.Type.Shape.Rank == 2).Value;
        Assert.That(MemoryMarshal.TryGetMemoryManager(tensor.Bytes, out FileMemory? _), Is.True);
        foreach (string path in Directory.GetFiles(folder.Root))
        {
            File.WriteAllBytes(path + ".new", new byte[10]);
            File.Move(path + ".new", path, overwrite: true);
        }

        FileMemory.Drop(tensor.Bytes);
        Assert.That(tensor.As<float>().SequenceEqual(Weights()), Is.True);
    }

    [Test]
    [Platform("Linux")]
    public void A_file_is_unmapped_when_no_tensor_is_left([Values] bool external)
    {
        using Folder folder = new();
        bool IsMapped() => File.ReadLines("/proc/self/maps").Any(line => line.Contains(folder.Root, StringComparison.Ordinal));
        LoadAndLeave(folder, external, () => Assert.That(IsMapped(), Is.True));
        for (int round = 0; round < 10 && IsMapped(); round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(IsMapped(), Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadAndLeave(Folder folder, bool external, Action meanwhile)
    {
        Graph graph = Load(folder, Weights(), 1, external);
        meanwhile();
        GC.KeepAlive(graph);
    }

    private static float[] Weights() => [.. Enumerable.Range(0, Rows * Columns).Select(i => (i % 1013) - 400f)];

    private static Graph Load(Folder folder, float[] weights, int name, bool external)
    {
        ModelProto model = Made.Model(Made.Graph(
            [Made.Value("x", DType.F32, 1, Rows)], [Made.Value("y", DType.F32, 1, Columns)], Made.Node("MatMul", ["x", new string('w', name)], ["y"])));
        byte[] bytes = [.. MemoryMarshal.AsBytes(weights.AsSpan())];
        if (external)
        {
            folder.Write("w.bin", [.. new byte[name], .. bytes]);
            model.Graph.Initializer.Add(Made.External(new string('w', name), [Rows, Columns], ("location", "w.bin"), ("offset", $"{name}")));
        }
        else
        {
            model.Graph.Initializer.Add(Made.Raw(new string('w', name), DType.F32, [Rows, Columns], bytes));
        }

        return OnnxModel.Load(folder.Write("model.onnx", model.ToByteArray())).Specialize(X);
    }
}
