using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>The known answers, and the certificate.</summary>
internal sealed class AdmissionProbe() : Probe("admission", "Admission", 40)
{
    private const int FewInputs = 1 << 12;

    /// <inheritdoc/>
    protected override void Run()
    {
        double start = Turns.Wall;
        Certificate certificate = DeviceCheck.Run(Device, IsQuick ? FewInputs : DeviceCheck.Inputs);
        Add(new Figure("known answers", "all primitives", "cases, millions", certificate.Cases / 1e6, string.Empty));
        Add(new Figure("known answers", "all primitives", "time", Turns.Wall - start, "s"));
        foreach (string line in certificate.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Note($"`{line}`");
        }
    }
}
