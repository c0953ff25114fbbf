using Google.Protobuf.Reflection;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests.Wire;

/// <summary>An object has one message: every other encoding of it is refused, wherever in the message it differs.</summary>
internal sealed class OneEncodingTests
{
    [Test]
    public void Tree_gives_the_message_again([ValueSource(nameof(Messages))] Message message)
        => Assert.That(WireTree.Parse(message.Bytes, message.Type).ToArray(), Is.EqualTo(message.Bytes));

    [Test]
    public void Unknown_fields_are_refused([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            foreach (int number in new[] { 100, 18999, 536870911 })
            {
                WireField[] strangers = [new((ulong)number << 3), new(((ulong)number << 3) + 2) { Content = [1, 2] }];
                foreach (WireField stranger in strangers)
                {
                    part.Fields.Add(stranger);
                    Assert.That(message.Accepts(tree.ToArray()), Is.False);
                    part.Fields.RemoveAt(part.Fields.Count - 1);
                    part.Fields.Insert(0, stranger);
                    Assert.That(message.Accepts(tree.ToArray()), Is.False);
                    part.Fields.RemoveAt(0);
                }
            }
        }

        // A group, which this library's parser would skip; fixed 32 and 64 bits; a wire type that does not exist.
        foreach (byte[] stranger in new byte[][] { [0xA3, 6, 0xA4, 6], [0xA3, 6], [0xA5, 6, 0, 0, 0, 0], [0xA1, 6, 0, 0, 0, 0, 0, 0, 0, 0], [0xA6, 6] })
        {
            Assert.That(message.Accepts([.. message.Bytes, .. stranger]), Is.False);
            Assert.That(message.Accepts([.. stranger, .. message.Bytes]), Is.False);
        }
    }

    [Test]
    public void Numbers_longer_than_they_need_be_are_refused([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireField field in tree.All.SelectMany(part => part.Fields))
        {
            field.HasLongTag = true;
            Assert.That(message.Accepts(tree.ToArray()), Is.False);
            field.HasLongTag = false;
            field.HasLongNumber = true;
            Assert.That(message.Accepts(tree.ToArray()), Is.False);
            field.HasLongNumber = false;
        }
    }

    [Test]
    public void Other_orders_are_refused([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            for (int i = 1; i < part.Fields.Count; i++)
            {
                bool isSameField = part.Fields[i].Number == part.Fields[i - 1].Number;
                (part.Fields[i], part.Fields[i - 1]) = (part.Fields[i - 1], part.Fields[i]);
                bool isAccepted = message.Accepts(tree.ToArray());
                Assert.That(isAccepted && !isSameField, Is.False);
                (part.Fields[i], part.Fields[i - 1]) = (part.Fields[i - 1], part.Fields[i]);
            }
        }
    }

    [Test]
    public void Repeated_single_fields_are_refused([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            for (int i = 0; i < part.Fields.Count; i++)
            {
                WireField field = part.Fields[i];
                part.Fields.Insert(i, field);
                bool isAccepted = message.Accepts(tree.ToArray());
                Assert.That(isAccepted && !part.Type.FindFieldByNumber(field.Number).IsRepeated, Is.False, $"{part.Type.Name} {field.Number}");
                part.Fields.RemoveAt(i);
            }
        }
    }

    [Test]
    public void Missing_fields_change_the_meaning_or_are_refused([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            for (int i = 0; i < part.Fields.Count; i++)
            {
                WireField field = part.Fields[i];
                part.Fields.RemoveAt(i);
                bool isAccepted = message.Accepts(tree.ToArray());
                Assert.That(isAccepted && field.Child is not null && !part.Type.FindFieldByNumber(field.Number).IsRepeated, Is.False);
                part.Fields.Insert(i, field);
            }
        }
    }

    [Test]
    public void Defaults_are_left_out([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            foreach (FieldDescriptor field in part.Type.Fields.InFieldNumberOrder())
            {
                int before = part.Fields.Count(other => other.Number < field.FieldNumber);
                if (part.Fields.Any(other => other.Number == field.FieldNumber) || field.HasPresence)
                {
                    continue;
                }

                bool hasLength = field.IsRepeated || field.FieldType is FieldType.String or FieldType.Bytes;
                ulong tag = ((ulong)field.FieldNumber << 3) + (hasLength ? 2UL : 0UL);
                part.Fields.Insert(before, new WireField(tag) { Content = hasLength ? [] : null });
                bool isAccepted = message.Accepts(tree.ToArray());
                Assert.That(isAccepted && (!field.IsRepeated || IsPacked(field)), Is.False, field.FullName);
                part.Fields.RemoveAt(before);
            }
        }
    }

    [Test]
    public void Numbers_are_packed_once([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        foreach (WireTree part in tree.All)
        {
            foreach (WireField packed in part.Fields.Where(field => IsPacked(part.Type.FindFieldByNumber(field.Number))).ToArray())
            {
                int at = part.Fields.IndexOf(packed);
                List<ulong> values = [];
                for (ReadOnlySpan<byte> rest = packed.Content; !rest.IsEmpty;)
                {
                    values.Add(WireTree.Varint(ref rest));
                }

                WireField[] apart = [.. values.Select(value => new WireField((ulong)packed.Number << 3) { Value = value })];
                WireField[] halves = [Packed(packed.Tag, values[..^1]), Packed(packed.Tag, values[^1..])];
                WireField[] longer = [new WireField(packed.Tag) { Content = [.. values.SelectMany(value => WireTree.Varint(value, isLong: true))] }];
                foreach (WireField[] other in new[] { apart, halves, longer })
                {
                    part.Fields.RemoveAt(at);
                    part.Fields.InsertRange(at, other);
                    Assert.That(message.Accepts(tree.ToArray()), Is.False);
                    part.Fields.RemoveRange(at, other.Length);
                    part.Fields.Insert(at, packed);
                }
            }
        }
    }

    private static IEnumerable<Message> Messages() => Message.Small;

    private static bool IsPacked(FieldDescriptor field) => field.IsRepeated && field.FieldType == FieldType.Int64;

    private static WireField Packed(ulong tag, IEnumerable<ulong> values) =>
        new(tag) { Content = [.. values.SelectMany(value => WireTree.Varint(value))] };
}
