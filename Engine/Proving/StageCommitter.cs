using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Proving;

/// <summary>A stage's run under commitment.</summary>
/// <param name="Given">What it hands out: a tensor for each of <see cref="GraphPart.Given"/>.</param>
/// <param name="File">The stage receipt with its leaves.</param>
public sealed record CommittedStage(ImmutableArray<Tensor> Given, StageFile File);

/// <summary>Runs a range of a statement's nodes and commits to it. Reusable, one run at a time.</summary>
public sealed class StageCommitter
{
    private readonly StatementFile _statement;
    private readonly ILeafHasher _hasher;
    private readonly Executor _executor;
    private readonly Dictionary<ValueRef, int> _numbers = [];

    /// <summary>Prepares a stage. The backend stays the caller's.</summary>
    /// <param name="statement">What is to be run.</param>
    /// <param name="graph">The whole graph with its parameters; of these, those that the range does not read may hold anything.</param>
    /// <param name="first">The first node of the range.</param>
    /// <param name="end">The node behind its last.</param>
    /// <param name="backend">Who computes.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <exception cref="ArgumentException">The graph is not the statement's, or cannot be cut there.</exception>
    public StageCommitter(StatementFile statement, Graph graph, int first, int end, IBackend backend, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(graph);
        _statement = statement;
        _hasher = hasher;
        Part = statement.Graph.IsOf(graph) ? GraphPart.Of(graph, statement.Graph.Cuts(), first, end) : throw Error.OtherGraph();
        _executor = new Executor(Part.Graph, backend, Part.Committed);
        foreach (ValueRef value in Part.Committed.Select(Part.Whole).OrderBy(value => value.Index).ThenBy(value => value.Slot))
        {
            _numbers.Add(value, _numbers.Count);
        }
    }

    /// <summary>What is run.</summary>
    public GraphPart Part { get; }

    /// <summary>Runs the stage.</summary>
    /// <param name="inputs">All inputs of the whole graph.</param>
    /// <param name="taken">A tensor for each of <see cref="GraphPart.Taken"/>.</param>
    /// <param name="prover">Whose receipt it is.</param>
    /// <param name="issued">Unix seconds, as the host gives them.</param>
    /// <param name="store">Where committed values are kept, those taken in included: all that challenges of the range's elements ask for; null:
    /// nowhere.</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ArgumentException">The inputs are not the statement's, or what is taken in is not of its types or not canonical.</exception>
    public CommittedStage Run(
        ImmutableArray<Tensor> inputs,
        ImmutableArray<Tensor> taken,
        ProverKey prover = default,
        ulong issued = 0,
        ITraceStore? store = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Committer committer = new(_hasher);
        Suite suite = _statement.Statement.Suite;
        if (MerkleTree.RootOf(suite, TreeKind.Inputs, committer.Leaves(suite, inputs), _hasher) != _statement.Statement.InputsRoot)
        {
            throw Error.OtherInputs();
        }

        ImmutableArray<ReadOnlyMemory<byte>> takenLeaves = Taken(committer, suite, taken, store);
        RootQueue roots = new(suite, _hasher, _numbers.Count);
        void Visit(ValueRef value, Tensor tensor)
        {
            ValueRef whole = Part.Whole(value);
            roots.Add(_numbers[whole], tensor.Bytes.Span);
            store?.Write(whole.Index, whole.Slot, tensor.Bytes.Span);
        }

        ImmutableArray<Tensor> given = _executor.Run(
            [.. Part.Inputs.Select(input => inputs[input]), .. taken], Visit, progress, cancellation, Part.Committed);
        Digest[] digests = roots.Finish();
        ImmutableArray<ReadOnlyMemory<byte>> traceLeaves =
            [.. Enumerable.Range(Part.First, Part.End - Part.First).Select(node => (ReadOnlyMemory<byte>)LeafOf(node, digests).ToArray())];
        StageReceipt receipt = new(
            _statement.Statement.Id,
            prover,
            Part.First,
            Part.End,
            MerkleTree.RootOf(suite, TreeKind.Trace, traceLeaves, _hasher),
            MerkleTree.RootOf(suite, TreeKind.Outputs, takenLeaves, _hasher),
            issued);
        return new CommittedStage(given, new StageFile(receipt, traceLeaves, takenLeaves));
    }

    private ImmutableArray<ReadOnlyMemory<byte>> Taken(Committer committer, Suite suite, ImmutableArray<Tensor> taken, ITraceStore? store)
    {
        if (taken.Length != Part.Taken.Length)
        {
            throw Error.TakenCount(Part.Taken.Length, taken.Length);
        }

        ReadOnlyMemory<byte>[] leaves = new ReadOnlyMemory<byte>[taken.Length];
        for (int i = 0; i < leaves.Length; i++)
        {
            ValueRef value = Part.Taken[i];
            if (!taken[i].IsCanonical())
            {
                throw Error.NotCanonical("value taken in", i);
            }

            leaves[i] = new OutputLeaf(value.Index, value.Slot, committer.Commit(suite, taken[i])).ToArray();
            store?.Write(value.Index, value.Slot, taken[i].Bytes.Span);
        }

        return [.. leaves];
    }

    private TraceLeaf LeafOf(int node, Digest[] roots) => new([.. _statement.Graph.Records[node].Outputs
        .Select((output, slot) => (output, slot))
        .Where(pair => pair.output.Resolution == Resolution.Committed)
        .Select(pair => new TraceEntry(
            pair.slot, new TensorCommitment(pair.output.Type, roots[_numbers[new ValueRef(ValueKind.Node, node, pair.slot)]])))]);
}
