using Google.Protobuf.Reflection;

using NUnit.Framework;

using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Wire;

namespace VerifiableCompute.Engine.Tests.Wire;

/// <summary>Messages that are wrong on purpose: each is refused with a reason or says something else, within bounds of memory.</summary>
internal sealed class HostileTests
{
    private const int Mutations = 5000;

    [Test]
    public void Every_truncation_is_refused_or_lacks_whole_fields([ValueSource(nameof(Messages))] Message message)
    {
        HashSet<int> ends = [0];
        foreach (WireField field in WireTree.Parse(message.Bytes, message.Type).Fields)
        {
            ends.Add(ends.Max() + field.ToArray().Length);
        }

        for (int length = 0; length < message.Bytes.Length; length++)
        {
            bool isAccepted = message.Accepts(message.Bytes[..length]);
            Assert.That(isAccepted && !ends.Contains(length), Is.False, $"{length} bytes");
        }

        Assert.That(message.Accepts([]), Is.False);
    }

    [Test]
    public void Every_changed_byte_is_refused_or_says_something_else([ValueSource(nameof(Messages))] Message message)
    {
        byte[] bytes = [.. message.Bytes];
        int[] changes = message.Family == "challenge" ? [.. Enumerable.Range(1, 255)] : [1, 2, 4, 8, 16, 32, 64, 128, 127, 255];
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (int change in changes)
            {
                bytes[i] ^= (byte)change;
                message.Accepts(bytes);
                bytes[i] ^= (byte)change;
            }
        }

