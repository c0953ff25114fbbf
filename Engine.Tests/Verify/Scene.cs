using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>One honest run of a small graph, from statement to proof: what forgeries start from. The graph is a block of a decoder (a square
/// weight, an embedding, attention with its transposed value, a norm, a residual) and an integer output.</summary>
internal sealed record Scene(
    LoweredGraph Graph, ImmutableArray<Tensor> Inputs, StatementFile Statement, CommittedRun Run, MemoryTraceStore Store, Challenge Challenge, Proof Proof)
{
    private const int Tokens = 6;
    private const int Width = 40;
    private const int Vocabulary = 300;

    public ReceiptFile Receipt => Run.Receipt;

    public HeldTrace Held => new(Statement, Receipt, [.. Graph.Graph.Parameters.Select(parameter => parameter.Value)], Inputs, Store);

    public static Scene Make(
        Policy policy = Policy.Compact, Suite suite = Suite.Sha256, int samples = 12, int seed = 1, Func<Graph, Graph>? other = null, string job = "job")
    {
        Graph graph = Block(seed);
        graph = other is null ? graph : other(graph);
        return Of(graph, Prompt(seed), policy, suite, samples, job);
    }

    public static Scene Of(Graph graph, ImmutableArray<Tensor> inputs, Policy policy, Suite suite, int samples, string job = "job", IBackend? backend = null) =>
        Of(Lowerer.Lower(graph, policy), inputs, Template(policy, suite, samples, job), backend);

    /// <summary>A run of a lowered graph, faithful if the backend is. What is not about graph and inputs is the template's.</summary>
    public static Scene Of(LoweredGraph lowered, ImmutableArray<Tensor> inputs, Statement template, IBackend? backend = null)
    {
        Committer committer = new(PlainHasher.Instance);
        StatementFile statement = Stated(lowered, inputs, template);
        using ReferenceBackend reference = new();
        MemoryTraceStore store = new();
        CommittedRun run = committer.Run(statement, lowered.Graph, inputs, backend ?? reference, issued: 1_700_000_000, store: store);
        Challenge challenge = new(
            statement.Statement.Id, run.Receipt.Receipt.Id, [1, 2, 3], "beacon", 7, Ids.Of("beacon value", [1]), template.Challenge.Samples);
        Scene scene = new(lowered, inputs, statement, run, store, challenge, null!);
        return scene with { Proof = Prover.Prove(scene.Held, challenge, PlainHasher.Instance) };
    }

    /// <summary>Checks one element from the held trace; empty where it holds.</summary>
    public string Check(ElementRef element)
    {
        HeldLeaves leaves = new(Held, PlainHasher.Instance);
        Evaluator evaluator = new(leaves);
        ulong evaluated = evaluator.Evaluate(element);
        ulong committed = evaluator.Committed(element);
        return evaluator.Failure != Reason.None ? evaluator.Text : evaluated == committed ? string.Empty : $"{evaluated:X} is committed as {committed:X}";
    }

    /// <summary>Operations and different leaves that checking an element takes.</summary>
    public (long Operations, long Leaves, string Text) Measure(ElementRef element)
    {
        HeldLeaves leaves = new(Held, PlainHasher.Instance);
        Evaluator evaluator = new(leaves);
        evaluator.Evaluate(element);
        return (evaluator.Operations, leaves.LeafCount, evaluator.Text);
    }

    public Verdict Verify() => SpotCheck.Verify(Statement, Receipt, Challenge, Proof, PlainHasher.Instance);

    // As a host would state it who does not look at the values: forgeries state what the library refuses to.
    private static StatementFile Stated(LoweredGraph lowered, ImmutableArray<Tensor> inputs, Statement template)
    {
        Digest Root(TreeKind kind, IEnumerable<Tensor> tensors) => MerkleTree.RootOf(
            template.Suite, kind, new Committer(PlainHasher.Instance).Leaves(template.Suite, tensors), PlainHasher.Instance);
        return StatementFile.Make(lowered.Committed, template with
        {
            ParametersRoot = Root(TreeKind.Parameters, lowered.Graph.Parameters.Select(parameter => parameter.Value)),
            InputsRoot = Root(TreeKind.Inputs, inputs),
        });
    }

    /// <summary>What a statement says that is not about graph and inputs.</summary>
    public static Statement Template(Policy policy, Suite suite, int samples, string job) => new()
    {
        Policy = policy,
        Suite = suite,
        GraphRoot = default,
        ParametersRoot = default,
        InputsRoot = default,
        Challenge = new ChallengePolicy(samples, ChallengePolicy.Whole / 2, "beacon", 3),
        Domain = Domain.Test,
        JobId = Ids.Of("job", System.Text.Encoding.ASCII.GetBytes(job)),
    };

    private static ImmutableArray<Tensor> Prompt(int seed)
    {
        Adversarial random = new((ulong)seed + 100);
        return [Tensor.Of<long>(DType.I64, new Shape(Tokens), [.. Enumerable.Range(0, Tokens).Select(_ => (long)random.Below(Vocabulary))])];
    }

    private static Graph Block(int seed)
    {
        Adversarial random = new((ulong)seed);
        Tensor Weight(params long[] extents)
        {
            Shape shape = new(extents);
            return Tensor.Of<float>(DType.F32, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (random.Below(2001) - 1000) / 4000f)]);
        }

        GraphBuilder builder = new();
        ValueRef tokens = builder.Input("tokens", new TensorType(DType.I64, new Shape(Tokens)));
        ValueRef x = builder.Add("embed", new Gather(0), builder.Parameter("embedding", Weight(Vocabulary, Width)), tokens);
        ValueRef normed = builder.Add(
            "norm", new LayerNorm(1e-5f), x, builder.Parameter("gamma", Weight(Width)), builder.Parameter("beta", Weight(Width)));
        ValueRef Project(string name) =>
            builder.Add(name, Dot.Plain, normed, builder.Transpose(name, builder.Parameter(name, Weight(Width, Width)), 1, 0));
        ValueRef query = Project("query");
        ValueRef key = Project("key");
        ValueRef value = Project("value");
        ValueRef weights = builder.Add("softmax", new Softmax(false), builder.Add("scores", Dot.Plain, query, key));
        ValueRef mixed = builder.Add("mix", Dot.Plain, weights, builder.Transpose("mix", value, 1, 0));
        ValueRef residual = builder.Add("residual", Add.Instance, x, mixed);
        ValueRef active = builder.Add("gelu", Gelu.Instance, residual);
        ValueRef logits = builder.Add("logits", Dot.Plain, active, builder.Parameter("head", Weight(Vocabulary, Width)));
        ValueRef positive = builder.Add("positive", Greater.Instance, residual, x);
        return builder.Build(
            new GraphOutput("logits", logits), new GraphOutput("positive", positive), new GraphOutput("view", builder.Transpose("view", residual, 1, 0)));
    }
}
