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
    private readonly Dictionary<(ValueRef Value, long Leaf), ReadOnlyMemory<byte>> _leaves = [];
    private readonly Dictionary<ValueRef, TensorType> _types = [];
    private readonly Dictionary<int, GraphRecord?> _records = [];
    private readonly Dictionary<int, Dictionary<int, TensorCommitment>> _trace = [];
    private readonly HashSet<(TreeKind Kind, long Index)> _usedLists = [];
    private readonly HashSet<(ValueRef Value, long Leaf)> _usedLeaves = [];

    private OpenedLeaves()
    {
    }

    /// <summary>Whether everything opened was asked for.</summary>
    internal bool IsAllUsed => _usedLists.Count == _lists.Count && _usedLeaves.Count == _leaves.Count;

    /// <summary>The first element of opened trace leaves that is not in canonical form, and whether the statement's own all are.</summary>
    internal (ElementRef? Trace, bool IsStatementCanonical) NonCanonical()
    {
        ElementRef? trace = null;
        foreach (((ValueRef value, long leaf), ReadOnlyMemory<byte> bytes) in
            _leaves.OrderBy(entry => Openings.Order(entry.Key.Value)).ThenBy(entry => entry.Key.Leaf))
        {
            DType type = _types[value].DType;
            byte[] canonical = bytes.ToArray();
            Tensor.Canonicalise(type, canonical);
            int same = bytes.Span.CommonPrefixLength(canonical);
            if (same < canonical.Length && value.Kind != ValueKind.Node)
            {
                return (null, false);
            }

            trace ??= same < canonical.Length
                ? new ElementRef(value.Index, value.Slot, ((leaf * Limits.LeafBytes) + same) / type.Size())
                : null;
        }

        return (trace, true);
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

        foreach (TensorOpening tensor in openings.Tensors)
        {
            if (opened.Commitment(tensor.Value) is not TensorCommitment commitment)
            {
                why = $"the commitment to {tensor.Value} is not opened";
                return false;
            }

            if (!tensor.Proof.TryVerify(statement.Suite, TreeKind.Tensor, commitment.Type.Bytes, commitment.Root, hasher, out ProofDefect defect))
            {
                why = $"{tensor.Value}: {defect}";
                return false;
            }

            if (!opened._types.TryAdd(tensor.Value, commitment.Type))
            {
                why = $"{tensor.Value} is opened twice";
                return false;
            }

            for (int i = 0; i < tensor.Proof.Indices.Length; i++)
            {
                opened._leaves.Add((tensor.Value, tensor.Proof.Indices[i]), tensor.Proof.Leaves[i]);
            }
        }

        return true;
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
        if (!_types.TryGetValue(value, out TensorType? committed) || committed != type
            || !_leaves.TryGetValue((value, leaf), out ReadOnlyMemory<byte> bytes))
        {
            return default;
        }

        _usedLeaves.Add((value, leaf));
        return bytes;
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
