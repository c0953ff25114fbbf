using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>One line of the table of detections.</summary>
internal sealed record DetectionResult(string Model, string Cheat, double Wrong, int Samples, double Formula, double Measured);

/// <summary>How often draws hit a wrong element, counted over many beacons, beside the formula.</summary>
internal static class Detection
{
    /// <summary>Challenges tried.</summary>
    internal const int Beacons = 1000;

    // Elements checked one by one to find which are wrong; larger models are left out.
    private const int MostElements = 500_000;

    private static readonly int[] Samples = [1, 4, 16, 100, 459];

    /// <summary>A model with rounded weights, and with a node skipped.</summary>
    internal static IEnumerable<DetectionResult> Of(Job job, CpuBackend cpu)
    {
        if (job.Graph.Committed.Elements > MostElements)
        {
            yield break;
        }

        Graph graph = job.Graph.Graph;
        Committer committer = new(cpu.Hasher);
        if (graph.Parameters.Any(parameter => parameter.Value.Type.DType == DType.F32 && parameter.Value.Type.Shape.Rank > 1))
        {
            MemoryTraceStore store = new();
            CommittedRun run = committer.Run(job.Statement, graph.WithParameters(FaultyBackend.Rounded(graph)), job.Inputs, cpu, store: store);
            foreach (DetectionResult result in Count(job, "weights in bf16", run, store, cpu))
            {
                yield return result;
            }
        }

        Node skipped = graph.Nodes.Where(node => node.Op is not View and not Copy && node.Inputs.Any(
            input => input.Kind != ValueKind.Parameter && graph.TypeOf(input) == node.Outputs[0])).Skip(2).First();
        FaultyBackend faulty = new(cpu, new Fault(FaultKind.Skip, 0, skipped.Name), job.Graph);
        MemoryTraceStore kept = new();
        CommittedRun cheat = committer.Run(job.Statement, graph, job.Inputs, faulty, store: kept);
        foreach (DetectionResult result in Count(job, $"skips {skipped.Name} ({skipped.Op.Name})", cheat, kept, cpu))
        {
            yield return result;
        }
    }

    private static IEnumerable<DetectionResult> Count(Job job, string cheat, CommittedRun run, MemoryTraceStore store, CpuBackend cpu)
    {
        HashSet<ElementRef> wrong = Wrong(job, run, store, cpu);
        CommittedGraph graph = job.Graph.Committed;
        ChallengePolicy policy = job.Statement.Statement.Challenge;
        double work = wrong.Sum(element => (double)graph.CostOf(element.Node, element.Slot).Operations) / (double)graph.Work;
        double uniform = wrong.Count / (double)graph.Elements;
        double share = policy.Mix / (double)ChallengePolicy.Whole;
        double f = (share * work) + ((1 - share) * uniform);
        foreach (int k in Samples)
        {
            int found = 0;
            for (int beacon = 0; beacon < Beacons; beacon++)
            {
                Challenge challenge = new(
                    job.Statement.Statement.Id, run.Receipt.Receipt.Id, [], "bench", (ulong)beacon, Ids.Of("beacon", BitConverter.GetBytes(beacon)), k);
                found += Enumerable.Range(0, k).Any(i => wrong.Contains(challenge.Draw(i, policy, graph))) ? 1 : 0;
            }

            yield return new DetectionResult(job.Model, cheat, f, k, 1 - Math.Pow(1 - f, k), found / (double)Beacons);
        }
    }

    private static HashSet<ElementRef> Wrong(Job job, CommittedRun run, MemoryTraceStore store, CpuBackend cpu)
    {
        Evaluator evaluator = new(new HeldLeaves(job.Held(run.Receipt, store), cpu.Hasher));
        HashSet<ElementRef> wrong = [];
        for (UInt128 position = 0; position < job.Graph.Committed.Elements; position++)
        {
            ElementRef element = job.Graph.Committed.AtElement(position);
            if (evaluator.Evaluate(element) != evaluator.Committed(element))
            {
                wrong.Add(element);
            }
        }

        return evaluator.Failure == Reason.None ? wrong : throw new InvalidDataException(evaluator.Text);
    }
}
