using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli.Timing;

/// <summary>What one way of committing costs. Times in seconds.</summary>
/// <param name="Policy">Which values are committed.</param>
/// <param name="Suite">By which hash.</param>
/// <param name="Run">A committed run; the trace is not kept.</param>
/// <param name="Overhead">What it takes beyond a plain run, as a share of that.</param>
/// <param name="CommittedBytes">Bytes of the committed values: the trace.</param>
/// <param name="Samples">Elements of the challenge that is answered.</param>
/// <param name="ProofBytes">Size of the answer.</param>
/// <param name="Prove">Answering, from a trace in memory.</param>
/// <param name="Verify">Judging the answer, its bytes included.</param>
internal sealed record CommitCost(
    string Policy, string Suite, Samples Run, double Overhead, long CommittedBytes, int Samples, long ProofBytes, double Prove, double Verify);

/// <summary>What a model costs on this machine. Times in seconds, memory in bytes.</summary>
/// <param name="First">Planning and the first run.</param>
/// <param name="Run">A plain run.</param>
/// <param name="Work">Operations of its products.</param>
/// <param name="Plan">Where its values live.</param>
/// <param name="Packed">What the backend holds of the weights in a second form.</param>
/// <param name="Scratch">What kernels borrow.</param>
/// <param name="Resident">Most memory that the process had until the first run was over.</param>
/// <param name="Nodes">The nodes, in order.</param>
/// <param name="Costs">Ways of committing.</param>
/// <param name="Refusal">Why nothing can be committed.</param>
internal sealed record TrialResult(
    double First,
    Samples Run,
    long Work,
    Plan Plan,
    long Packed,
    long Scratch,
    long Resident,
    ImmutableArray<NodeTime> Nodes,
    ImmutableArray<CommitCost> Costs,
    string? Refusal);

/// <summary>Measures a model: plain, node by node, and under every policy and suite, in turn.</summary>
internal static class Trial
{
    private static readonly Pace ProofPace = new(1, 0.001, 0.2, 3, 101);

    /// <summary>Measures.</summary>
    /// <param name="graph">The model with concrete shapes.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="backend">Who computes.</param>
    /// <param name="terms">The policies and suites to commit under.</param>
    /// <param name="pace">How long.</param>
    /// <param name="clock">Seconds since some moment, for plain and committed runs.</param>
    /// <param name="cancellation">Cancels.</param>
    internal static TrialResult Measure(
        Graph graph,
        ImmutableArray<Tensor> inputs,
        IBackend backend,
        IEnumerable<(Policy Policy, Suite Suite)> terms,
        Pace pace,
        Func<double> clock,
        CancellationToken cancellation)
    {
        double start = Turns.Wall;
        Executor executor = new(graph, backend);
        executor.Run(inputs, cancellation: cancellation);
        double first = Turns.Wall - start;
        long resident = Residence.Peak() ?? Process.GetCurrentProcess().PeakWorkingSet64;
        List<Commitment> ways = [];
        string? refusal = null;
        try
        {
            ways.AddRange(terms.Select(term => new Commitment(graph, inputs, backend, term.Policy, term.Suite)));
        }
        catch (NotCommittableException reason)
        {
            refusal = reason.Message;
            ways.Clear();
        }

        // Lowering lays weights out anew: the plain run has them as the committed ones do, from memory of the same kind.
        Graph plain = ways.Count > 0 ? ways[0].Graph : graph;
        executor = ways.Count > 0 ? new Executor(plain, backend) : executor;
        Action[] turns =
        [
            () => executor.Run(inputs, cancellation: cancellation),
            .. ways.Select(way => (Action)(() => way.Run(null, cancellation))),
        ];
        ImmutableArray<Samples> samples = Turns.Take(pace, clock, turns, cancellation);
        ImmutableArray<NodeTime> nodes = NodeTimes.Measure(plain, backend, inputs, int.Min(samples[0].Values.Length, 11), cancellation);
        ImmutableArray<CommitCost> costs = [.. ways.Select((way, i) => way.Cost(samples[i + 1], samples[0], cancellation))];
        (long packed, long scratch) = Devices.Held(backend);
        return new(first, samples[0], Work.Products(graph), executor.Plan, packed, scratch, resident, nodes, costs, refusal);
    }

    /// <summary>A model under one policy and suite.</summary>
    private sealed class Commitment
    {
        private readonly Policy _policy;
        private readonly ImmutableArray<Tensor> _inputs;
        private readonly Committer _committer;
        private readonly LoweredGraph _lowered;
        private readonly StatementFile _statement;
        private readonly Executor _executor;
        private readonly ILeafHasher _hasher;

        internal Commitment(Graph graph, ImmutableArray<Tensor> inputs, IBackend backend, Policy policy, Suite suite)
        {
            _policy = policy;
            _inputs = inputs;
            _hasher = Devices.HasherOf(backend);
            _committer = new Committer(_hasher);
            _lowered = Lowerer.Lower(graph, policy);
            _statement = _committer.State(_lowered, inputs, StatementVerb.Default with { Policy = policy, Suite = suite });
            _executor = new Executor(_lowered.Graph, backend, _statement.Graph.Committed);
        }

        internal Graph Graph => _lowered.Graph;

        internal CommittedRun Run(ITraceStore? store, CancellationToken cancellation)
            => _committer.Run(_statement, _executor, _inputs, store: store, cancellation: cancellation);

        internal CommitCost Cost(Samples run, Samples plain, CancellationToken cancellation)
        {
            MemoryTraceStore store = new();
            ReceiptFile receipt = Run(store, cancellation).Receipt;
            HeldTrace held = new(_statement, receipt, [.. _lowered.Graph.Parameters.Select(parameter => parameter.Value)], _inputs, store);
            ChallengePolicy policy = _statement.Statement.Challenge;
            Challenge challenge = new(
                _statement.Statement.Id, receipt.Receipt.Id, [], policy.BeaconId, 1, Ids.Of("bench beacon", [1]), policy.Samples);
            byte[] proof = Prover.Prove(held, challenge, _hasher, cancellation).ToArray();
            Action[] turns = [() => Prover.Prove(held, challenge, _hasher, cancellation).ToArray(), () => Check(receipt, challenge, proof)];
            ImmutableArray<Samples> times = Turns.Take(ProofPace, () => Turns.Wall, turns, cancellation);
            long committed = _lowered.Committed.Records.SelectMany(record => record.Outputs)
                .Where(output => output.Resolution == Resolution.Committed).Sum(output => output.Type.Bytes);
            return new CommitCost(
                _policy.Name(),
                StatementVerb.Terms.Name(_statement.Statement.Suite),
                run,
                run.Over(plain) - 1,
                committed,
                policy.Samples,
                proof.Length,
                times[0].Median,
                times[1].Median);
        }

        private void Check(ReceiptFile receipt, Challenge challenge, byte[] proof)
        {
            Verdict verdict = Proof.TryRead(proof, out Proof? read, out string why)
                ? SpotCheck.Verify(_statement, receipt, challenge, read!, _hasher)
                : throw new InvalidDataException(why);
            if (verdict.Kind != VerdictKind.Valid)
            {
                throw new InvalidDataException(verdict.Text);
            }
        }
    }
}
