using System;

using Google.Protobuf;
using Google.Protobuf.Reflection;

using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Wire;

/// <summary>A canonical reader.</summary>
internal delegate bool CanonicalRead<TObject>(ReadOnlySpan<byte> bytes, out TObject? read, out string why)
    where TObject : class;

/// <summary>Both ways between an object and its message. Reading makes canonical bytes of the message and leaves all judgement to their
/// reader, then writes the object again: other bytes than the given ones are refused.</summary>
/// <param name="limit">Largest message in bytes.</param>
/// <param name="type">The message's type.</param>
/// <param name="make">The message of an object.</param>
/// <param name="build">The canonical bytes of a message.</param>
/// <param name="read">The reader of canonical bytes.</param>
internal sealed class MessageCodec<TMessage, TObject>(
    int limit, MessageDescriptor type, Func<TObject, TMessage> make, Action<CanonicalBuilder, TMessage> build, CanonicalRead<TObject> read)
    where TMessage : class, IMessage<TMessage>, new()
    where TObject : class
{
    private readonly MessageShape _shape = MessageShape.Of(type);
    private readonly MessageParser<TMessage> _parser = new MessageParser<TMessage>(() => new TMessage()).WithDiscardUnknownFields(true);

    /// <summary>The one encoding of an object.</summary>
    internal byte[] ToBytes(TObject given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return make(given).ToByteArray();
    }

    /// <summary>The object of a message, or what is wrong with it. Never throws.</summary>
    internal bool TryRead(ReadOnlySpan<byte> bytes, out TObject? given, out string why)
    {
        given = null;
        if (bytes.Length > limit)
        {
            why = $"a message of {bytes.Length} bytes is above the limit of {limit}";
            return false;
        }

        if (WireScan.Defect(bytes, _shape, WireLimits.Scan(limit)) is string defect)
        {
            why = defect;
            return false;
        }

        CanonicalBuilder builder = new();
        if (!TryBuild(bytes, builder, out why) || !read(builder.Written, out TObject? candidate, out why))
        {
            return false;
        }

        TMessage again = make(candidate!);
        if (again.CalculateSize() != bytes.Length || !again.ToByteArray().AsSpan().SequenceEqual(bytes))
        {
            why = "not the one encoding of what it says";
            return false;
        }

        given = candidate;
        return true;
    }

    // In a method of its own: the message may be collected before the object is made.
    private bool TryBuild(ReadOnlySpan<byte> bytes, CanonicalBuilder builder, out string why)
    {
        try
        {
            build(builder, _parser.ParseFrom(bytes));
            why = builder.Why;
        }
        catch (InvalidProtocolBufferException damage)
        {
            why = $"the message is truncated or damaged: {damage.Message}";
        }

        return why.Length == 0;
    }
}
