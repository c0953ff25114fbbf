using System.Collections.Immutable;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>The open models: their receipts against the pinned ones, and their times beside the processors'.</summary>
internal sealed class ModelProbe() : Probe("models", "Open models", 90)
{
    private static readonly Policy[] Policies = [Policy.Atomic, Policy.Compact2];
    private static readonly string[] Small = ["mnist-cntk-op8", "mlperf-resnet8-int8-qop", "byte-bilstm"];
    private static readonly Pace Pace = new(0.1, 0.001, 0.25, 3, 31);

    /// <inheritdoc/>
    protected override void Run()
    {
        string table = Path.Combine(Folders.Root, "Engine.Tests", "Onnx", "PinnedReceipts.tsv");
        string[][] pinned = [.. File.ReadLines(table).Skip(1).Select(line => line.Split('\t'))];
        string[] folders = [.. Conformance.Find(Folders.OpenModels)];
        int equal = 0;
        foreach (string name in pinned.Select(row => row[0]).Distinct().Where(name => !IsQuick || Small.Contains(name)))
        {
            if (folders.FirstOrDefault(folder => folder.EndsWith("/" + name, StringComparison.Ordinal)) is not string folder)
            {
                Wrong($"{name} is not here");
            }
            else if (MayBegin())
            {
                equal += Measure(folder, name, [.. pinned.Where(row => row[0] == name)]);
            }
        }

        Note($"{equal} receipts are the pinned ones");
    }

    private int Measure(string folder, string name, string[][] pinned)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(folder, "model.onnx")).Specialize(inputs);
        long before = Backend.DeviceStages;
        int equal = 0;
        foreach ((Policy policy, Suite suite) in from policy in Policies from suite in Enum.GetValues<Suite>() select (policy, suite))
        {
            LoweredGraph lowered = Lowerer.Lower(graph, policy);
            Committer committer = new(Backend.Cpu.Hasher);
            StatementFile statement = committer.State(lowered, inputs, Template(policy, suite, name));
            string id = committer.Run(statement, lowered.Graph, inputs, Backend).Receipt.Receipt.Id.ToString();
            string known = pinned.Single(row => row[1] == policy.Name() && row[2] == suite.ToString())[3];
            equal += id == known ? 1 : 0;
            if (id != known)
            {
                Wrong($"the receipt of {name}, {policy.Name()}, {suite} is {known}, and it gives {id}");
            }
        }

        long stages = (Backend.DeviceStages - before) / (Policies.Length * Enum.GetValues<Suite>().Length);
        ImmutableArray<Samples> times = Turns.Take(
            IsQuick ? new Pace(0, 0, 0, 1, 1) : Pace, () => Turns.Wall, [Plain(graph, Backend, inputs), Plain(graph, Backend.Cpu, inputs)]);
        Add(new Figure("a plain run", name, "device, ms", 1e3 * times[0].Median, string.Empty));
        Add(new Figure("a plain run", name, "processors, ms", 1e3 * times[1].Median, string.Empty));
        Add(new Figure("a plain run", name, "processors ÷ device", times[1].Over(times[0]), string.Empty));
        Add(new Figure("a plain run", name, "stages on the device", stages, string.Empty));
        return equal;
    }

    private static Action Plain(Graph graph, IBackend backend, ImmutableArray<Tensor> inputs)
    {
        Executor executor = new(graph, backend);
        return () => executor.Recycle(executor.Run(inputs));
    }

    // The terms under which the pinned receipts were made.
    private static Statement Template(Policy policy, Suite suite, string job) => StatementVerb.Default with
    {
        Policy = policy,
        Suite = suite,
        Challenge = new ChallengePolicy(1, ChallengePolicy.Whole / 2, "beacon", 3),
        JobId = Ids.Of("job", System.Text.Encoding.ASCII.GetBytes(job)),
    };
}
