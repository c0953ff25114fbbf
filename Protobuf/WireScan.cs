using System;
using System.Buffers.Binary;
using System.IO;

namespace VerifiableCompute.Protobuf;

/// <summary>How much of everything one message may have.</summary>
/// <param name="What">What is read, as a refusal calls it.</param>
/// <param name="Depth">Deepest nesting of messages.</param>
/// <param name="Items">Most messages, texts and byte strings.</param>
/// <param name="VarintBytes">Most bytes of integers in variable-length form.</param>
/// <param name="TextBytes">Longest text in bytes.</param>
internal readonly record struct ScanLimits(string What, int Depth, int Items, long VarintBytes, int TextBytes);

/// <summary>Walks the bytes of a message before anything is made of them: every length must lie within its parent, and depth, number of
/// messages and strings, lengths of texts and of packed integers stay within the limits. Groups are refused; what the type does not know is
/// passed over. On the way it can copy the message without its long contents, so that nobody copies those again.</summary>
internal ref struct WireScan
{
    private const int VarintWire = 0;
    private const int Fixed64Wire = 1;
    private const int BytesWire = 2;
    private const int Fixed32Wire = 5;

    // Lengths of messages in the copy are written after their contents, so all have the bytes that the longest takes.
    private const int LengthBytes = 5;
    private const int PlaceBytes = 2 * sizeof(int);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ScanLimits _limits;
    private readonly MemoryStream? _copy;
    private long _items;
    private long _varintBytes;
    private int _copied;

    private WireScan(ReadOnlySpan<byte> bytes, ScanLimits limits, MemoryStream? copy)
    {
        _bytes = bytes;
        _limits = limits;
        _copy = copy;
    }

    /// <summary>The first defect, or null.</summary>
    internal static string? Defect(ReadOnlySpan<byte> bytes, MessageShape type, ScanLimits limits)
    {
        WireScan scan = new(bytes, limits, null);
        return scan.Message(0, bytes.Length, type, 0);
    }

    /// <summary>The first defect, or null; and a copy of the message in which fields that are left out (<see cref="FieldKind.LeftOut"/>) have the place
    /// of their contents (see <see cref="Place"/>) for contents.</summary>
    internal static string? Copy(ReadOnlySpan<byte> bytes, MessageShape type, ScanLimits limits, MemoryStream copy)
    {
        WireScan scan = new(bytes, limits, copy);
        string? defect = scan.Message(0, bytes.Length, type, 0);
        scan.CopyTo(bytes.Length);
        return defect;
    }

    /// <summary>Where the contents that a copy left out lie among the bytes it was made of.</summary>
    internal static Range Place(ReadOnlySpan<byte> written)
    {
        int start = BinaryPrimitives.ReadInt32LittleEndian(written);
        return start..(start + BinaryPrimitives.ReadInt32LittleEndian(written[sizeof(int)..]));
    }

    private string? Message(int start, int end, MessageShape? type, int depth)
    {
        if (depth > _limits.Depth)
        {
            return $"messages are nested deeper than {_limits.Depth}";
        }

        int position = start;
        while (position < end)
        {
            int tagAt = position;
            if (!Varint(ref position, end, out ulong tag) || tag > uint.MaxValue || tag >> 3 == 0)
            {
                return $"{_limits.What} is truncated or damaged at byte {tagAt}";
            }

            FieldShape field = type?.Field((uint)(tag >> 3)) ?? default;
            if (Field(ref position, end, (int)(tag & 7), field, depth) is string defect)
            {
                return defect.Length == 0 ? $"{_limits.What} is truncated or damaged at byte {tagAt}" : defect;
            }
        }

        return null;
    }

    // Null when the field is in order, an empty text when it is damaged, otherwise what is wrong.
    private string? Field(ref int position, int end, int wire, FieldShape field, int depth)
    {
        int from = position;
        switch (wire)
        {
            case VarintWire:
                return Varint(ref position, end, out _) ? CountVarints(position - from) : string.Empty;
            case Fixed64Wire or Fixed32Wire:
                int size = wire == Fixed64Wire ? sizeof(ulong) : sizeof(uint);
                position += Math.Min(size, end - position);
                return position - from == size ? null : string.Empty;
            case BytesWire when Varint(ref position, end, out ulong length) && length <= (ulong)(end - position):
                int start = position;
                position += (int)length;
                return Content(from, start, position, field, depth);
            default:
                return string.Empty;
        }
    }

    private string? Content(int lengthAt, int start, int end, FieldShape field, int depth)
    {
        switch (field.Kind)
        {
            case FieldKind.Message when _copy is not null:
                CopyTo(lengthAt);
                _copied = start;
                long at = _copy.Length;
                _copy.Write(stackalloc byte[LengthBytes]);
                string? defect = CountItem() ?? Message(start, end, field.Message, depth + 1);
                CopyTo(end);
                WriteLength(at);
                return defect;
            case FieldKind.Message:
                return CountItem() ?? Message(start, end, field.Message, depth + 1);
            case FieldKind.LeftOut when _copy is not null:
                CopyTo(lengthAt);
                _copied = end;
                Span<byte> place = stackalloc byte[1 + PlaceBytes];
                place[0] = PlaceBytes;
                BinaryPrimitives.WriteInt32LittleEndian(place[1..], start);
                BinaryPrimitives.WriteInt32LittleEndian(place[(1 + sizeof(int))..], end - start);
                _copy.Write(place);
                return CountItem();
            case FieldKind.Text:
                return end - start > _limits.TextBytes
                    ? $"a text of {end - start} bytes is above the limit of {_limits.TextBytes}"
                    : CountItem();
            case FieldKind.Bytes or FieldKind.LeftOut:
                return CountItem();
            case FieldKind.Integers:
                return CountVarints(end - start);
            default:
                return null;
        }
    }

    private void CopyTo(int end)
    {
        _copy!.Write(_bytes[_copied..end]);
        _copied = end;
    }

    private readonly void WriteLength(long at)
    {
        Span<byte> written = _copy!.GetBuffer().AsSpan((int)at, LengthBytes);
        uint length = (uint)(_copy.Length - at - LengthBytes);
        for (int i = 0; i < LengthBytes; i++)
        {
            written[i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthBytes - 1 ? 0x80u : 0));
        }
    }

    private string? CountItem() => ++_items > _limits.Items
        ? $"{_limits.What} has more than {_limits.Items} messages and texts"
        : null;

    private string? CountVarints(int bytes)
    {
        _varintBytes += bytes;
        return _varintBytes > _limits.VarintBytes
            ? $"{_limits.What} has more than {_limits.VarintBytes} bytes of integers outside raw data"
            : null;
    }

    private readonly bool Varint(ref int position, int end, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 70 && position < end; shift += 7)
        {
            byte next = _bytes[position++];
            value |= shift < 64 ? (ulong)(next & 0x7F) << shift : 0;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
