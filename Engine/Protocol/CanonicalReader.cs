using System;
using System.Buffers.Binary;
using System.Text;

using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Reads canonical bytes. Never throws: after the first mistake everything reads as zero, <see cref="Failed"/> stays true and
/// <see cref="Why"/> says what was wrong first. Nothing is allocated before its bytes are known to be there.</summary>
public ref struct CanonicalReader
{
    private static readonly UTF8Encoding Strict = new(false, true);
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads from the first byte on.</summary>
    public CanonicalReader(ReadOnlySpan<byte> bytes)
    {
        _rest = bytes;
        Why = string.Empty;
    }

    /// <summary>Whether something was wrong.</summary>
    public readonly bool Failed => Why.Length > 0;

    /// <summary>What was wrong first; empty while nothing was.</summary>
    public string Why { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Notes a mistake unless there was one before.</summary>
    public void Fail(string why)
    {
        Why = Failed ? Why : why;
        _rest = default;
    }

    /// <summary>Notes a mistake where something does not hold.</summary>
    public void Require(bool holds, string why)
    {
        if (!holds)
        {
            Fail(why);
        }
    }

    /// <summary>As many bytes as asked for; empty where they are not there.</summary>
    public ReadOnlySpan<byte> Raw(int count)
    {
        if (Failed || count > _rest.Length)
        {
            Fail("truncated");
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>One byte.</summary>
    public byte U8() => Raw(1) is { Length: 1 } raw ? raw[0] : (byte)0;

    /// <summary>Two bytes.</summary>
    public ushort U16() => Raw(2) is { Length: 2 } raw ? BinaryPrimitives.ReadUInt16LittleEndian(raw) : (ushort)0;

    /// <summary>Four bytes.</summary>
    public uint U32() => Raw(4) is { Length: 4 } raw ? BinaryPrimitives.ReadUInt32LittleEndian(raw) : 0;

    /// <summary>Four bytes that hold a number up to <paramref name="largest"/>; 0, and a mistake noted, where it is above.</summary>
    public int Int(int largest, string why)
    {
        uint value = U32();
        Require(value <= (uint)largest, why);
        return Failed ? 0 : (int)value;
    }

    /// <summary>Eight bytes.</summary>
    public ulong U64() => Raw(8) is { Length: 8 } raw ? BinaryPrimitives.ReadUInt64LittleEndian(raw) : 0;

    /// <summary>Eight bytes, two's complement.</summary>
    public long I64() => unchecked((long)U64());

    /// <summary>Sixteen bytes.</summary>
    public UInt128 U128() => Raw(16) is { Length: 16 } raw ? BinaryPrimitives.ReadUInt128LittleEndian(raw) : default;

    /// <summary>A digest.</summary>
    public Digest Digest() => Raw(Commitments.Digest.Bytes) is { Length: Commitments.Digest.Bytes } raw ? new Digest(raw) : default;

    /// <summary>A count of entries of at least <paramref name="each"/> bytes (one or more), not above a limit.</summary>
    public int Count(uint value, long limit, int each)
    {
        Require(value <= limit, "more entries than the limit");
        Require(Failed || (long)value * each <= _rest.Length, "truncated");
        return Failed ? 0 : (int)value;
    }

    /// <summary>A length (four bytes) and so many bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int limit)
    {
        int length = Count(U32(), limit, 1);
        return Raw(length);
    }

    /// <summary>A length and a text in UTF-8.</summary>
    public string Text(int limit)
    {
        ReadOnlySpan<byte> bytes = Bytes(limit);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Fail("a text is not UTF-8");
            return string.Empty;
        }
    }

    /// <summary>Notes a mistake where bytes are left.</summary>
    public void End() => Require(_rest.IsEmpty, "trailing bytes");
}
