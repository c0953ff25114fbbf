using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Numerics;
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
    private const int GroupSize = 256;

    private static readonly Dictionary<string, Func<float, float>> Composed = new()
    {
        ["sigmoid"] = Sigmoid.Instance.Map,
        ["softplus"] = Softplus.Instance.Map,
        ["gelu"] = Gelu.Instance.Map,
        ["gelu_tanh"] = GeluTanh.Instance.Map,
    };

    private OpenClDevice _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = GpuTest.OpenCl();

    [OneTimeTearDown]
    public void Close() => _device?.Dispose();

    [Test]
    public void A_function_in_kernel_text_has_the_bits_of_its_definition([ValueSource(nameof(Names))] string name)
        => Check(_device, name, [.. Arguments()]);

    [Test]
    public void So_has_its_PTX([ValueSource(nameof(Names))] string name)
    {
        using InterpretedDevice device = new(text => KernelTexts.Ptx(text)!);
        Check(device, name, [.. Arguments().Take(8192)]);
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
        Assert.That(Names().ToArray(), Has.Length.EqualTo(24).And.Contain("exp").And.Contain("gelu_tanh").And.Contain("tan"));
        Assert.That(Named().Select(Vectors.Bits).ToArray(), Has.Length.GreaterThan(180).And.Contain(0x33800000u).And.Contain(0x6115CB11u));
    }

    private static void Check(IGpuDevice device, string name, float[] x)
    {
        float[] y = Run(device, name, x);
        float[] expected = new float[x.Length];
        if (Composed.TryGetValue(name, out Func<float, float>? composed))
        {
            expected = [.. x.Select(composed)];
        }
        else if (name == "cube")
        {
            FunctionKernels.Pow(x, 3f, expected, FunctionKernels.BestWidth);
        }
        else
        {
            FunctionKernels.Apply(name == "inverse_root" ? Function.Rsqrt : Enum.Parse<Function>(name, ignoreCase: true), x, expected);
        }

        string[] wrong = [.. Enumerable.Range(0, x.Length)
            .Where(i => Vectors.Bits(Real.Canonical(expected[i])) != Vectors.Bits(y[i]))
            .Select(i => $"{name}({Vectors.Bits(x[i]):x8}) = {Vectors.Bits(expected[i]):x8}, not {Vectors.Bits(y[i]):x8}")
            .Take(10)];
        Assert.That(wrong, Is.Empty);
    }

    private static float[] Run(IGpuDevice device, string name, float[] x)
    {
        using GpuBuffer from = device.Allocate(x.Length * sizeof(float));
        using GpuBuffer to = device.Allocate(x.Length * sizeof(float));
        device.Write(from, 0, MemoryMarshal.AsBytes(x.AsSpan()));
        device.Launch(device.Kernel("Functions", "map_" + name), new GpuGrid((x.Length + GroupSize - 1) / GroupSize), [from, to, x.Length]);
        float[] y = new float[x.Length];
        device.Read(to, 0, MemoryMarshal.AsBytes(y.AsSpan()));
        return y;
    }

    private static IEnumerable<string> Names()
        => Map().Matches(KernelTexts.Source("Functions")).Select(match => match.Groups[1].Value);

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
