using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>Everything a prover holds of a run: enough to open any of it.</summary>
/// <param name="Statement">The statement with its graph.</param>
/// <param name="Receipt">The receipt with its trace table.</param>
/// <param name="Parameters">The lowered graph's parameters.</param>
/// <param name="Inputs">The inputs.</param>
/// <param name="Store">The committed values.</param>
public sealed record HeldTrace(
    StatementFile Statement, ReceiptFile Receipt, ImmutableArray<Tensor> Parameters, ImmutableArray<Tensor> Inputs, ITraceStore Store)
{
    /// <summary>The trees of the parameters. They are used where they were made under the statement's suite and of the very array that
    /// <see cref="Parameters"/> is; otherwise, as with null, the parameters are hashed for every challenge.</summary>
    public ParameterTrees? Trees { get; init; }
}

/// <summary>Leaves from a held trace, and the openings of all that were asked for.</summary>
internal sealed class HeldLeaves(HeldTrace held, ILeafHasher hasher) : LeafSource
{
    private readonly SortedDictionary<(int Kind, int Index, int Slot), SortedSet<long>> _leaves = [];
    private readonly SortedSet<long> _records = [];
    private readonly SortedSet<long> _outputs = [];
    private readonly SortedSet<long> _traceLeaves = [];

    internal override GraphRecord? Record(int node)
    {
        _records.Add(node);
        return held.Statement.Graph.Records[node];
    }

    internal override ReadOnlyMemory<byte> Leaf(ValueRef value, TensorType type, long leaf)
    {
        (int, int, int) key = Openings.Order(value);
        if (!_leaves.TryGetValue(key, out SortedSet<long>? leaves))
        {
            leaves = [];
            _leaves[key] = leaves;
        }

        leaves.Add(leaf);
        return LeafOf(value, leaf);
    }

    /// <summary>Leaves of tensors asked for so far.</summary>
    internal long LeafCount => _leaves.Values.Sum(leaves => (long)leaves.Count);

    /// <summary>Opens an output leaf too.</summary>
    internal void OpenOutput(int output) => _outputs.Add(output);

    /// <summary>Opens a trace leaf too.</summary>
    internal void OpenTraceLeaf(int node) => _traceLeaves.Add(node);

    /// <summary>The openings of everything asked for so far.</summary>
    internal Openings Open()
    {
        Suite suite = held.Statement.Statement.Suite;
        ValueRef[] values = [.. _leaves.Keys.Select(key => new ValueRef((ValueKind)key.Kind, key.Index, key.Slot))];
        Committer committer = new(hasher);
        IEnumerable<long> Indices(ValueKind kind) => values.Where(value => value.Kind == kind).Select(value => (long)value.Index).Distinct();
        List<ListOpening> lists = [];
        void Add(TreeKind kind, IEnumerable<long> indices, Func<IReadOnlyList<ReadOnlyMemory<byte>>> leaves)
        {
            long[] opened = [.. indices];
            if (opened.Length > 0)
            {
                IReadOnlyList<ReadOnlyMemory<byte>> all = leaves();
                lists.Add(new ListOpening(kind, all.Count, MerkleTree.Of(suite, kind, all, hasher).Open(opened, index => all[(int)index])));
            }
        }

        Add(TreeKind.Parameters, Indices(ValueKind.Parameter), () => Trees?.Leaves ?? committer.Leaves(suite, held.Parameters));
        Add(TreeKind.Inputs, Indices(ValueKind.Input), () => committer.Leaves(suite, held.Inputs));
        Add(TreeKind.Graph, _records, () => held.Statement.RecordBytes);
        Add(TreeKind.Trace, Indices(ValueKind.Node).Union(_traceLeaves).Order(), () => held.Receipt.TraceLeaves);
        Add(TreeKind.Outputs, _outputs, () => held.Receipt.OutputLeaves);
        return new Openings([.. lists], [.. values.Select(value => OpenTensor(suite, value))]);
    }

    private ParameterTrees? Trees =>
        held.Trees is ParameterTrees trees && trees.Suite == held.Statement.Statement.Suite && trees.Parameters == held.Parameters ? trees : null;

    private TensorOpening OpenTensor(Suite suite, ValueRef value)
    {
        long[] leaves = [.. _leaves[Openings.Order(value)]];
        MerkleTree tree = value.Kind == ValueKind.Parameter && Trees is ParameterTrees trees
            ? trees[value.Index]
            : MerkleTree.OfTensor(suite, BytesOf(value).Span, hasher);
        return new TensorOpening(value, tree.Open(leaves, leaf => LeafOf(value, leaf)));
    }

    private ReadOnlyMemory<byte> LeafOf(ValueRef value, long leaf)
    {
        ReadOnlyMemory<byte> bytes = BytesOf(value);
        int start = (int)Math.Min(leaf * Limits.LeafBytes, bytes.Length);
        return bytes.Slice(start, Math.Min(Limits.LeafBytes, bytes.Length - start));
    }

    private ReadOnlyMemory<byte> BytesOf(ValueRef value) => value.Kind switch
    {
        ValueKind.Parameter => held.Parameters[value.Index].Bytes,
        ValueKind.Input => held.Inputs[value.Index].Bytes,
        _ => held.Store.Read(value.Index, value.Slot),
    };
}
