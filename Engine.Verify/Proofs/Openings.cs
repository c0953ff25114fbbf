using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>Opened leaves of the tree of records, parameters, inputs, trace leaves or output leaves.</summary>
public sealed record ListOpening(TreeKind Kind, long Size, MultiProof Proof);

/// <summary>Opened leaves of one tensor: a committed output of a node, a parameter, or an input.</summary>
public sealed record TensorOpening(ValueRef Value, MultiProof Proof);

/// <summary>Everything that a proof opens. Trees and tensors ascend, each at most once. Self-authenticating: it may be posted by anyone.</summary>
/// <param name="Lists">Opened lists, by kind.</param>
/// <param name="Tensors">Opened tensors, by kind of value, index and slot.</param>
public sealed record Openings(ImmutableArray<ListOpening> Lists, ImmutableArray<TensorOpening> Tensors)
{
    /// <summary>Nothing.</summary>
    public static Openings None { get; } = new([], []);

    /// <summary>Leaves opened, of every tree.</summary>
    public long LeafCount => Lists.Sum(list => (long)list.Proof.Leaves.Length) + Tensors.Sum(tensor => (long)tensor.Proof.Leaves.Length);

    /// <summary>Writes the canonical bytes.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.U8(Lists.Length);
        foreach (ListOpening list in Lists)
        {
            writer.U8((int)list.Kind);
            writer.I64(list.Size);
            Write(writer, list.Proof);
        }

        writer.U32(Tensors.Length);
        foreach (TensorOpening tensor in Tensors)
        {
            writer.U8((int)tensor.Value.Kind);
            writer.U32(tensor.Value.Index);
            writer.U16(tensor.Value.Slot);
            Write(writer, tensor.Proof);
        }
    }

    /// <summary>Reads the canonical bytes; of no use where the reader has failed.</summary>
    public static Openings Read(ref CanonicalReader reader)
    {
        List<ListOpening> lists = [];
        for (int count = reader.Count(reader.U8(), (int)TreeKind.Outputs, 1); lists.Count < count && !reader.Failed;)
        {
            TreeKind kind = (TreeKind)reader.U8();
            TreeKind least = lists.Count == 0 ? TreeKind.Parameters : lists[^1].Kind + 1;
            reader.Require(kind >= least && kind <= TreeKind.Outputs, "trees do not ascend");
            lists.Add(new ListOpening(kind, reader.I64(), ReadProof(ref reader)));
        }

        List<TensorOpening> tensors = [];
        for (int count = reader.Count(reader.U32(), Limits.OpenedLeaves, 15); tensors.Count < count && !reader.Failed;)
        {
            ValueKind kind = (ValueKind)reader.U8();
            int index = reader.Int(Limits.Values - 1, "a tensor is no value");
            int slot = reader.U16();
            reader.Require(kind is ValueKind.Node or ValueKind.Parameter or ValueKind.Input, "a tensor is no value");
            ValueRef value = new(kind, index, slot);
            reader.Require(tensors.Count == 0 || Order(tensors[^1].Value).CompareTo(Order(value)) < 0, "tensors do not ascend");
            tensors.Add(new TensorOpening(value, ReadProof(ref reader)));
        }

        return new Openings([.. lists], [.. tensors]);
    }

    /// <summary>The order of tensors.</summary>
    internal static (int Kind, int Index, int Slot) Order(ValueRef value) => ((int)value.Kind, value.Index, value.Slot);

    private static void Write(CanonicalWriter writer, MultiProof proof)
    {
        writer.U32(proof.Indices.Length);
        foreach (long index in proof.Indices)
        {
            writer.I64(index);
        }

        foreach (ReadOnlyMemory<byte> leaf in proof.Leaves)
        {
            writer.Bytes(leaf.Span);
        }

        writer.U32(proof.Siblings.Length);
        foreach (Digest sibling in proof.Siblings)
        {
            writer.Raw(sibling.Span);
        }
    }

    private static MultiProof ReadProof(ref CanonicalReader reader)
    {
        int count = reader.Count(reader.U32(), Limits.OpenedLeaves, sizeof(long) + sizeof(uint));
        long[] indices = new long[count];
        for (int i = 0; i < count; i++)
        {
            indices[i] = reader.I64();
        }

        ReadOnlyMemory<byte>[] leaves = new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < count; i++)
        {
            leaves[i] = reader.Bytes(Limits.ListLeafBytes).ToArray();
        }

        Digest[] siblings = new Digest[reader.Count(reader.U32(), int.MaxValue, Digest.Bytes)];
        for (int i = 0; i < siblings.Length; i++)
        {
            siblings[i] = reader.Digest();
        }

        return new MultiProof([.. indices], [.. leaves], [.. siblings]);
    }
}
