using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Leaf j of the outputs tree: which node's output graph output j is, and what the receipt says it is.</summary>
public sealed record OutputLeaf(int Node, int Slot, TensorCommitment Tensor)
{
    /// <summary>The leaf's bytes.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        writer.U32(Node);
        writer.U16(Slot);
        Tensor.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads a leaf.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out OutputLeaf? leaf)
    {
        CanonicalReader reader = new(bytes);
        int node = reader.Int(Limits.Nodes - 1, "no node");
        int slot = reader.U16();
        TensorCommitment tensor = TensorCommitment.Read(ref reader);
        reader.End();
        leaf = reader.Failed ? null : new OutputLeaf(node, slot, tensor);
        return leaf is not null;
    }
}
