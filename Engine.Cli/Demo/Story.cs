using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli.Demo;

/// <summary>What happened to one prover of the demo.</summary>
/// <param name="Who">The prover.</param>
/// <param name="RunMilliseconds">Its run, committed, trace written.</param>
/// <param name="SpotCheck">Verdict of the spot check.</param>
/// <param name="ProofBytes">Size of its proof.</param>
/// <param name="VerifyMilliseconds">What verifying cost.</param>
/// <param name="Audit">Verdict of the audit.</param>
/// <param name="AuditMilliseconds">What auditing cost.</param>
/// <param name="FraudProofBytes">Size of the fraud proof; 0: none.</param>
/// <param name="JudgeMilliseconds">What judging the fraud proof cost.</param>
/// <param name="Where">What the audit names.</param>
internal sealed record Chapter(
    string Who,
    double RunMilliseconds,
    Verdict SpotCheck,
    long ProofBytes,
    double VerifyMilliseconds,
    Verdict Audit,
    double AuditMilliseconds,
    long FraudProofBytes,
    double JudgeMilliseconds,
    string Where)
{
    /// <summary>Whether somebody caught it.</summary>
    internal bool IsCaught => SpotCheck.Kind == VerdictKind.Invalid || Audit.Kind == VerdictKind.Invalid;
}

/// <summary>The protocol on the demo's decoder: a host's statement, an honest prover, and three that cheat.</summary>
internal sealed class Story : IDisposable
{
    // They find 1 % of wrong elements with 99 %.
    private const int Samples = 459;

    private readonly string _folder = Directory.CreateTempSubdirectory("vcompute-demo-").FullName;
    private readonly CpuBackend _cpu = new();
    private readonly Committer _committer;
    private readonly ImmutableArray<Tensor> _inputs;
    private readonly LoweredGraph _graph;

    internal Story(DecoderModel model)
    {
        _committer = new Committer(_cpu.Hasher);
        _inputs = [model.Prompt()];
        _graph = Lowerer.Lower(model.Build(), StatementVerb.Default.Policy);
        ChallengePolicy thorough = StatementVerb.Default.Challenge with { Samples = Samples };
        Statement = _committer.State(_graph, _inputs, StatementVerb.Default with { Challenge = thorough });
    }

    /// <summary>What the host wants run.</summary>
    internal StatementFile Statement { get; }

    /// <summary>The provers, one after the other.</summary>
    internal IEnumerable<Chapter> Tell(CancellationToken cancellation)
    {
        yield return Tell("honest", [], cancellation);
        yield return Tell("rounds its weights to bf16", ["bf16"], cancellation);
        yield return Tell("skips layer 4", ["skip:layer4/attention/residual", "skip:layer4/mlp/residual"], cancellation);
        yield return Tell("flips one bit of one activation", ["flip:1"], cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cpu.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Chapter Tell(string who, string[] faults, CancellationToken cancellation)
    {
        Fault[] parsed = [.. faults.Select(Fault.Parse)];
        Graph run = parsed.Any(fault => fault.Kind == FaultKind.Bf16) ? _graph.Graph.WithParameters(FaultyBackend.Rounded(_graph.Graph)) : _graph.Graph;
        IBackend backend = parsed.Length == 0 ? new SelfCheckingBackend(_cpu, 1, 1)
            : parsed.Aggregate((IBackend)new Lent(_cpu), (inner, fault) => new FaultyBackend(inner, fault, _graph));
        string path = Path.Combine(_folder, "trace");
        Stopwatch watch = Stopwatch.StartNew();
        using TraceFile trace = TraceFile.Create(path, Statement, "demo", _inputs);
        CommittedRun done = _committer.Run(Statement, run, _inputs, backend, store: trace, cancellation: cancellation);
        trace.Complete(done.Receipt);
        double running = watch.Elapsed.TotalMilliseconds;

        if (!TraceFile.TryOpen(path, out TraceFile? opened, out string why))
        {
            throw new InvalidDataException(why);
        }

        using TraceFile held = opened;
        HeldTrace all = new(Statement, done.Receipt, [.. _graph.Graph.Parameters.Select(parameter => parameter.Value)], _inputs, held);
        ChallengePolicy policy = Statement.Statement.Challenge;
        Challenge challenge = new(
            Statement.Statement.Id, done.Receipt.Receipt.Id, [], policy.BeaconId, 1, Ids.Of("demo beacon", [1]), policy.Samples);
        byte[] proof = Prover.Prove(all, challenge, Hasher.Best, cancellation).ToArray();
        watch.Restart();
        Verdict spot = Proof.TryRead(proof, out Proof? read, out why)
            ? SpotCheck.Verify(Statement, done.Receipt, challenge, read!, Hasher.Best, cancellation)
            : throw new InvalidDataException(why);
        double verifying = watch.Elapsed.TotalMilliseconds;
        watch.Restart();
        AuditResult audit = new Auditor(_cpu.Hasher).Audit(Statement, done.Receipt, _graph.Graph, _inputs, _cpu, held, cancellation: cancellation);
        double auditing = watch.Elapsed.TotalMilliseconds;
        byte[] fraud = audit.FraudProof?.ToArray() ?? [];
        watch.Restart();
        bool isConvicted = FraudProof.TryRead(fraud, out FraudProof? accusation, out _) && accusation!.Verify(Hasher.Best).Kind == VerdictKind.Invalid;
        double judging = watch.Elapsed.TotalMilliseconds;
        string where = audit.Verdict.Element is ElementRef at && isConvicted ? $"{_graph.Graph.Nodes[at.Node].Name} [{at.Element}]" : string.Empty;
        return new Chapter(who, running, spot, proof.Length, verifying, audit.Verdict, auditing, fraud.Length, judging, where);
    }

    // The backend is lent: who uses it does not close it.
    private sealed class Lent(IBackend backend) : IBackend
    {
        public string Name => backend.Name;

        public void Run(NodeCall call, CancellationToken cancellation) => backend.Run(call, cancellation);

        public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => backend.Load(graph, visible);

        public void Dispose()
        {
        }
    }
}
