using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Proving;

/// <summary>Stages that different parties run make the receipt that one would have given.</summary>
internal sealed class StageTests
{
    [Test]
    public void Stages_compose_to_the_whole_run([Values] Policy policy, [Values] Suite suite) => Law.Holds(
        Law.Drawn(random => (Seed: random.Below(1 << 20), Nodes: 2 + random.Below(30), Random: random)),
        drawn =>
        {
            (Graph graph, ImmutableArray<Tensor> inputs) = RandomGraphs.Make(drawn.Seed, drawn.Nodes);
            Scene scene = Scene.Of(graph, inputs, policy, suite, samples: 1);
            ImmutableArray<int> ends = Staged.Ends(scene.Statement.Graph.Cuts(), drawn.Random, drawn.Random.Below(6));
            using ReferenceBackend backend = new();
            Staged staged = Staged.Run(scene.Statement, scene.Graph.Graph, inputs, ends, _ => backend);
            Composition composed = Composer.Compose(scene.Statement, [.. staged.Files.Reverse()], issued: scene.Receipt.Receipt.Issued);
            return composed.Verdict.Kind == VerdictKind.Valid
                && composed.Receipt!.ToArray().AsSpan().SequenceEqual(scene.Receipt.ToArray())
                && staged.Outputs.Zip(scene.Run.Outputs).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));
        },
        times: 60);

    [Test]
    public void A_decoder_is_run_by_three_parties_with_kernels([Values] Policy policy)
    {
        Scene scene = Scene.Make(policy);
        Cuts cuts = scene.Statement.Graph.Cuts();
        using CpuBackend one = new(1);
        using CpuBackend two = new(2);
        using ReferenceBackend three = new();
        IBackend[] backends = [one, two, three];
        ImmutableArray<int> ends = [cuts.Positions[cuts.Positions.Length / 3], cuts.Positions[2 * cuts.Positions.Length / 3], cuts.Count];
        MemoryTraceStore store = new();
        Staged staged = Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, ends, stage => backends[stage], store, one.Hasher);
        Composition composed = Composer.Compose(scene.Statement, staged.Files, issued: scene.Receipt.Receipt.Issued);
        Assert.That(composed.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), composed.Verdict.Text);
        Assert.That(composed.Receipt!.Receipt.Id, Is.EqualTo(scene.Receipt.Receipt.Id));
        Assert.That(Enumerable.Range(0, cuts.Count).Select(composed.StageOf), Is.All.Not.Null);
        Assert.That(composed.StageOf(cuts.Count), Is.Null);
        Scene whole = scene with { Store = store };
        Proof proof = Prover.Prove(whole.Held, scene.Challenge, PlainHasher.Instance);
        Assert.That(proof.ToArray(), Is.EqualTo(scene.Proof.ToArray()), "what the stages keep answers every challenge");
    }

    /// <summary>A stage alone keeps all that challenges of its own elements ask for.</summary>
    [Test]
    public void A_stage_proves_its_own_elements([Values] Policy policy)
    {
        Scene scene = Scene.Make(policy);
        Cuts cuts = scene.Statement.Graph.Cuts();
        ImmutableArray<int> ends = [.. cuts.Positions.Where((_, i) => i % 3 == 0), cuts.Count];
        using ReferenceBackend backend = new();
        Staged staged = Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, [.. ends.Distinct()], _ => backend);
        foreach (StageFile file in staged.Files)
        {
            MemoryTraceStore store = new();
            StageCommitter alone = new(scene.Statement, scene.Graph.Graph, file.Receipt.First, file.Receipt.End, backend, PlainHasher.Instance);
            CommittedStage run = alone.Run(
                scene.Inputs, [.. alone.Part.Taken.Select(value => staged.Given[value])], file.Receipt.Prover, file.Receipt.Issued, store);
            Assert.That(run.File.ToArray(), Is.EqualTo(file.ToArray()));
            Scene own = scene with { Store = store };
            foreach (ElementRef element in Elements(scene.Statement.Graph).Where(element => alone.Part.First <= element.Node && element.Node < alone.Part.End))
            {
                Assert.That(own.Check(element), Is.Empty, element.ToString());
            }
        }
    }

    /// <summary>A wrong bit of a stage is the stage's: spot check and audit name a record of its range, whatever the later stages make of it, and nothing
    /// of these can be shown.</summary>
    [Test]
    public void A_wrong_stage_is_convicted_and_no_other([Values] Policy policy, [Values(0, 1, 2, 3, 4, 5)] int seed)
    {
        Scene scene = Scene.Make(policy, samples: 1, seed: seed + 1);
        Adversarial random = new((ulong)seed);
        CommittedGraph committed = scene.Statement.Graph;
        ImmutableArray<int> ends = Staged.Ends(committed.Cuts(), random, random.Below(8));
        int guilty = random.Below(ends.Length);
        int first = guilty == 0 ? 0 : ends[guilty - 1];
        ValueRef[] own = [.. committed.Committed.Where(value => first <= value.Index && value.Index < ends[guilty]
            && committed.TypeOf(value.Index, value.Slot).DType == DType.F32).OrderBy(value => (value.Index, value.Slot))];
        if (own.Length == 0)
        {
            own = [.. committed.Committed.Where(value => first <= value.Index && value.Index < ends[guilty])];
        }

        ValueRef wrong = own[random.Below(own.Length)];
        using ReferenceBackend honest = new();
        using Flipping flipping = new(scene.Graph.Graph.Nodes[wrong.Index].Name, wrong.Slot);
        MemoryTraceStore store = new();
        Staged staged = Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, ends, stage => stage == guilty ? flipping : honest, store);
        Composition composed = Composer.Compose(scene.Statement, staged.Files);
        Assert.That(composed.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), composed.Verdict.Text);
        Assert.That(flipping.Flips, Is.Positive);
        Scene cheat = scene with { Run = new CommittedRun(staged.Outputs, composed.Receipt!), Store = store };
        List<ElementRef> found = [.. Elements(committed).Where(element => cheat.Check(element).Length > 0)];
        Assert.That(found, Is.Not.Empty);
        Assert.That(found.Select(element => composed.StageOf(element.Node)), Is.All.EqualTo(staged.Files[guilty].Receipt));
        AuditResult audit = new Auditor(PlainHasher.Instance).Audit(
            scene.Statement, composed.Receipt!, scene.Graph.Graph, scene.Inputs, honest, store);
        Assert.That(audit.FraudProof!.Verify(PlainHasher.Instance).Kind, Is.EqualTo(VerdictKind.Invalid));
        Assert.That(composed.StageOf(audit.Verdict.Element!.Value.Node)!.Prover, Is.EqualTo(Staged.Key(guilty)));
        (Verdict conviction, StageReceipt? blamed) = Composer.Blame(scene.Statement, staged.Files, audit.FraudProof!, PlainHasher.Instance);
        Assert.That((conviction.Kind, blamed), Is.EqualTo((VerdictKind.Invalid, staged.Files[guilty].Receipt)));

        // Who composes and changes what no stage signed is alone with it.
        Staged others = Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, ends, _ => honest, new MemoryTraceStore());
        (Verdict spared, StageReceipt? nobody) = Composer.Blame(scene.Statement, others.Files, audit.FraudProof!, PlainHasher.Instance);
        Assert.That((spared.Reason, nobody), Is.EqualTo((Reason.NotBound, (StageReceipt?)null)));
        Challenge challenge = new(scene.Statement.Statement.Id, composed.Receipt!.Receipt.Id, [], "beacon", 1, default, 3000);
        Verdict spot = SpotCheck.Verify(
            scene.Statement, composed.Receipt, challenge, Prover.Prove(cheat.Held, challenge, PlainHasher.Instance), PlainHasher.Instance);
        Assert.That(spot.Kind == VerdictKind.Valid || composed.StageOf(spot.Element!.Value.Node)!.Prover == Staged.Key(guilty), Is.True, spot.Text);
    }

    [Test]
    public void What_is_not_the_stages_is_refused()
    {
        Scene scene = Scene.Make(Policy.Atomic);
        Cuts cuts = scene.Statement.Graph.Cuts();
        using ReferenceBackend backend = new();
        int end = cuts.Positions[3];
        Staged staged = Staged.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, [end, cuts.Count], _ => backend);
        StageCommitter Second(Graph graph) => new(scene.Statement, graph, end, cuts.Count, backend, PlainHasher.Instance);
        StageCommitter second = Second(scene.Graph.Graph);
        ImmutableArray<Tensor> taken = [.. second.Part.Taken.Select(value => staged.Given[value])];
        Tensor spoilt = new(taken[0].Type, (byte[])[0xFF, 0xFF, 0xFF, 0xFF, .. taken[0].Bytes.Span[4..]]);
        Tensor other = Tensor.Of<long>(DType.I64, scene.Inputs[0].Type.Shape, new long[scene.Inputs[0].Type.Elements]);
        Assert.Multiple(() =>
        {
            Assert.That(() => second.Run(scene.Inputs, []), Throws.ArgumentException.With.Message.Contains("takes in"));
            Assert.That(() => second.Run(scene.Inputs, taken.SetItem(0, spoilt)), Throws.ArgumentException.With.Message.Contains("not canonical"));
            Assert.That(() => second.Run([other], taken), Throws.ArgumentException.With.Message.Contains("inputs are not the statement's"));
            Assert.That(() => Second(RandomGraphs.Make(1).Graph), Throws.ArgumentException.With.Message.Contains("graph is not the statement's"));
            Assert.That(() => GraphPart.Of(scene.Graph.Graph, cuts, 5, 5), Throws.ArgumentException.With.Message.Contains("cannot be cut"));
        });
    }

    // Every element of small outputs, some of large ones.
    private static IEnumerable<ElementRef> Elements(CommittedGraph graph) => graph.Committed.SelectMany(value =>
    {
        long elements = graph.TypeOf(value.Index, value.Slot).Elements;
        long step = elements > 400 ? 13 : 1;
        return Enumerable.Range(0, (int)((elements + step - 1) / step)).Select(i => new ElementRef(value.Index, value.Slot, i * step));
    });

    // The definition, but for one bit of the first element of an output of a node.
    private sealed class Flipping(string node, int slot) : IBackend
    {
        private readonly ReferenceBackend _definition = new();

        public string Name => "flipping";

        public int Flips { get; private set; }

        public void Run(NodeCall call, CancellationToken cancellation)
        {
            _definition.Run(call, cancellation);
            if (call.Node.Name == node && slot < call.Outputs.Length)
            {
                call.Outputs[slot].Span[0] ^= 1;
                Flips++;
            }
        }

        public void Dispose() => _definition.Dispose();
    }
}
