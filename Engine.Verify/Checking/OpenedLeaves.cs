using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>What a proof opened, every leaf found under its root. Counts what is used.</summary>
internal sealed class OpenedLeaves : LeafSource
{
    private readonly Dictionary<(TreeKind Kind, long Index), ReadOnlyMemory<byte>> _lists = [];
    private readonly Dictionary<ValueRef, Opened> _tensors = [];
    private readonly Dictionary<int, GraphRecord?> _records = [];
    private readonly Dictionary<int, Dictionary<int, TensorCommitment>> _trace = [];
    private readonly HashSet<(TreeKind Kind, long Index)> _usedLists = [];

    private OpenedLeaves()
    {
    }

    /// <summary>Whether everything opened was asked for.</summary>
    internal bool IsAllUsed => _usedLists.Count == _lists.Count && _tensors.Values.All(tensor => tensor.IsAllUsed);

    /// <summary>The first element of opened trace leaves that is not in canonical form, and whether the statement's own all are.</summary>
    internal (ElementRef? Trace, bool IsStatementCanonical) NonCanonical()
    {
        ElementRef? trace = null;
        foreach ((ValueRef value, Opened tensor) in _tensors.OrderBy(entry => Openings.Order(entry.Key)))
        {
            DType type = tensor.Type.DType;
            for (int i = 0; i < tensor.Proof.Leaves.Length; i++)
            {
                int other = NonCanonical(type, tensor.Proof.Leaves[i].Span);
                if (other >= 0 && value.Kind != ValueKind.Node)
                {
                    return (null, false);
                }

                trace ??= other >= 0
                    ? new ElementRef(value.Index, value.Slot, (tensor.Proof.Indices[i] * Limits.LeafBytes / type.Size()) + other)
                    : null;
            }
        }

        return (trace, true);
    }

    /// <summary>The first element of a leaf that is not in canonical form; -1 where all are.</summary>
    internal static int NonCanonical(DType type, ReadOnlySpan<byte> leaf)
    {
        Span<byte> canonical = stackalloc byte[Limits.LeafBytes];
        canonical = canonical[..leaf.Length];
        leaf.CopyTo(canonical);
        Tensor.Canonicalise(type, canonical);
        int same = leaf.CommonPrefixLength(canonical);
        return same < leaf.Length ? same / type.Size() : -1;
    }

    /// <summary>Checks every opening against its root.</summary>
    /// <param name="openings">What was opened.</param>
    /// <param name="statement">The statement: suite and roots.</param>
    /// <param name="receipt">The receipt: roots.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="opened">The leaves.</param>
    /// <param name="why">What is wrong, otherwise.</param>
    internal static bool TryOpen(
        Openings openings, Statement statement, Receipt receipt, ILeafHasher hasher, out OpenedLeaves opened, out string why)
    {
        opened = new OpenedLeaves();
        why = string.Empty;
        foreach (ListOpening list in openings.Lists)
        {
            Digest root = list.Kind switch
            {
                TreeKind.Parameters => statement.ParametersRoot,
                TreeKind.Inputs => statement.InputsRoot,
                TreeKind.Graph => statement.GraphRoot,
                TreeKind.Trace => receipt.TraceRoot,
                _ => receipt.OutputsRoot,
            };
            if (list.Size > Limits.Nodes)
            {
                why = $"{list.Kind}: no list has {list.Size} leaves";
                return false;
            }

            if (!list.Proof.TryVerify(statement.Suite, list.Kind, list.Size, root, hasher, out ProofDefect defect))
            {
                why = $"{list.Kind}: {defect}";
                return false;
            }

            for (int i = 0; i < list.Proof.Indices.Length; i++)
            {
                if (!opened._lists.TryAdd((list.Kind, list.Proof.Indices[i]), list.Proof.Leaves[i]))
                {
                    why = $"{list.Kind} is opened twice";
                    return false;
                }
            }
        }

        List<(MultiProof Proof, long Size, Digest Root)> proofs = [];
        foreach (TensorOpening tensor in openings.Tensors)
        {
            if (opened.Commitment(tensor.Value) is not TensorCommitment commitment)
            {
                why = $"the commitment to {tensor.Value} is not opened";
                break;
            }

            if (!opened._tensors.TryAdd(tensor.Value, new Opened(commitment.Type, tensor.Proof)))
            {
                why = $"{tensor.Value} is opened twice";
                break;
            }

            proofs.Add((tensor.Proof, commitment.Type.Bytes, commitment.Root));
        }

        int held = MultiProof.VerifyInTurn(statement.Suite, TreeKind.Tensor, proofs, hasher, out ProofDefect broken);
        why = held < proofs.Count ? $"{openings.Tensors[held].Value}: {broken}" : why;
        return why.Length == 0;
    }

