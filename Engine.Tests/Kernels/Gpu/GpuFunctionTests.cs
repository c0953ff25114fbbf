using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
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
    {
        float[] x = [.. Arguments()];
        float[] y = Run(name, x);
        float[] expected = new float[x.Length];
        if (Enum.TryParse(name, ignoreCase: true, out Function function))
        {
            FunctionKernels.Apply(function, x, expected);
        }
        else
        {
            expected = [.. x.Select(Composed[name])];
        }

        string[] wrong = [.. Enumerable.Range(0, x.Length)
            .Where(i => Vectors.Bits(Real.Canonical(expected[i])) != Vectors.Bits(y[i]))
            .Select(i => $"{name}({Vectors.Bits(x[i]):x8}) = {Vectors.Bits(expected[i]):x8}, not {Vectors.Bits(y[i]):x8}")
            .Take(10)];
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void What_the_text_has_is_found()
    {
        Assert.That(Names().ToArray(), Has.Length.EqualTo(22).And.Contain("exp").And.Contain("gelu_tanh").And.Contain("tan"));
        Assert.That(Named().Select(Vectors.Bits).ToArray(), Has.Length.GreaterThan(180).And.Contain(0x33800000u).And.Contain(0x6115CB11u));
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

    private float[] Run(string name, float[] x)
    {
        using GpuBuffer from = _device.Allocate(x.Length * sizeof(float));
        using GpuBuffer to = _device.Allocate(x.Length * sizeof(float));
        _device.Write(from, 0, MemoryMarshal.AsBytes(x.AsSpan()));
        _device.Launch(_device.Kernel("Functions", "map_" + name), new GpuGrid((x.Length + GroupSize - 1) / GroupSize), [from, to, x.Length]);
        float[] y = new float[x.Length];
        _device.Read(to, 0, MemoryMarshal.AsBytes(y.AsSpan()));
        return y;
    }
}
