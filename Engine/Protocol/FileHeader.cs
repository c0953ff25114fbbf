using System;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>What a file of this protocol is.</summary>
public enum FileKind
{
    /// <summary>A statement with its graph's records.</summary>
    Statement = 1,

    /// <summary>A receipt with its trace table.</summary>
    Receipt = 2,

    /// <summary>A challenge.</summary>
    Challenge = 3,

    /// <summary>The openings that answer a challenge.</summary>
    Proof = 4,

    /// <summary>An accusation that decides itself.</summary>
    FraudProof = 5,

    /// <summary>What a prover keeps to answer challenges.</summary>
    Trace = 6,

    /// <summary>A stage receipt with its trace table.</summary>
    Stage = 7,
}

/// <summary>The first seven bytes of every file: "VCMP", format, kind.</summary>
public static class FileHeader
{
    private static ReadOnlySpan<byte> Magic => "VCMP"u8;

    /// <summary>Writes the header.</summary>
    public static void Write(CanonicalWriter writer, FileKind kind)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Raw(Magic);
        writer.U16(Statement.Format);
        writer.U8((int)kind);
    }

    /// <summary>Reads the header and notes where it is another.</summary>
    public static void Read(ref CanonicalReader reader, FileKind kind)
    {
        reader.Require(reader.Raw(Magic.Length).SequenceEqual(Magic), "not a file of this protocol");
        reader.Require(reader.U16() == Statement.Format, "another format");
        reader.Require(reader.U8() == (int)kind, $"not a {kind} file");
    }

    /// <summary>The kind of a file, 0 where it is none of ours.</summary>
    public static FileKind KindOf(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        bool isOurs = reader.Raw(Magic.Length).SequenceEqual(Magic) && reader.U16() == Statement.Format;
        FileKind kind = (FileKind)reader.U8();
        return isOurs && Enum.IsDefined(kind) ? kind : 0;
    }
}