    /// <summary>A leaf of a list; null where it is not opened.</summary>
    internal ReadOnlyMemory<byte>? List(TreeKind kind, long index)
    {
        if (!_lists.TryGetValue((kind, index), out ReadOnlyMemory<byte> leaf))
        {
            return null;
        }

        _usedLists.Add((kind, index));
        return leaf;
    }

    /// <inheritdoc/>
    internal override GraphRecord? Record(int node)
    {
        if (!_records.TryGetValue(node, out GraphRecord? record))
        {
            record = List(TreeKind.Graph, node) is ReadOnlyMemory<byte> leaf && RecordCodec.TryRead(node, leaf.Span, out GraphRecord? read, out _)
                && read!.Defect().Length == 0 ? read : null;
            _records[node] = record;
        }

        return record;
    }

    /// <inheritdoc/>
    internal override ReadOnlyMemory<byte> Leaf(ValueRef value, TensorType type, long leaf)
    {
        return _tensors.TryGetValue(value, out Opened? opened) && opened.Type == type ? opened.Use(leaf) : default;
    }

    private TensorCommitment? Commitment(ValueRef value)
    {
        TreeKind kind = value.Kind switch
        {
            ValueKind.Parameter => TreeKind.Parameters,
            ValueKind.Input => TreeKind.Inputs,
            _ => TreeKind.Trace,
        };
        if (List(kind, value.Index) is not ReadOnlyMemory<byte> leaf)
        {
            return null;
        }

        if (kind == TreeKind.Trace)
        {
            return TraceOf(value.Index, leaf.Span).GetValueOrDefault(value.Slot);
        }

        return value.Slot == 0 && TensorCommitment.TryRead(leaf.Span, out TensorCommitment? commitment) ? commitment : null;
    }

    // The opened leaves of a tensor.
    private sealed class Opened(TensorType type, MultiProof proof)
    {
        private readonly bool[] _used = new bool[proof.Leaves.Length];
        private int _unused = proof.Leaves.Length;

        internal TensorType Type => type;

        internal MultiProof Proof => proof;

        internal bool IsAllUsed => _unused == 0;

        /// <summary>A leaf, which counts as used from now on; empty where it is not opened.</summary>
        internal ReadOnlyMemory<byte> Use(long leaf)
        {
            int place = proof.Indices.AsSpan().BinarySearch(leaf);
            if (place < 0)
            {
                return default;
            }

            _unused -= _used[place] ? 0 : 1;
            _used[place] = true;
            return proof.Leaves[place];
        }
    }

    // Read once, however many of its entries are asked for.
    private Dictionary<int, TensorCommitment> TraceOf(int node, ReadOnlySpan<byte> leaf)
    {
        if (!_trace.TryGetValue(node, out Dictionary<int, TensorCommitment>? entries))
        {
            entries = TraceLeaf.TryRead(leaf, out TraceLeaf? read) ? read!.Entries.ToDictionary(entry => entry.Slot, entry => entry.Tensor) : [];
            _trace[node] = entries;
        }

        return entries;
    }
}
