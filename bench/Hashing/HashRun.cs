using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Bench.Hashing;

/// <summary>One line of the table.</summary>
/// <param name="Case">What ran.</param>
/// <param name="Rounds">Samples, taken in turn with the other lines'.</param>
/// <param name="GBs">Median, 10^9 bytes a second of the thread's own time.</param>
/// <param name="Best">Best sample.</param>
/// <param name="Ratio">Median of the ratios to the first line's sample of the same round; above 1 it is faster.</param>
internal sealed record HashResult(string Case, int Rounds, double GBs, double Best, double Ratio);

/// <summary>The verb <c>hash</c>: our hashing and the runtime's SHA-256 in turn, on one thread.</summary>
internal static class HashRun
{
    private const int Rounds = 61;
    private const int Leaves = 256;
    private const double SampleSeconds = 0.005;

    /// <summary>Runs all cases.</summary>
    public static int Run()
    {
        byte[] bytes = new byte[Leaves * LeafRun.LeafBytes];
        RandomNumberGenerator.Fill(bytes);
        (string Name, Action Run)[] cases = Cases(bytes);
        int[] runs = [.. cases.Select(@case => Calibrate(@case.Run))];
        List<double>[] speeds = [.. cases.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                speeds[i].Add((double)bytes.Length * runs[i] / Time(cases[i].Run, runs[i]) / 1e9);
            }
        }

        List<HashResult> results = [];
        for (int i = 0; i < cases.Length; i++)
        {
            double ratio = Median(speeds[i].Zip(speeds[0], (ours, theirs) => ours / theirs));
            results.Add(new(cases[i].Name, Rounds, Round(Median(speeds[i])), Round(speeds[i].Max()), Round(ratio)));
            Console.WriteLine(Line(results[^1]));
        }

        Directory.CreateDirectory(Folders.Results);
        List<string> lines = [JsonSerializer.Serialize(Machine.Here)];
        lines.AddRange(results.Select(result => JsonSerializer.Serialize(result)));
        File.WriteAllLines(Path.Combine(Folders.Results, "hash.jsonl"), lines);
        File.WriteAllText(Path.Combine(Folders.Results, "hash.md"), Markdown(results));
        return 0;
    }

    private static (string Name, Action Run)[] Cases(byte[] bytes)
    {
        byte[] digest = new byte[Digest.Bytes];
        Digest[] digests = new Digest[Leaves];
        IncrementalHash reused = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        MultiBufferHasher ours = new();
        MultiBufferHasher narrow = new(SimdLevel.V128);
        return
        [
            ("runtime's SHA-256, leaf by leaf", () =>
            {
                for (int i = 0; i < bytes.Length; i += LeafRun.LeafBytes)
                {
                    SHA256.HashData(bytes.AsSpan(i, LeafRun.LeafBytes), digest);
                }
            }),
            ("runtime's SHA-256, leaf by leaf on one object", () =>
            {
                for (int i = 0; i < bytes.Length; i += LeafRun.LeafBytes)
                {
                    reused.AppendData(bytes.AsSpan(i, LeafRun.LeafBytes));
                    reused.GetHashAndReset(digest);
                }
            }),
            ("runtime's SHA-256, all bytes as one message", () => SHA256.HashData(bytes, digest)),
            ("ours, SHA-256 leaves", () => ours.HashLeaves(Suite.Sha256, bytes, 0, only: false, digests)),
            ("ours, BLAKE3 leaves", () => ours.HashLeaves(Suite.Blake3, bytes, 0, only: false, digests)),
            ("ours, BLAKE3 leaves, vectors of 128 bits", () => narrow.HashLeaves(Suite.Blake3, bytes, 0, only: false, digests)),
            ("definition, SHA-256 leaves", () => PlainHasher.Instance.HashLeaves(Suite.Sha256, bytes, 0, only: false, digests)),
            ("definition, BLAKE3 leaves", () => PlainHasher.Instance.HashLeaves(Suite.Blake3, bytes, 0, only: false, digests)),
            ("ours, SHA-256 root", () => MerkleTree.TensorRoot(Suite.Sha256, bytes, ours)),
            ("ours, BLAKE3 root", () => MerkleTree.TensorRoot(Suite.Blake3, bytes, ours)),
        ];
    }

    // Warms up (the runtime compiles hot code in tiers) and gives the number of runs of one sample.
    private static int Calibrate(Action run)
    {
        double start = ThreadClock.Seconds;
        int runs = 0;
        while (runs < 50 || ThreadClock.Seconds - start < 0.3)
        {
            run();
            runs++;
        }

        return Math.Max(1, (int)(SampleSeconds / (Time(run, 5) / 5)));
    }

    private static double Time(Action run, int runs)
    {
        double start = ThreadClock.Seconds;
        for (int i = 0; i < runs; i++)
        {
            run();
        }

        return ThreadClock.Seconds - start;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static double Round(double value) => double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Markdown(List<HashResult> results)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Hashing beside the runtime's SHA-256\n\n{Machine.Here}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"GB/s over {Leaves} leaves of 1 KiB on one thread, by the thread's own time: ");
        text.Append("median of samples taken in turn, in brackets the best.\n");
        text.Append("Ratio: median of the ratios to the first line within a round; above 1 is faster.\n\n");
        text.Append("| case | GB/s | ratio |\n|---|--:|--:|\n");
        foreach (HashResult result in results)
        {
            text.Append(Line(result)).Append('\n');
        }

        return text.ToString();
    }

    private static string Line(HashResult r)
        => string.Create(CultureInfo.InvariantCulture, $"| {r.Case} | {r.GBs} ({r.Best}) | {r.Ratio} |");
}
