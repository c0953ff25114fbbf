using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

using Google.Protobuf.Reflection;

namespace VerifiableCompute.Protobuf;

/// <summary>What a scan looks at in a field's contents.</summary>
internal enum FieldKind
{
    /// <summary>Nothing: numbers of fixed size, or a field that the type does not know.</summary>
    None,

    /// <summary>Integers in variable-length form, packed.</summary>
    Integers,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>Bytes that a copy leaves out.</summary>
    LeftOut,

    /// <summary>A message.</summary>
    Message,
}

/// <summary>A field.</summary>
/// <param name="Kind">What its contents are.</param>
/// <param name="Message">Their type, if they are messages.</param>
internal readonly record struct FieldShape(FieldKind Kind, MessageShape? Message);

/// <summary>The fields of a message's type as far as a scan needs them. The library's descriptors say the same, but making those of a large schema takes
/// longer than reading a small file; so such a schema is written out, and a test compares.</summary>
internal sealed class MessageShape
{
    private FieldShape[] _fields = [];

    /// <summary>The shape of a type, from its descriptor.</summary>
    internal static MessageShape Of(MessageDescriptor type) => Of(type, []);

    /// <summary>Adds fields that are no messages.</summary>
    /// <returns>This shape.</returns>
    internal MessageShape Add(FieldKind kind, params ReadOnlySpan<int> fields)
    {
        foreach (int field in fields)
        {
            Set(field, kind, null);
        }

        return this;
    }

    /// <summary>Adds a field of messages.</summary>
    /// <returns>This shape.</returns>
    internal MessageShape Add(int field, MessageShape message)
    {
        Set(field, FieldKind.Message, message);
        return this;
    }

    /// <summary>The field of a number.</summary>
    internal FieldShape Field(uint number) => number < (uint)_fields.Length ? _fields[number] : default;

    /// <summary>All types that the message may contain, one a line, numbered as they are met; fields in order.</summary>
    public override string ToString()
    {
        List<MessageShape> types = [this];
        StringBuilder text = new();
        for (int i = 0; i < types.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i}:");
            FieldShape[] fields = types[i]._fields;
            for (int number = 0; number < fields.Length; number++)
            {
                if (fields[number].Message is MessageShape message && !types.Contains(message))
                {
                    types.Add(message);
                }

                text.Append(CultureInfo.InvariantCulture, $" {fields[number].Kind}");
                text.Append(fields[number].Message is MessageShape of ? $"({types.IndexOf(of)})" : string.Empty);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static MessageShape Of(MessageDescriptor type, Dictionary<MessageDescriptor, MessageShape> made)
    {
        if (made.TryGetValue(type, out MessageShape? shape))
        {
            return shape;
        }

        shape = new MessageShape();
        made.Add(type, shape);
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
        {
            if (field.FieldType == FieldType.Message)
            {
                shape.Add(field.FieldNumber, Of(field.MessageType, made));
            }
            else
            {
                shape.Add(KindOf(field.FieldType), field.FieldNumber);
            }
        }

        return shape;
    }

    private static FieldKind KindOf(FieldType type) => type switch
    {
        FieldType.String => FieldKind.Text,
        FieldType.Bytes => FieldKind.Bytes,
        FieldType.Int32 or FieldType.Int64 or FieldType.UInt64 => FieldKind.Integers,
        _ => FieldKind.None,
    };

    private void Set(int field, FieldKind kind, MessageShape? message)
    {
        Array.Resize(ref _fields, Math.Max(field + 1, _fields.Length));
        _fields[field] = new FieldShape(kind, message);
    }
}
