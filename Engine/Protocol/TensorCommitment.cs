using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>A tensor as far as a tree binds it: type, and the root over its row-major bytes.</summary>
/// <param name="Type">Element type and shape.</param>
/// <param name="Root">Bound root of its tree.</param>
public sealed record TensorCommitment(TensorType Type, Digest Root)
{
    private const int Unsalted = 0;

    /// <summary>Writes type, salt mode (0 in this format) and root.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        RecordCodec.Write(writer, Type);
        writer.U8(Unsalted);
        writer.Raw(Root.Span);
    }

    /// <summary>Reads what <see cref="Write"/> writes.</summary>
    public static TensorCommitment Read(ref CanonicalReader reader)
    {
        TensorType type = RecordCodec.ReadType(ref reader);
        reader.Require(reader.U8() == Unsalted, "leaves are not salted in this format");
        return new TensorCommitment(type, reader.Digest());
    }

    /// <summary>The bytes, alone: a leaf of the parameters and inputs trees.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads a leaf of the parameters and inputs trees.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TensorCommitment? commitment)
    {
        CanonicalReader reader = new(bytes);
        commitment = Read(ref reader);
        reader.End();
        commitment = reader.Failed ? null : commitment;
        return commitment is not null;
    }
}
