using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Faults that admission cannot see, because they come later or in a kernel of their own, are caught by a spot check or an audit.</summary>
[Category("gpu")]
internal sealed class PlantedFaultTests
{
    private const string Fused = "#define fma_f32(a, b, c) fma((float)(a), (float)(b), (float)(c))";

    /// <summary>Products that round twice, on a device that is admitted.</summary>
    [Test]
    public void A_kernel_that_rounds_otherwise_is_caught_by_a_spot_check([Values] Suite suite)
    {
        using IGpuDevice device = GpuTest.OpenCl(null, text => text is "Dot" or "DotChain"
            ? KernelTexts.Source(text).Replace(Fused, "#define fma_f32(a, b, c) ((a) * (b) + (c))", StringComparison.Ordinal)
            : KernelTexts.Source(text));
        Assert.That(KernelTexts.Source("Dot"), Does.Contain(Fused));
        Assert.That(DeviceCheck.Run(device, 1 << 16).Cases, Is.Positive);
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        Scene honest = Scene.Make(Policy.Atomic, suite, samples: 200);
        Verdict verdict = Scene.Of(honest.Graph, honest.Inputs, honest.Statement.Statement, backend).Verify();
        Assert.That((verdict.Kind, verdict.Reason), Is.EqualTo((VerdictKind.Invalid, Reason.WrongElement)), verdict.Text);
        Assert.That(honest.Verify().Kind, Is.EqualTo(VerdictKind.Valid));
    }

    /// <summary>One wrong bit in all that a run makes; a fraud proof convicts without the model.</summary>
    [Test]
    public void A_device_that_fails_once_is_caught_by_an_audit([Range(1, 2)] int wrongChain)
    {
        using Changing device = new(GpuTest.OpenCl(), wrongChain: wrongChain);
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        Scene scene = Scene.Make(Policy.Atomic, Suite.Blake3);
        Scene run = Scene.Of(scene.Graph, scene.Inputs, scene.Statement.Statement, backend);
        Assert.That(device.Flipped, Is.EqualTo(1));
        using ReferenceBackend reference = new();
        AuditResult audit = new Auditor(PlainHasher.Instance).Audit(run.Statement, run.Receipt, run.Graph.Graph, run.Inputs, reference, run.Store);
        Assert.That(audit.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid), audit.Verdict.Text);
        Assert.That(FraudProof.TryRead(audit.FraudProof!.ToArray(), out FraudProof? proof, out string why), Is.True, why);
        Assert.That(proof!.Verify(PlainHasher.Instance).Kind, Is.EqualTo(VerdictKind.Invalid));
    }
}
