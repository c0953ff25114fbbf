using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Hashing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>Cheating provers on real models: what an audit names is what was done, and what it writes convicts the cheat alone.</summary>
internal sealed class AuditTests
{
    private const int Seeds = 50;
    private static readonly string[] Models = ["mlperf-resnet8-f32", "mlperf-kws-dscnn-int8-qop", "stories260K/onnx_nocache"];
    private static readonly string[] FloatModels = ["mlperf-resnet8-f32", "stories260K/onnx_nocache"];
    private static readonly MultiBufferHasher Hasher = new();

    [Test, Category("slow")]
    public void One_flipped_bit_is_named_and_convicts([ValueSource(nameof(Models))] string name)
    {
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(name, Policy.Compact2);
        using CpuBackend cpu = new();
        Committer committer = new(Hasher);
        CommittedRun honest = committer.Run(statement, graph.Graph, inputs, cpu);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            using FaultyBackend faulty = new(new CpuBackend(), new Fault(FaultKind.Flip, seed, string.Empty), graph);
            MemoryTraceStore store = new();
            CommittedRun run = committer.Run(statement, graph.Graph, inputs, faulty, store: store);
            AuditResult result = new Auditor(Hasher).Audit(statement, run.Receipt, graph.Graph, inputs, cpu, store);
            Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid), $"seed {seed}: {result.Verdict.Text}");
            Assert.That(result.Verdict.Element, Is.EqualTo(faulty.Element), $"seed {seed}");
            Assert.That(FraudProof.TryRead(result.FraudProof!.ToArray(), out FraudProof? proof, out string why), Is.True, why);
            Assert.That(proof!.Verify(Hasher).Kind, Is.EqualTo(VerdictKind.Invalid), $"seed {seed}");
            Assert.That((proof with { Receipt = honest.Receipt.Receipt }).Verify(Hasher).Reason, Is.EqualTo(Reason.AccusationDismissed), $"seed {seed}");
        }
    }

    /// <summary>A fault of the auditor's own machine accuses nobody, whether the trace is at hand or not; one of the prover's is named all the
    /// same.</summary>
    [Test]
    public void Faulty_auditor_accuses_nobody([Values] Policy policy, [Values] bool hasTrace)
    {
        const string Model = "mlperf-kws-dscnn-int8-qop";
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(Model, policy);
        Committer committer = new(Hasher);
        for (ulong seed = 0; seed < 4; seed++)
        {
            using FaultyBackend faulty = new(new CpuBackend(), new Fault(FaultKind.Flip, seed, string.Empty), graph);
            using FaultyBackend cheating = new(new CpuBackend(), new Fault(FaultKind.Flip, seed + 100, string.Empty), graph);
            using CpuBackend cpu = new();
            MemoryTraceStore kept = new();
            CommittedRun honest = committer.Run(statement, graph.Graph, inputs, cpu, store: kept);
            AuditResult spared = new Auditor(Hasher).Audit(statement, honest.Receipt, graph.Graph, inputs, faulty, hasTrace ? kept : null);
            Assert.That(spared.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), $"seed {seed}: {spared.Verdict.Text}");
            Assert.That(spared.Verdict.Text, Does.Contain("does not compute as defined"));
            CommittedRun cheat = committer.Run(statement, graph.Graph, inputs, cheating, store: kept);
            AuditResult found = new Auditor(Hasher).Audit(statement, cheat.Receipt, graph.Graph, inputs, faulty, hasTrace ? kept : null);
            Assert.That(found.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid), $"seed {seed}: {found.Verdict.Text}");
            Assert.That(found.Verdict.Element?.Node, Is.EqualTo(cheating.Element?.Node), $"seed {seed}");
        }
    }

    [Test]
    public void Rounded_weights_are_found_by_a_spot_check([ValueSource(nameof(FloatModels))] string name)
    {
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(name, Policy.Compact);
        using CpuBackend cpu = new();
        MemoryTraceStore store = new();
        CommittedRun run = new Committer(Hasher).Run(
            statement, graph.Graph.WithParameters(FaultyBackend.Rounded(graph.Graph)), inputs, cpu, store: store);
        Assert.That(SpotCheck(graph, inputs, statement, run, store).Kind, Is.EqualTo(VerdictKind.Invalid));
    }

    [Test]
    public void Skipped_node_is_found_by_a_spot_check([ValueSource(nameof(Models))] string name)
    {
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(name, Policy.Atomic);
        int node = Enumerable.Range(0, graph.Graph.Nodes.Length).Where(i => graph.Graph.Nodes[i] is { Op: not View and not Copy } skipped
            && skipped.Inputs.Any(input => input.Kind != ValueKind.Parameter && graph.Graph.TypeOf(input) == skipped.Outputs[0])).MaxBy(
                i => graph.Graph.Nodes[i].Outputs[0].Elements);
        using FaultyBackend faulty = new(new CpuBackend(), new Fault(FaultKind.Skip, 0, graph.Graph.Nodes[node].Name), graph);
        MemoryTraceStore store = new();
        CommittedRun run = new Committer(Hasher).Run(statement, graph.Graph, inputs, faulty, store: store);
        Verdict verdict = SpotCheck(graph, inputs, statement, run, store);
        Assert.That(verdict.Kind, Is.EqualTo(VerdictKind.Invalid), graph.Graph.Nodes[node].Name);
    }

    [Test]
    public void Honest_run_passes_audit_and_spot_check([ValueSource(nameof(Models))] string name, [Values] Policy policy)
    {
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(name, policy);
        using CpuBackend cpu = new();
        MemoryTraceStore store = new();
        CommittedRun run = new Committer(Hasher).Run(statement, graph.Graph, inputs, cpu, store: store);
        Assert.That(SpotCheck(graph, inputs, statement, run, store).Kind, Is.EqualTo(VerdictKind.Valid));
        Assert.That(new Auditor(Hasher).Audit(statement, run.Receipt, graph.Graph, inputs, cpu).Verdict.Kind, Is.EqualTo(VerdictKind.Valid));
    }

    [Test, Category("simd")]
    public void Receipt_is_the_same_everywhere([ValueSource(nameof(Models))] string name, [Values] Policy policy)
    {
        (LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement) = Load(name, policy);
        using ReferenceBackend reference = new();
        byte[] expected = new Committer(PlainHasher.Instance).Run(statement, graph.Graph, inputs, reference).Receipt.ToArray();
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using CpuBackend cpu = new(threads, level);
                byte[] actual = new Committer(cpu.Hasher).Run(statement, graph.Graph, inputs, cpu).Receipt.ToArray();
                Assert.That(actual, Is.EqualTo(expected), $"{level}, {threads} threads");
            }
        }
    }

    private static Verdict SpotCheck(
        LoweredGraph graph, ImmutableArray<Tensor> inputs, StatementFile statement, CommittedRun run, MemoryTraceStore store)
    {
        Challenge challenge = new(
            statement.Statement.Id, run.Receipt.Receipt.Id, [], statement.Statement.Challenge.BeaconId, 1, Ids.Of("value", [7]), 459);
        HeldTrace held = new(statement, run.Receipt, [.. graph.Graph.Parameters.Select(parameter => parameter.Value)], inputs, store);
        Proof proof = Prover.Prove(held, challenge, Hasher);
        return VerifiableCompute.Engine.Verify.Checking.SpotCheck.Verify(statement, run.Receipt, challenge, proof, Hasher);
    }

    private static (LoweredGraph Graph, ImmutableArray<Tensor> Inputs, StatementFile Statement) Load(string name, Policy policy)
    {
        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", name);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        LoweredGraph graph = Lowerer.Lower(OnnxModel.Load(Path.Combine(folder, "model.onnx")).Specialize(inputs), policy);
        Statement template = new()
        {
            Policy = policy,
            Suite = Suite.Blake3,
            GraphRoot = default,
            ParametersRoot = default,
            InputsRoot = default,
            Challenge = new ChallengePolicy(459, ChallengePolicy.Whole / 2, "test", 1),
            Domain = Domain.Test,
        };
        return (graph, inputs, new Committer(Hasher).State(graph, inputs, template));
    }
}
