using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device that computes right is admitted; planted faults are refused with the first case that differs.</summary>
[Category("gpu")]
internal sealed class AdmissionTests
{
    [Test]
    public void Device_is_admitted([Values] bool hasDoubles)
    {
        using IGpuDevice device = GpuTest.OpenCl(hasDoubles: hasDoubles);
        Certificate certificate = DeviceCheck.Run(device, DeviceCheck.Inputs);
        TestContext.Out.WriteLine(certificate);
        Assert.That(certificate.Cases, Is.GreaterThan(70L * DeviceCheck.Inputs));
        Assert.That(certificate.ToString(), Does.Contain(hasDoubles ? "\nf64: the device's\n" : "\nf64: in integers\n"));
        Assert.That(DeviceCheck.Run(device, DeviceCheck.Inputs).ToString(), Is.EqualTo(certificate.ToString()), "the same text again");
    }

    /// <summary>Without the pragma a compiler may contract a * b + c.</summary>
    [Test]
    public void Contraction_is_refused()
    {
        using IGpuDevice device = GpuTest.OpenCl(null, text => KernelTexts.Source(text).Replace("FP_CONTRACT OFF", "FP_CONTRACT ON", StringComparison.Ordinal));
        Assert.That(() => DeviceCheck.Run(device, DeviceCheck.Inputs), Throws.TypeOf<BackendException>().With.Message.Contains("two roundings of"));
    }

    [Test]
    public void A_wrong_hash_is_refused()
    {
        using IGpuDevice device = GpuTest.OpenCl(null, text => KernelTexts.Source(text).Replace("0x428a2f98", "0x428a2f99", StringComparison.Ordinal));
        Assert.That(() => DeviceCheck.Run(device, 64), Throws.TypeOf<BackendException>().With.Message.Contains("Sha256 hash of 77 bytes"));
    }

    [TestCase("sqrt_f32(a)", "float_of(bits_of(sqrt_f32(a)) ^ (ua == 0x3dcccccdu))", "sqrt of 3DCCCCCD")]
    [TestCase("(a < b)", "(a <= b)", "comparisons of 00000000, 00000000")]
    [TestCase("rint_f32(a)", "(floor_f32(a + 0.5f))", "rint of")]
    [TestCase("F(1.0f / a)", "F(1.0f / (a < 1.2e-38f && a > 0.0f ? 0.0f : a))", "1 / a of 007FFFFF")]
    public void One_wrong_primitive_is_refused(string right, string wrong, string message)
    {
        using IGpuDevice device = GpuTest.OpenCl(null, text => Changed(KernelTexts.Source(text), right, wrong));
        Assert.That(() => DeviceCheck.Run(device, DeviceCheck.Inputs), Throws.TypeOf<BackendException>().With.Message.Contains(message));
    }

    /// <summary>A device without f64 whose compiler gets one of the operations wrong that stand in for it.</summary>
    [TestCase("rest == 512ul && (m & 1ul) != 0ul", "rest == 512ul", "f64 ")]
    [TestCase("- less_high - (low < less_low)", "- less_high", "f64 fma")]
    [TestCase("mul_hi((ulong)(a), (ulong)(b))", "mul_hi((ulong)(a), (ulong)(b) & 0xfffffffffffff000ul)", "f64 ")]
    [TestCase("digits << 8 | (rest != 0ul)", "digits << 8", "f64 quotient")]
    [TestCase("root << 8 | (rest != 0ul)", "root << 8", "f64 sqrt")]
    [TestCase("m >> count | ((m << (64 - count)) != 0ul)", "m >> count", "f64 ")]
    public void A_wrong_operation_in_integers_is_refused(string right, string wrong, string message)
    {
        using IGpuDevice device = GpuTest.OpenCl(null, text => KernelTexts.Source(text).Replace(right, wrong, StringComparison.Ordinal), hasDoubles: false);
        Assert.That(KernelTexts.Source("Admission"), Does.Contain(right));
        Assert.That(() => DeviceCheck.Run(device, 1 << 17), Throws.TypeOf<BackendException>().With.Message.Contains(message));
    }

    [Test]
    public void Device_without_IEEE_arithmetic_is_refused()
    {
        using IGpuDevice device = new Changing(GpuTest.OpenCl(), description => description with { FloatConfig = 0x7 });
        Assert.That(() => DeviceCheck.Run(device, 64), Throws.TypeOf<BackendException>().With.Message.Contains("float config 0x7 lacks 0xA0 of 0xA7"));
    }

    /// <summary>One bit of a million answers: the check has eighty million.</summary>
    [Test]
    public void One_wrong_bit_in_a_million_is_refused()
    {
        using IGpuDevice device = new Changing(GpuTest.OpenCl(), flipEach: 4 << 20);
        Assert.That(() => DeviceCheck.Run(device, DeviceCheck.Inputs), Throws.TypeOf<BackendException>().With.Message.Contains("is refused"));
    }

    private static string Changed(string text, string right, string wrong)
    {
        int place = text.IndexOf("KERNEL(primitives", StringComparison.Ordinal);
        return place < 0 ? text : text[..place] + text[place..].Replace(right, wrong, StringComparison.Ordinal);
    }
}
