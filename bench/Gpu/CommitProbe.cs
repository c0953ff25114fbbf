using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>What committing costs on the device, on the demo's decoder: hashes are made where the values are.</summary>
internal sealed class CommitProbe() : Probe("commit", "Commitment on the device", 40)
{
    private const double Most = 3;
    private static readonly Pace Pace = new(0.3, 0.001, 0.7, 5, 101);

    /// <inheritdoc/>
    protected override void Run()
    {
        DecoderModel model = IsQuick ? new DecoderModel(2, 64, 2, 128, 256, 16) : DecoderModel.Standard;
        Graph graph = model.Build();
        Tensor prompt = model.Prompt();
        Suite[] suites = Enum.GetValues<Suite>();
        foreach (Suite suite in suites)
        {
            LoweredGraph lowered = Lowerer.Lower(graph, Policy.Compact2);
            Committer committer = new(Backend.Cpu.Hasher);
            StatementFile statement = committer.State(lowered, [prompt], StatementVerb.Default with { Policy = Policy.Compact2, Suite = suite });
            Digest ours = committer.Run(statement, lowered.Graph, [prompt], Backend).Receipt.Receipt.Id;
            Digest theirs = committer.Run(statement, lowered.Graph, [prompt], Backend.Cpu).Receipt.Receipt.Id;
            if (ours != theirs)
            {
                Wrong($"the receipt of the decoder under {suite} is {theirs}, and it gives {ours}");
            }
        }

        Pace pace = IsQuick ? new Pace(0, 0, 0, 1, 1) : Pace;
        TrialResult device = Trial.Measure(graph, [prompt], Backend, suites.Select(suite => (Policy.Compact2, suite)), pace, () => Turns.Wall, default);
        TrialResult processors = Trial.Measure(graph, [prompt], Backend.Cpu, [], pace, () => Turns.Wall, default);
        Add(new Figure("demo decoder", "plain run", "device, ms", 1e3 * device.Run.Median, string.Empty));
        Add(new Figure("demo decoder", "plain run", "processors, ms", 1e3 * processors.Run.Median, string.Empty));
        Add(new Figure("demo decoder", "plain run", "device, Tflop/s", device.Work / device.Run.Median / 1e12, string.Empty));
        foreach (CommitCost cost in device.Costs)
        {
            string key = $"{cost.Policy}, {cost.Suite}";
            Add(new Figure("committing", key, "run, ms", 1e3 * cost.Run.Median, string.Empty));
            Add(new Figure("committing", key, "overhead, %", 100 * cost.Overhead, string.Empty));
            Add(new Figure("committing", key, "committed, MiB", cost.CommittedBytes / 1048576.0, string.Empty));
        }

        Add(Goal.Of(
            "commit overhead, demo decoder, compact/2",
            "≤ 3 %",
            [.. device.Costs.Where(_ => !IsQuick).Select(cost => Part.AtMost(100 * cost.Overhead, Most, cost.Suite, "0.0", " %"))]));
    }
}
