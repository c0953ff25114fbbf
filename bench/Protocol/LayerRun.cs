using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Hashing;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>The verb <c>layers</c>: what committing costs on one layer of a transformer, batch·sequence 128, and on the demo's decoder.</summary>
internal static class LayerRun
{
    private const int Tokens = 128;
    private const float Epsilon = 1e-5f;

    /// <summary>Runs one layer: <c>layers WIDTH [THREADS [SECONDS]] [trace]</c>; width 0 is the demo's decoder.</summary>
    public static int Run(string[] args)
    {
        int width = int.Parse(args[0], CultureInfo.InvariantCulture);
        using CpuBackend cpu = new(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1);
        Graph plain = width == 0 ? DecoderModel.Standard.Build() : Layer(width, width >= 2048 ? width / 128 : width / 64);
        ImmutableArray<Tensor> inputs = [width == 0 ? DecoderModel.Standard.Prompt() : Drawn(new Shape(Tokens, width), 1)];
        Executor executor = new(plain, cpu);
        List<(string Name, Func<Action> Prepare, string Facts)> ways = [("plain", () => () => executor.Run(inputs), string.Empty)];
        foreach (Policy policy in Enum.GetValues<Policy>())
        {
            LoweredGraph graph = Lowerer.Lower(plain, policy);
            Executor lowered = new(graph.Graph, cpu);
            ways.Add(($"{policy.Name()} lowered", () => () => lowered.Run(inputs), string.Empty));
            foreach (Suite suite in Enum.GetValues<Suite>())
            {
                ways.Add(Way(graph, policy, suite, lowered, inputs, cpu, args.Contains("trace")));
            }
        }

        Tell(ways, args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 20, (args.Length < 2 || args[1] == "1") && !args.Contains("trace"));
        return 0;
    }

    private static (string, Func<Action>, string) Way(
        LoweredGraph graph, Policy policy, Suite suite, Executor lowered, ImmutableArray<Tensor> inputs, CpuBackend cpu, bool traced)
    {
        Committer committer = new(cpu.Hasher);
        StatementFile statement = committer.State(graph, inputs, Job.Template(policy, suite));
        MemoryTraceStore store = new();
        CommittedRun run = committer.Run(statement, lowered, inputs, store: store);
        HeldTrace held = new(statement, run.Receipt, [.. graph.Graph.Parameters.Select(parameter => parameter.Value)], inputs, store);
        Challenge challenge = new(statement.Statement.Id, run.Receipt.Receipt.Id, [], "bench", 1, Ids.Of("bench beacon", [1]), Job.Samples);
        Proof proof = Prover.Prove(held, challenge, cpu.Hasher);
        double[] ms = Job.Times(
            3,
            () => Prover.Prove(held, challenge, cpu.Hasher),
            () => SpotCheck.Verify(statement, run.Receipt, challenge, proof, cpu.Hasher));
        Verdict verdict = SpotCheck.Verify(statement, run.Receipt, challenge, proof, cpu.Hasher);
        long committed = graph.Committed.Records.SelectMany(record => record.Outputs)
            .Where(output => output.Resolution == Resolution.Committed).Sum(output => output.Type.Bytes);
        string facts = string.Create(
            CultureInfo.InvariantCulture,
            $"{committed / 1024} KiB | {proof.ToArray().Length / 1024} KiB | {ms[0]:0.0} | {ms[1]:0.0} | {verdict.Kind}");
        string path = Path.Combine(Path.GetTempPath(), $"layer-{Environment.ProcessId}.trace");
        void Traced()
        {
            using TraceFile trace = TraceFile.Create(path, statement, "layer", inputs);
            trace.Complete(committer.Run(statement, lowered, inputs, store: trace).Receipt);
        }

        return ($"{policy.Name()} {suite}", () => traced ? Traced : () => committer.Run(statement, lowered, inputs), facts);
    }

