using System.Security.Cryptography;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Hashing of leaves and trees beside the runtime's SHA-256.</summary>
internal sealed class HashSection : Section
{
    private const int Leaves = 256;
    private const string Runtime = "runtime's SHA-256, leaf by leaf";
    private const string Message = "runtime's SHA-256, one message";
    private const string Group = "hashing";

    /// <inheritdoc/>
    public override string Name => "hash";

    /// <inheritdoc/>
    public override string Title => "Hashing";

    /// <inheritdoc/>
    public override string Text => $"{Leaves} leaves of 1 KiB, one thread. The runtime's SHA-256 uses the processor's SHA instructions where it has them.";

    /// <inheritdoc/>
    public override void Run()
    {
        byte[] bytes = new byte[Leaves * LeafRun.LeafBytes];
        RandomNumberGenerator.Fill(bytes);
        byte[] digest = new byte[Digest.Bytes];
        Digest[] digests = new Digest[Leaves];
        foreach (Suite suite in Enum.GetValues<Suite>())
        {
            foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best && level > SimdLevel.Scalar).OrderDescending())
            {
                MultiBufferHasher hasher = new(level);
                Measure(Leaf(suite, level), () => hasher.HashLeaves(suite, bytes, 0, only: false, digests));
            }

            MultiBufferHasher best = new();
            Measure($"{suite}, root of the tree", () => MerkleTree.TensorRoot(suite, bytes, best));
            Measure($"{suite}, leaves, definition", () => PlainHasher.Instance.HashLeaves(suite, bytes, 0, only: false, digests));
        }

        Add(Goal.Of(
            "SHA-256 leaves of 1 KiB, one core",
            "≥ 4 GB/s with AVX-512, ≥ 1.4 GB/s with AVX2",
            Speed(Leaf(Suite.Sha256, SimdLevel.V512), 4, "AVX-512"),
            Speed(Leaf(Suite.Sha256, SimdLevel.V256), 1.4, "AVX2")));
        Add(Goal.Of(
            "BLAKE3 leaves of 1 KiB, one core", "≥ 8.5 GB/s", Speed(Leaf(Suite.Blake3, SimdLevel.V512), 8.5, "AVX-512")));

        void Measure(string name, Action run) => Race(
            Group,
            name,
            1,
            "GB/s",
            bytes.Length / 1e9,
            bytes.Length,
            ("ours", run),
            (Runtime, () =>
            {
                for (int i = 0; i < bytes.Length; i += LeafRun.LeafBytes)
                {
                    SHA256.HashData(bytes.AsSpan(i, LeafRun.LeafBytes), digest);
                }
            }),
            (Message, () => SHA256.HashData(bytes, digest)));
    }

    private static string Leaf(Suite suite, SimdLevel level) => $"{suite}, leaves, {8 * 4 * (int)level} bits";

    private Part Speed(string name, double goal, string words)
    {
        Row? row = Result.Rows.Find(row => row.Case == name);
        return Part.AtLeast(row?.Speed(row.Ours) ?? double.NaN, goal, words, "0.00", " GB/s");
    }
}