        Assert.That(message.Accepts(bytes), Is.True);
    }

    [Test]
    public void Extreme_numbers_are_refused_or_say_something_else([ValueSource(nameof(Messages))] Message message)
    {
        ulong[] extremes =
        [
            0, 1, 127, 128, 255, 256, 65535, 65536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32,
            long.MaxValue, 1UL << 63, ulong.MaxValue,
        ];
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        int accepted = 0;
        foreach (WireTree part in tree.All)
        {
            foreach (FieldDescriptor field in part.Type.Fields.InFieldNumberOrder())
            {
                WireField[] before = [.. part.Fields];
                if (field.FieldType is FieldType.Message or FieldType.String or FieldType.Bytes)
                {
                    continue;
                }

                part.Fields.RemoveAll(other => other.Number == field.FieldNumber);
                int at = part.Fields.Count(other => other.Number < field.FieldNumber);
                foreach (ulong extreme in extremes)
                {
                    ulong tag = ((ulong)field.FieldNumber << 3) + (field.IsRepeated ? 2UL : 0UL);
                    part.Fields.Insert(at, new WireField(tag) { Value = extreme, Content = field.IsRepeated ? WireTree.Varint(extreme) : null });
                    accepted += message.Accepts(tree.ToArray()) ? 1 : 0;
                    part.Fields.RemoveAt(at);
                }

                part.Fields.Clear();
                part.Fields.AddRange(before);
            }
        }

        Assert.That(accepted, Is.GreaterThan(5));
    }

    [Test]
    public void Random_changes_are_refused_or_say_something_else([ValueSource(nameof(Messages))] Message message)
    {
        Adversarial random = new(11);
        int Below(int limit) => (int)random.Below(limit);
        int accepted = 0;
        for (int round = 0; round < Mutations; round++)
        {
            List<byte> bytes = [.. message.Bytes];
            for (int changes = 1 + Below(3); changes > 0 && bytes.Count > 0; changes--)
            {
                int at = Below(bytes.Count);
                int count = Math.Min(1 + Below(40), bytes.Count - at);
                switch (Below(5))
                {
                    case 0:
                        bytes[at] = (byte)Below(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, count);
                        break;
                    case 2:
                        bytes.InsertRange(Below(bytes.Count), bytes.GetRange(at, count));
                        break;
                    case 3:
                        bytes.Insert(at, (byte)Below(256));
                        break;
                    default:
                        bytes.InsertRange(at, [(byte)(0x80 | Below(128)), 0xFF, 0xFF, (byte)Below(128)]);
                        break;
                }
            }

            accepted += message.Accepts([.. bytes]) ? 1 : 0;
        }

        Assert.That(accepted, Is.LessThan(Mutations / 2));
    }

    [Test]
    public void Noise_is_refused([ValueSource(nameof(Messages))] Message message)
    {
        Adversarial random = new(12);
        for (int round = 0; round < Mutations; round++)
        {
            byte[] noise = new byte[random.Below(200)];
            for (int i = 0; i < noise.Length; i++)
            {
                noise[i] = (byte)random.Below(i % 2 == 0 ? 64 : 256);
            }

            Assert.That(message.Accepts(noise), Is.False);
        }
    }

    [Test]
    public void Messages_of_one_family_are_no_other()
    {
        foreach (Message message in Message.Small)
        {
            foreach (Message other in Message.Small.Where(other => other.Family != message.Family))
            {
                Assert.That(message.Accepts(other.Bytes), Is.False);
                Assert.That(message.Accepts(message.Canonical), Is.False);
            }
        }
    }

    [Test]
    public void Lengths_that_are_not_there_cost_nothing([ValueSource(nameof(Messages))] Message message)
    {
        WireTree tree = WireTree.Parse(message.Bytes, message.Type);
        ulong[] lengths = [1 << 20, int.MaxValue, uint.MaxValue, 1UL << 62, ulong.MaxValue];
        foreach (WireField field in tree.Fields.Where(field => field.Content is not null))
        {
            foreach (ulong length in lengths)
            {
                byte[] hostile = [.. WireTree.Varint(field.Tag), .. WireTree.Varint(length), 1, 2, 3];
                Assert.That(Allocated(message, hostile), Is.LessThan(1 << 14));
                Assert.That(Allocated(message, [.. message.Bytes, .. hostile]), Is.LessThan((1 << 14)));
            }
        }
    }

    [Test]
    public void Memory_is_bounded_by_the_message()
    {
        foreach (Message message in Message.Of(Scene.Make()))
        {
            WireTree tree = WireTree.Parse(message.Bytes, message.Type);
            foreach (WireTree part in tree.All.DistinctBy(part => part.Type).ToArray())
            {
                WireField[] fields = [.. part.Fields];
                foreach (FieldDescriptor field in part.Type.Fields.InFieldNumberOrder())
                {
                    // Empty messages, byte strings or numbers: the most objects for the fewest bytes.
                    part.Fields.Clear();
                    part.Fields.AddRange(Enumerable.Repeat(new WireField(((ulong)field.FieldNumber << 3) + 2) { Content = [] }, 20_000));
                    byte[] hostile = tree.ToArray();
                    Assert.That(Allocated(message, hostile), Is.LessThan(400L * hostile.Length), $"{message.Family}: {field.FullName}");
                }

                part.Fields.Clear();
                part.Fields.AddRange(fields);
            }
        }
    }

    [Test]
    public void Too_many_of_anything_is_refused_before_it_is_made()
    {
        Message receipt = Message.Small[1];
        byte[] items = new byte[2 * (WireLimits.Items + 1)];
        for (int i = 0; i < items.Length; i += 2)
        {
            items[i] = (2 << 3) + 2;
        }

        Assert.That(receipt.Read(items).Why, Does.Contain("more than 4194304 messages and texts"));
        Assert.That(Allocated(receipt, items), Is.LessThan(1 << 14));
        byte[] inner = [.. WireTree.Varint((ulong)WireLimits.VarintBytes + 1)];
        byte[] attribute = [(1 << 3) + 2, .. inner, .. new byte[WireLimits.VarintBytes + 1]];
        byte[] op = [(3 << 3) + 2, .. WireTree.Varint((ulong)attribute.Length), .. attribute];
        byte[] record = [(1 << 3) + 2, .. WireTree.Varint((ulong)op.Length), .. op];
        byte[] statement = [(2 << 3) + 2, .. WireTree.Varint((ulong)record.Length), .. record];
        Assert.That(Message.Small[0].Read(statement).Why, Does.Contain("more than 33554432 bytes of integers"));
        Assert.That(Allocated(Message.Small[0], statement), Is.LessThan(1 << 14));
        int few = WireLimits.FraudProofBytes / (WireLimits.MessageBytes / WireLimits.Items);
        Assert.That(Message.Small[4].Read(items[..(2 * (few + 1))]).Why, Does.Contain($"more than {few} messages and texts"));
        byte[] name = [(4 << 3) + 2, .. WireTree.Varint(4097), .. new byte[4097]];
        Assert.That(Message.Small[2].Read(name).Why, Does.Contain("a text of 4097 bytes"));
        Assert.That(Message.Small[2].Read(new byte[WireLimits.ChallengeBytes + 1]).Why, Does.Contain("above the limit of 16384"));
        Assert.That(Message.Small[4].Read(new byte[WireLimits.FraudProofBytes + 1]).Why, Does.Contain("above the limit of 33554432"));
    }

    // The second reading counts: the first may build tables of the library.
    private static long Allocated(Message message, byte[] hostile)
    {
        message.Read(hostile);
        long before = GC.GetAllocatedBytesForCurrentThread();
        message.Read(hostile);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static IEnumerable<Message> Messages() => Message.Small;
}
