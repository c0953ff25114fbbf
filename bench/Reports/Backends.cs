using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Bench.Reports;

/// <summary>The backends of ours that are compared.</summary>
internal static class Backends
{
    /// <summary>The fast one.</summary>
    /// <param name="threads">Number of threads.</param>
    public static IBackend Fast(int threads) => threads > 0 ? new ReferenceBackend() : throw new ArgumentOutOfRangeException(nameof(threads));

    /// <summary>What the fast one is, for tables.</summary>
    public static string Name => "reference";
}
