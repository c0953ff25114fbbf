using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Writes canonical bytes: little-endian, fixed field order, explicit lengths, nothing optional (docs/protocol.md, section Bytes).</summary>
public sealed class CanonicalWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>One byte.</summary>
    public void U8(int value)
    {
        _bytes.GetSpan(1)[0] = checked((byte)value);
        _bytes.Advance(1);
    }

    /// <summary>Two bytes.</summary>
    public void U16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(2), checked((ushort)value));
        _bytes.Advance(2);
    }

    /// <summary>Four bytes.</summary>
    public void U32(long value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(4), checked((uint)value));
        _bytes.Advance(4);
    }

    /// <summary>Eight bytes.</summary>
    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    /// <summary>Eight bytes, two's complement.</summary>
    public void I64(long value) => U64(unchecked((ulong)value));

    /// <summary>Sixteen bytes.</summary>
    public void U128(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(_bytes.GetSpan(16), value);
        _bytes.Advance(16);
    }

    /// <summary>The bytes as they are; their number is known to the reader.</summary>
    public void Raw(ReadOnlySpan<byte> value) => _bytes.Write(value);

    /// <summary>A length (four bytes) and the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        U32(value.Length);
        Raw(value);
    }

    /// <summary>A length and the text in UTF-8, as given.</summary>
    public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>Forgets what has been written and keeps the memory.</summary>
    public void Clear() => _bytes.ResetWrittenCount();

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();
}
