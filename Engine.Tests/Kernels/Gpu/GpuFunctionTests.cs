using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;
using VerifiableCompute.Engine.Tests.Numerics;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The functions in kernel text at arguments chosen to be hard; bench/functions.sh gpu tries all.</summary>
[Category("gpu")]
internal sealed partial class GpuFunctionTests
{
    private const int Some = 1 << 20;
    private const ulong Seed = 20261125;

    private OpenClDevice _device = null!;
    private OpenClDevice _withoutDoubles = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _device = GpuTest.OpenCl();
        _withoutDoubles = GpuTest.OpenCl(hasDoubles: false);
    }

    [OneTimeTearDown]
    public void Close()
    {
        _device?.Dispose();
        _withoutDoubles?.Dispose();
    }

    [Test]
    public void A_function_in_kernel_text_has_the_bits_of_its_definition([ValueSource(nameof(Kernels))] string kernel)
        => Check(_device, kernel, [.. Arguments()]);

    [Test]
    public void So_it_has_without_f64([ValueSource(nameof(Kernels))] string kernel)
        => Check(_withoutDoubles, kernel, [.. Arguments()]);

    [Test]
    public void So_has_its_PTX([ValueSource(nameof(Kernels))] string kernel)
    {
        using InterpretedDevice device = new(text => KernelTexts.Ptx(text)!);
        Check(device, kernel, [.. Arguments().Take(8192)]);
    }

    [Test]
    public void Powers_with_a_text_of_their_own_run_on_the_device([Values(0f, 1f, 2f, 3f, 0.5f, -0.5f, -1f)] float exponent)
    {
        Tensor input = Tensor.Of<float>(DType.F32, new Shape(4096), [.. Arguments().Take(4096)]);
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", input.Type);
        ValueRef power = builder.Expand("power", builder.Parameter("p", Tensor.Of<float>(DType.F32, new Shape(1), [exponent])), input.Type.Shape);
        Graph graph = builder.Build(new GraphOutput("y", builder.Add("y", Pow.Instance, x, power)));
        GpuBackend backend = Opened.Backend();
        long before = backend.DeviceStages;
        Assert.That(Bits(new Executor(graph, backend)), Is.EqualTo(Bits(new Executor(graph, new ReferenceBackend()))));
        Assert.That(backend.DeviceStages, Is.EqualTo(before + 1));

        byte[] Bits(Executor executor) => executor.Run([input], (ValueRef _, Tensor _) => { }, null, CancellationToken.None)[0].Bytes.ToArray();
    }

    [Test]
    public void What_the_text_has_is_found()
    {
        Assert.That(Map().Matches(KernelTexts.Source("Functions")).Select(match => $"map_{match.Groups[1].Value}"), Is.EqualTo(Kernels()));
        Assert.That(Named().Select(Vectors.Bits).ToArray(), Has.Length.GreaterThan(180).And.Contain(0x33800000u).And.Contain(0x6115CB11u));
    }

    private static void Check(IGpuDevice device, string kernel, float[] x)
    {
        float[] expected = new float[x.Length];
        KnownFunctions.All.Single(row => row.Kernel == kernel).Answers(x, expected);
        float[] y = new float[x.Length];
        using GpuBuffer from = device.Allocate(x.Length * sizeof(float));
        using GpuBuffer to = device.Allocate(x.Length * sizeof(float));
        device.Write(from, 0, MemoryMarshal.AsBytes(x.AsSpan()));
        GpuGrid groups = new((x.Length + KnownFunctions.GroupSize - 1) / KnownFunctions.GroupSize);
        device.Launch(device.Kernel("Functions", kernel), groups, [from, to, x.Length]);
        device.Read(to, 0, MemoryMarshal.AsBytes(y.AsSpan()));
        string[] wrong = [.. Enumerable.Range(0, x.Length)
            .Where(i => Vectors.Bits(expected[i]) != Vectors.Bits(y[i]))
            .Select(i => $"{kernel}({Vectors.Bits(x[i]):x8}) = {Vectors.Bits(expected[i]):x8}, not {Vectors.Bits(y[i]):x8}")
            .Take(10)];
        Assert.That(wrong, Is.Empty);
    }

    private static IEnumerable<string> Kernels() => KnownFunctions.All.Select(row => row.Kernel);

    // What the text treats apart and its neighbours, of both signs; where functions turn; the ends of every exponent; and many others.
    private static IEnumerable<float> Arguments()
    {
        foreach (float x in Named().Concat(Vectors.Corners.Select(Vectors.Float)))
        {
            for (int place = -2; place <= 2; place++)
            {
                uint near = unchecked(Vectors.Bits(x) + (uint)place);
                yield return Vectors.Float(near);
                yield return Vectors.Float(near ^ 0x80000000);
            }
        }

        for (uint exponent = 0; exponent < 512; exponent++)
        {
            for (uint place = 0; place < 16; place++)
            {
                yield return Vectors.Float(unchecked((exponent << 23) + place - 8));
            }
        }

        for (int n = 0; n < Some; n++)
        {
            yield return Vectors.AnyFloat(Seed, n);
        }
    }

    private static IEnumerable<float> Named()
        => Argument().Matches(KernelTexts.Source("Functions")).Select(match => Vectors.Float(Vectors.Hex(match.Groups[1].Value)));

    [GeneratedRegex(@"^MAP\((\w+)\)", RegexOptions.Multiline)]
    private static partial Regex Map();

    [GeneratedRegex(@"== 0x([0-9a-f]{8})u")]
    private static partial Regex Argument();
}
