using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>What committing, keeping the trace, proving and verifying cost.</summary>
internal sealed class CommitSection : Section
{
    private const int Tokens = 128;
    private const int HashBytes = 8 << 20;
    private const string Layers = "commit overhead of one transformer layer";
    private const string Disk = "trace on disk";
    private const string Demo = "demo decoder";

    private static readonly Pace Pace = new(0.3, 0.001, 0.7, 5, 101);
    private static readonly (int Width, double Blake3, double Sha256)[] Widths = [(768, 5, 10), (2048, 2, 4), (4096, 1, 2)];

    /// <inheritdoc/>
    public override string Name => "commit";

    /// <inheritdoc/>
    public override string Title => "Commitment and proofs";

    /// <inheritdoc/>
    public override string Text
        => "Overhead: a committed run against a plain one, median of the ratios of runs in turn. Cost model: bytes committed a second "
        + "of a plain run ÷ bytes hashed a second. A layer has 128 tokens, heads of 64, inner width four times the width, 256 words.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach ((int width, _, _) in Widths)
        {
            DecoderModel layer = new(1, width, width / 64, 4 * width, 256, Tokens);
            Graph graph = layer.Build();
            foreach (int threads in ThreadCounts)
            {
                Costs(Layers, string.Create(CultureInfo.InvariantCulture, $"d = {width}, {threads}t"), graph, [layer.Prompt()], threads);
            }
        }

        DecoderModel demo = DecoderModel.Standard;
        Costs(Demo, "2t", demo.Build(), [demo.Prompt()], 2);
        foreach (Suite suite in Enum.GetValues<Suite>())
        {
            KeepTrace(demo, suite);
        }

        Judge();
    }

    private static string Key(string @case, string policy, string suite) => $"{@case}, {policy}, {suite}";

    private static string Default => StatementVerb.Default.Policy.Name();

    private void Costs(string group, string @case, Graph graph, ImmutableArray<Tensor> inputs, int threads)
    {
        using CpuBackend backend = new(threads);
        Policy[] policies = [StatementVerb.Default.Policy, Policy.Atomic];
        (Policy, Suite)[] terms = [.. from policy in policies from suite in Enum.GetValues<Suite>() select (policy, suite)];
        TrialResult result = Trial.Measure(graph, inputs, backend, terms, Pace, Clock(threads), default);
        foreach (CommitCost cost in result.Costs)
        {
            string key = Key(@case, cost.Policy, cost.Suite);
            double hashing = HashSpeed(backend, cost.Suite);
            Add(group, key, "run, ms", 1e3 * result.Run.Median, string.Empty);
            Add(group, key, "overhead", 100 * cost.Overhead, "%");
            Add(group, key, "cost model", 100 * cost.CommittedBytes / hashing / result.Run.Median, "%");
            Add(group, key, "bytes/kflop", 1e3 * cost.CommittedBytes / result.Work, string.Empty);
            Add(group, key, "committed", cost.CommittedBytes / 1048576.0, "MiB");
            Add(group, key, "proof", cost.ProofBytes / 1024.0, "KiB");
            Add(group, key, "prove", 1e3 * cost.Prove, "ms");
            Add(group, key, "verify", 1e3 * cost.Verify, "ms");
        }
    }

    private static double HashSpeed(CpuBackend backend, string suite)
    {
        byte[] bytes = new byte[HashBytes];
        Digest[] digests = new Digest[LeafRun.Count(bytes.Length)];
        Suite which = Enum.GetValues<Suite>().First(value => StatementVerb.Terms.Name(value) == suite);
        Samples samples = Turns.Take(
            new Pace(0.05, 0.001, 0.05, 5, 21), () => Turns.Wall, [() => backend.Hasher.HashLeaves(which, bytes, 0, only: false, digests)])[0];
        return bytes.Length / samples.Median;
    }

    // A plain run, a committed one, and a committed one that writes its trace; two threads.
    private void KeepTrace(DecoderModel model, Suite suite)
    {
        using CpuBackend backend = new(2);
        Committer committer = new(backend.Hasher);
        ImmutableArray<Tensor> inputs = [model.Prompt()];
        LoweredGraph lowered = Lowerer.Lower(model.Build(), StatementVerb.Default.Policy);
        StatementFile statement = committer.State(lowered, inputs, StatementVerb.Default with { Suite = suite });
        Executor executor = new(lowered.Graph, backend, statement.Graph.Committed);
        string path = Path.GetTempFileName();
        try
        {
            ImmutableArray<Samples> samples = Turns.Take(Pace, () => Turns.Wall, [Commit, Keep]);
            string key = StatementVerb.Terms.Name(suite);
            Add(Disk, key, "committing", 1e3 * samples[0].Median, "ms");
            Add(Disk, key, "and writing the trace", 1e3 * samples[1].Median, "ms");
            Add(Disk, key, "overhead", 100 * (samples[1].Over(samples[0]) - 1), "%");
            Add(Disk, key, "trace", new FileInfo(path).Length / 1048576.0, "MiB");
        }
        finally
        {
            File.Delete(path);
        }

        void Commit() => committer.Run(statement, executor, inputs);

        void Keep()
        {
            using TraceFile trace = TraceFile.Create(path, statement, "bench", inputs);
            trace.Complete(committer.Run(statement, executor, inputs, store: trace).Receipt);
        }
    }

    private double Of(string group, string key, string name)
        => Result.Figures.Find(figure => figure.Group == group && figure.Case == key && figure.Name == name)?.Value ?? double.NaN;

    private void Judge()
    {
        foreach ((string suite, Func<(int Width, double Blake3, double Sha256), double> goal) in
            new (string, Func<(int Width, double Blake3, double Sha256), double>)[] { ("blake3", w => w.Blake3), ("sha256", w => w.Sha256) })
        {
            string targets = string.Join(" / ", Widths.Select(width => $"{goal(width)} %"));
            foreach (int threads in ThreadCounts)
            {
                Add(Goal.Of(
                    $"commit overhead of a layer, d = 768 / 2048 / 4096, {Default}, {suite}, {threads}t",
                    $"≤ {targets}",
                    [
                        .. Widths.Select(width => Part.AtMost(
                            Of(Layers, Key($"d = {width.Width}, {threads}t", Default, suite), "overhead"), goal(width), string.Empty, "0.0", " %")),
                    ]));
            }
        }

        Add(Goal.Of(
            "trace on disk, demo decoder, beyond committing",
            "≤ 10 %",
            Part.AtMost(Of(Disk, "blake3", "overhead"), 10, "blake3", "0.0", " %"),
            Part.AtMost(Of(Disk, "sha256", "overhead"), 10, "sha256", "0.0", " %")));
        foreach (string suite in new[] { "blake3", "sha256" })
        {
            string key = Key("2t", Default, suite);
            Add(Goal.Of(
                $"verify 100 samples of the demo decoder, {Default}, {suite}",
                "≤ 100 ms, ≤ 5 MB proof, no model needed",
                Part.AtMost(Of(Demo, key, "verify"), 100, string.Empty, "0.0", " ms"),
                Part.AtMost(Of(Demo, key, "proof") * 1024 / 1e6, 5, string.Empty, "0.00", " MB")));
        }
    }
}
