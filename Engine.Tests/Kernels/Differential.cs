using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Runs one op on the reference and on the CPU backend at every width and several thread counts, and compares bytes.</summary>
internal static class Differential
{
    private const int Guard = 64;
    private const byte Paint = 0xA5;

    private static readonly int[] ThreadCounts = [1, 2, 3];

    private static readonly ImmutableArray<CpuBackend> Backends =
    [
        .. Enum.GetValues<SimdLevel>().SelectMany(level => ThreadCounts.Select(threads => new CpuBackend(threads, level))),
    ];

    private static int _turn;

    /// <summary>Compares all outputs; small cases on every backend, others on some that change from case to case.</summary>
    /// <param name="op">The op.</param>
    /// <param name="operands">Its operands.</param>
    /// <param name="kernel">Whether a kernel is expected to run, null for either.</param>
    public static void Check(Op op, ImmutableArray<Operand> operands, bool? kernel = true)
    {
        ImmutableArray<TensorType> types = op.Infer([.. operands.Select(operand => operand.Type)]);
        ImmutableArray<Tensor> expected = ReferenceBackend.Evaluate(op, [.. operands.Select(operand => operand.ToTensor())]);
        bool small = types.Sum(type => type.Elements) <= 2048;
        int stride = small ? 1 : 5;
        for (int i = small ? 0 : _turn++ % stride; i < Backends.Length; i += stride)
        {
            Check(Backends[i], op, operands, types, expected, kernel);
        }
    }

    /// <summary>Compares all outputs on every backend.</summary>
    public static void CheckAll(Op op, ImmutableArray<Operand> operands)
    {
        ImmutableArray<TensorType> types = op.Infer([.. operands.Select(operand => operand.Type)]);
        ImmutableArray<Tensor> expected = ReferenceBackend.Evaluate(op, [.. operands.Select(operand => operand.ToTensor())]);
        foreach (CpuBackend backend in Backends)
        {
            Check(backend, op, operands, types, expected, kernel: true);
        }
    }

    /// <summary>Compares all outputs on one backend.</summary>
    public static void Check(CpuBackend backend, Op op, ImmutableArray<Operand> operands)
    {
        ImmutableArray<TensorType> types = op.Infer([.. operands.Select(operand => operand.Type)]);
        ImmutableArray<Tensor> expected = ReferenceBackend.Evaluate(op, [.. operands.Select(operand => operand.ToTensor())]);
        Check(backend, op, operands, types, expected, kernel: true);
    }

    /// <summary>Runs an op on one backend.</summary>
    public static ImmutableArray<byte[]> Run(IBackend backend, Op op, ImmutableArray<Operand> operands)
    {
        ImmutableArray<TensorType> types = op.Infer([.. operands.Select(operand => operand.Type)]);
        ImmutableArray<byte[]> outputs = [.. types.Select(type => Painted((int)type.Bytes))];
        Node node = new(op.Name, op, [], types);
        ImmutableArray<Memory<byte>> memories = [.. outputs.Select(bytes => bytes.AsMemory(Guard, bytes.Length - (2 * Guard)))];
        backend.Run(new NodeCall(node, operands, memories), CancellationToken.None);
        foreach (byte[] output in outputs)
        {
            bool kept = output.AsSpan(0, Guard).IndexOfAnyExcept(Paint) < 0
                && output.AsSpan(output.Length - Guard).IndexOfAnyExcept(Paint) < 0;
            Assert.That(kept, Is.True, () => $"{op} wrote outside its output");
        }

        return [.. memories.Select(memory => memory.ToArray())];
    }

    private static void Check(
        CpuBackend backend,
        Op op,
        ImmutableArray<Operand> operands,
        ImmutableArray<TensorType> types,
        ImmutableArray<Tensor> expected,
        bool? kernel)
    {
        ImmutableArray<byte[]> outputs = Run(backend, op, operands);
        string Case() => $"{op} on {string.Join(", ", operands.Select(operand => $"{operand.Type} {operand.Map}"))} at {backend.Level}, "
            + $"{backend.Threads} threads";
        if (kernel is bool wanted)
        {
            Assert.That(backend.LastRanKernel, Is.EqualTo(wanted), () => $"a kernel ran: {Case()}");
        }

        Compare(outputs, types, expected, Case);
    }

    /// <summary>Compares what a backend made with what the definition makes.</summary>
    public static void Compare(ImmutableArray<byte[]> outputs, ImmutableArray<TensorType> types, ImmutableArray<Tensor> expected, Func<string> what)
    {
        for (int slot = 0; slot < outputs.Length; slot++)
        {
            int difference = outputs[slot].AsSpan().CommonPrefixLength(expected[slot].Bytes.Span);
            if (difference != outputs[slot].Length)
            {
                int size = types[slot].DType.Size();
                int element = difference / size;
                string Hex(ReadOnlySpan<byte> bytes)
                {
                    byte[] bigEndian = bytes.Slice(element * size, size).ToArray();
                    Array.Reverse(bigEndian);
                    return Convert.ToHexString(bigEndian);
                }

                Assert.Fail($"output {slot}, element {element} is {Hex(outputs[slot])}, not {Hex(expected[slot].Bytes.Span)}: {what()}");
            }
        }
    }

    private static byte[] Painted(int bytes)
    {
        byte[] painted = new byte[bytes + (2 * Guard)];
        painted.AsSpan().Fill(Paint);
        return painted;
    }
}
