using Google.Protobuf.Reflection;

namespace VerifiableCompute.Engine.Tests.Wire;

/// <summary>A Protobuf message as a tree of fields, to be written again with something changed in it.</summary>
internal sealed class WireTree
{
    private WireTree(MessageDescriptor type) => Type = type;

    public MessageDescriptor Type { get; }

    public List<WireField> Fields { get; } = [];

    /// <summary>This message and all within it.</summary>
    public IEnumerable<WireTree> All => Fields.Where(own => own.Child is not null).SelectMany(own => own.Child!.All).Prepend(this);

    public static WireTree Parse(ReadOnlySpan<byte> bytes, MessageDescriptor type)
    {
        WireTree tree = new(type);
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            FieldDescriptor field = type.FindFieldByNumber((int)(tag >> 3));
            ulong value = Varint(ref bytes);
            if ((tag & 7) == 0)
            {
                tree.Fields.Add(new WireField(tag) { Value = value });
                continue;
            }

            byte[] content = bytes[..(int)value].ToArray();
            bytes = bytes[(int)value..];
            WireTree? child = field.FieldType == FieldType.Message ? Parse(content, field.MessageType) : null;
            tree.Fields.Add(new WireField(tag) { Content = content, Child = child });
        }

        return tree;
    }

    public byte[] ToArray() => [.. Fields.SelectMany(field => field.ToArray())];

    public static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; ; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
    }

    /// <summary>A number in variable length, in its shortest form or a byte longer.</summary>
    public static byte[] Varint(ulong value, bool isLong = false)
    {
        List<byte> bytes = [];
        do
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }
        while (value > 0);
        if (isLong)
        {
            bytes.Add(0);
        }
        else
        {
            bytes[^1] &= 0x7F;
        }

        return [.. bytes];
    }
}

/// <summary>A field: a number, or bytes, or a message.</summary>
internal sealed class WireField(ulong tag)
{
    public ulong Tag => tag;

    public int Number => (int)(tag >> 3);

    public ulong Value { get; init; }

    public byte[]? Content { get; init; }

    public WireTree? Child { get; init; }

    public bool HasLongTag { get; set; }

    /// <summary>Whether the number, or the length, is a byte longer than it need be.</summary>
    public bool HasLongNumber { get; set; }

    public byte[] ToArray()
    {
        byte[]? content = Child?.ToArray() ?? Content;
        return [.. WireTree.Varint(tag, HasLongTag), .. WireTree.Varint((ulong?)content?.Length ?? Value, HasLongNumber), .. content ?? []];
    }
}
