using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Who hashes for the command line.</summary>
internal static class Hasher
{
    /// <summary>The widest this machine has.</summary>
    internal static ILeafHasher Best { get; } = new MultiBufferHasher();
}