    // Where this thread does everything, the time that it runs.
    private static double Now(bool alone) => alone ? ThreadClock.Seconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    private static void Tell(List<(string Name, Func<Action> Prepare, string Facts)> ways, double seconds, bool alone)
    {
        Action[] runs = [.. ways.Select(way => way.Prepare())];
        List<double>[] times = [.. ways.Select(_ => new List<double>())];
        Stopwatch all = Stopwatch.StartNew();
        while (all.Elapsed.TotalSeconds < seconds)
        {
            for (int i = 0; i < runs.Length; i++)
            {
                double start = Now(alone);
                runs[i]();
                if (all.Elapsed.TotalSeconds > seconds / 8)
                {
                    times[i].Add(1e3 * (Now(alone) - start));
                }
            }
        }

        double[] least = [.. times.Select(list => list.Min())];
        double[] median = [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
        Console.WriteLine($"{times[0].Count} runs of each");
        Console.WriteLine("| way | least, ms | median, ms | overhead, least | overhead, median | committed | proof | prove, ms | verify, ms | verdict |");
        for (int i = 0; i < ways.Count; i++)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {ways[i].Name} | {least[i]:0.000} | {median[i]:0.000} | {(least[i] / least[0]) - 1:P1} | {(median[i] / median[0]) - 1:P1} "
                + $"| {ways[i].Facts} |"));
        }
    }

    // Norm, attention with softmax, projection and residual; norm, two products with GELU between, and residual.
    private static Graph Layer(int width, int heads)
    {
        GraphBuilder builder = new();
        Shape rows = new(Tokens, width);
        ValueRef x = builder.Input("x", new TensorType(DType.F32, rows));
        ValueRef Weight(string name, float scale, params ReadOnlySpan<long> extents) => builder.Parameter(name, Drawn(new Shape(extents), scale));
        ValueRef Norm(string name, ValueRef value) =>
            builder.Add(name, new LayerNorm(Epsilon), value, Weight("gamma", 1, width), Weight("beta", 0.1f, width));
        ValueRef Project(string name, ValueRef value, int from, int to) => builder.Add(
            name, Dot.Plain, value, Weight(name, 1.5f / MathF.Sqrt(from), to, from), builder.Expand(name, Weight(name, 0.02f, to), new Shape(Tokens, to)));
        ValueRef Heads(ValueRef value) => builder.Transpose("heads", builder.Reshape("heads", value, new Shape(Tokens, heads, width / heads)), 1, 0, 2);
        ValueRef normed = Norm("norm 1", x);
        ValueRef query = Heads(Project("query", normed, width, width));
        ValueRef key = Heads(Project("key", normed, width, width));
        ValueRef value = Heads(Project("value", normed, width, width));
        ValueRef scale = builder.Parameter("scale", Tensor.Of<float>(DType.F32, Shape.Scalar, 1 / MathF.Sqrt(width / heads)));
        ValueRef scores = builder.Add("scores", Dot.Plain, query, key);
        scores = builder.Add("scaled", Mul.Instance, scores, builder.Expand("scale", scale, new Shape(heads, Tokens, Tokens)));
        ValueRef weights = builder.Add("softmax", new Softmax(logarithm: false), scores);
        ValueRef mixed = builder.Add("mixed", Dot.Plain, weights, builder.Transpose("value", value, 0, 2, 1));
        ValueRef joined = builder.Reshape("joined", builder.Transpose("joined", mixed, 1, 0, 2), rows);
        x = builder.Add("residual 1", Add.Instance, x, Project("projection", joined, width, width));
        ValueRef hidden = builder.Add("gelu", Gelu.Instance, Project("up", Norm("norm 2", x), width, 4 * width));
        x = builder.Add("residual 2", Add.Instance, x, Project("down", hidden, 4 * width, width));
        return builder.Build([new GraphOutput("y", x)]);
    }

    private static Tensor Drawn(Shape shape, float scale)
    {
        byte[] bytes = new byte[4 * shape.Elements];
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        Philox random = new((ulong)values.Length, 0, 0);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = scale * ((2 * random.Uniform(i)) - 1);
        }

        return new Tensor(new TensorType(DType.F32, shape), bytes);
    }
}
