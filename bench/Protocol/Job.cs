using System.Collections.Immutable;
using System.Diagnostics;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>A model under a statement.</summary>
internal sealed record Job(string Model, Graph Plain, LoweredGraph Graph, ImmutableArray<Tensor> Inputs, StatementFile Statement)
{
    /// <summary>Draws of a challenge.</summary>
    internal const int Samples = 100;

    /// <summary>The statement of a model on its first test inputs.</summary>
    internal static Job Of(string folder, string model, Policy policy, Suite suite, CpuBackend cpu)
    {
        string path = Path.Combine(folder, model);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(path, "test_data_set_0"), "input");
        Graph plain = OnnxModel.Load(Path.Combine(path, "model.onnx")).Specialize(inputs);
        LoweredGraph graph = Lowerer.Lower(plain, policy);
        return new Job(model, plain, graph, inputs, new Committer(cpu.Hasher).State(graph, inputs, Template(policy, suite)));
    }

    /// <summary>What a statement of the benchmarks says besides its graph.</summary>
    internal static Statement Template(Policy policy, Suite suite) => new()
    {
        Policy = policy,
        Suite = suite,
        GraphRoot = default,
        ParametersRoot = default,
        InputsRoot = default,
        Challenge = new ChallengePolicy(Samples, ChallengePolicy.Whole / 2, "bench", 1),
        Domain = Domain.Test,
    };

    /// <summary>What its prover holds after a run.</summary>
    internal HeldTrace Held(ReceiptFile receipt, MemoryTraceStore store) =>
        new(Statement, receipt, [.. Graph.Graph.Parameters.Select(parameter => parameter.Value)], Inputs, store);

    /// <summary>Median milliseconds of some runs in turn, each after one of its own kind, after half a second of warm-up: the
    /// runtime compiles hot code in tiers.</summary>
    /// <param name="rounds">Runs of each, and as many more as fit into a second, up to ten times as many.</param>
    /// <param name="ways">What runs.</param>
    internal static double[] Times(int rounds, params Action[] ways)
    {
        List<double>[] times = [.. ways.Select(_ => new List<double>())];
        Stopwatch all = Stopwatch.StartNew();
        for (int warm = 0; warm < 3 || all.Elapsed.TotalSeconds < 0.5; warm++)
        {
            ways[warm % ways.Length]();
        }

        all.Restart();
        for (int round = 0; round < rounds || (round < 10 * rounds && all.Elapsed.TotalSeconds < 1); round++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                ways[i](); // Not timed: it finds workers parked and caches full of what ran before.
                Stopwatch watch = Stopwatch.StartNew();
                ways[i]();
                times[i].Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
    }
}
