using System;
using System.Diagnostics.CodeAnalysis;

using Google.Protobuf;

using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Wire;

/// <summary>Makes canonical bytes of what a message says. Never throws: what has no canonical form is noted, and nothing is written any
/// more. What the bytes mean, and whether they are sound, is for the canonical readers to say.</summary>
internal sealed class CanonicalBuilder
{
    private readonly CanonicalWriter _writer = new();
    private CanonicalBuilder? _inner;

    /// <summary>Whether something has no canonical form.</summary>
    internal bool Failed => Why.Length > 0;

    /// <summary>What was wrong first; empty while nothing was.</summary>
    internal string Why { get; private set; } = string.Empty;

    /// <summary>What has been written.</summary>
    internal ReadOnlySpan<byte> Written => _writer.Written;

    /// <summary>Notes a mistake unless there was one before.</summary>
    internal void Fail(string why) => Why = Failed ? Why : why;

    /// <summary>The header of a file.</summary>
    internal void Header(FileKind kind) => FileHeader.Write(_writer, kind);

    /// <summary>A number or count in one byte.</summary>
    internal void U8(long value)
    {
        if (Fits(value, byte.MaxValue))
        {
            _writer.U8((int)value);
        }
    }

    /// <summary>A number or count in two bytes.</summary>
    internal void U16(long value)
    {
        if (Fits(value, ushort.MaxValue))
        {
            _writer.U16((int)value);
        }
    }

    /// <summary>A number or count in four bytes.</summary>
    internal void U32(long value)
    {
        if (Fits(value, uint.MaxValue))
        {
            _writer.U32(value);
        }
    }

    /// <summary>A number in eight bytes.</summary>
    internal void U64(ulong value)
    {
        if (!Failed)
        {
            _writer.U64(value);
        }
    }

    /// <summary>A number in eight bytes, two's complement.</summary>
    internal void I64(long value) => U64(unchecked((ulong)value));

    /// <summary>Bytes of a known number.</summary>
    internal void Raw(ByteString value, int length)
    {
        if (value.Length != length)
        {
            Fail($"{value.Length} bytes where there are {length}");
        }

        if (!Failed)
        {
            _writer.Raw(value.Span);
        }
    }

    /// <summary>A digest.</summary>
    internal void Digest(ByteString value) => Raw(value, Engine.Commitments.Digest.Bytes);

    /// <summary>A length and bytes.</summary>
    internal void Bytes(ByteString value)
    {
        if (!Failed)
        {
            _writer.Bytes(value.Span);
        }
    }

    /// <summary>A length and a text.</summary>
    internal void Text(string value)
    {
        if (!Failed)
        {
            _writer.Text(value);
        }
    }

    /// <summary>A part that must be there.</summary>
    internal bool Has<T>([NotNullWhen(true)] T? part)
        where T : class
    {
        if (part is null)
        {
            Fail("a part is missing");
        }

        return !Failed;
    }

    /// <summary>A length and the bytes of a part.</summary>
    internal void Nested<T>(T part, Action<CanonicalBuilder, T> write)
    {
        if (Failed)
        {
            return;
        }

        _inner ??= new CanonicalBuilder();
        _inner._writer.Clear();
        write(_inner, part);
        if (_inner.Failed)
        {
            Fail(_inner.Why);
        }
        else
        {
            _writer.Bytes(_inner.Written);
        }
    }

    private bool Fits(long value, long most)
    {
        if (value < 0 || value > most)
        {
            Fail($"{value} is not between 0 and {most}");
        }

        return !Failed;
    }
}
