using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Bench.Reports;

/// <summary>The backend of ours that is compared.</summary>
internal static class Backends
{
    /// <summary>The fast one.</summary>
    /// <param name="threads">Number of threads.</param>
    public static IBackend Fast(int threads) => new CpuBackend(threads);

    /// <summary>What the fast one is, for tables.</summary>
    public static string Name => $"cpu backend at {(int)SimdLevels.Best} lanes of f32";
}
