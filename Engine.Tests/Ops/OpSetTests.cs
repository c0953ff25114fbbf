using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>Ops come back from their records, and nothing else does.</summary>
internal sealed class OpSetTests
{
    private const long MostElements = 1 << 14;

    private static readonly long[] Nasty =
    [
        0, 1, -1, 2, 7, 8, 9, 16, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, (1L << 40) + 1, long.MaxValue, long.MinValue,
        0x7FC00000, 0x7FC00001, 0xFFC00000, 0x7F800000, 0x3F800000,
    ];

    private static readonly DType[] Types = [.. Enum.GetValues<DType>().Where(type => type.IsKnown())];

    // One case for each op and attributes.
    private static readonly ImmutableArray<OpCase> Distinct = [.. Catalog.Cases().DistinctBy(entry => entry.Op.ToString())];

    [Test]
    public void Every_op_is_listed_once()
    {
        string[] types = [.. typeof(Op).Assembly.GetTypes()
            .Where(type => typeof(Op).IsAssignableFrom(type) && !type.IsAbstract)
            .Select(type => type.Name)
            .Order(StringComparer.Ordinal)];
        Assert.That(OpSet.All.Select(op => op.Name), Is.EqualTo(types));
        Assert.That(OpSet.All.Select(op => op.Name), Is.Unique);
        Assert.That(Distinct.Select(entry => (entry.Op.Name, entry.Op.Version)).Distinct(), Is.EquivalentTo(OpSet.All));
    }

    [Test]
    public void An_op_comes_back_from_its_record()
    {
        foreach (OpCase entry in Distinct)
        {
            Assert.That(OpSet.TryCreate(entry.Op.Name, entry.Op.Version, Values(entry.Op), out Op? op), Is.True, entry.Op.ToString());
            Assert.That(op!.GetType(), Is.EqualTo(entry.Op.GetType()));
            Assert.That(op.ToString(), Is.EqualTo(entry.Op.ToString()), "name, version, attributes and their names");
            ImmutableArray<Tensor> expected = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
            ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(op, entry.Inputs);
            Assert.That(outputs.Select(output => output.Type), Is.EqualTo(expected.Select(output => output.Type)));
            for (int output = 0; output < outputs.Length; output++)
            {
                Assert.That(outputs[output].Bytes.Span.SequenceEqual(expected[output].Bytes.Span), Is.True, entry.ToString());
            }
        }
    }

    [Test]
    public void What_is_not_an_op_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(OpSet.TryCreate("MatMul", 1, [], out _), Is.False);
            Assert.That(OpSet.TryCreate("add", 1, [], out _), Is.False);
            Assert.That(OpSet.TryCreate("Add", 0, [], out _), Is.False);
            Assert.That(OpSet.TryCreate("Add", 2, [], out _), Is.False);
            Assert.That(OpSet.TryCreate("Add", 1, [[]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Elu", 1, [], out _), Is.False);
            Assert.That(OpSet.TryCreate("Elu", 1, [default], out _), Is.False);
            Assert.That(OpSet.TryCreate("Elu", 1, [[1, 2]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Elu", 1, [[0x7FC00000]], out _), Is.True);
            Assert.That(OpSet.TryCreate("Elu", 1, [[0x7FC00001]], out _), Is.False, "another NaN");
            Assert.That(OpSet.TryCreate("Elu", 1, [[1L << 32]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Softmax", 1, [[2]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Cast", 1, [[8]], out _), Is.False, "strings");
            Assert.That(OpSet.TryCreate("Gather", 1, [[8]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Reduce", 1, [[11], [1]], out _), Is.False);
            Assert.That(OpSet.TryCreate("Range", 1, [[-1]], out _), Is.False);
            Assert.That(OpSet.TryCreate("RoiAlign", 1, [[0], [1], [1], [512], [0x3F800000], [0]], out _), Is.True);
            Assert.That(OpSet.TryCreate("RoiAlign", 1, [[0], [1], [1], [513], [0x3F800000], [0]], out _), Is.False, "more points than a check may take");
        });
    }

    [Test]
    public void Kernel_with_more_taps_than_a_check_may_take_is_refused()
    {
        foreach (long taps in new[] { Limits.CheckOperations, Limits.CheckOperations + 1 })
        {
            Col2Im op = new(new Window([taps], [taps], [1], [0], [0], [1]), [taps]);
            Assert.That(
                () => op.Infer([new TensorType(DType.F32, new Shape(1, taps, 1))]),
                taps > Limits.CheckOperations ? Throws.ArgumentException : Throws.Nothing);
        }
    }

    [Test]
    public void Mutated_records_are_refused_or_kept_as_they_are()
    {
        Adversarial random = new(4);
        int made = 0;
        int evaluated = 0;
        foreach (OpCase entry in Distinct)
        {
            for (int round = 0; round < 300; round++)
            {
                ImmutableArray<long>[] values = Mutated(Values(entry.Op), random);
                if (OpSet.TryCreate(entry.Op.Name, entry.Op.Version, values, out Op? op))
                {
                    made++;
                    Assert.That(Values(op).Select(list => list.ToArray()), Is.EqualTo(values.Select(list => list.ToArray())));
                    evaluated += Runs(op, entry, random) ? 1 : 0;
                }
            }
        }

        Assert.That(made, Is.GreaterThan(500), "some mutations are ops");
        Assert.That(evaluated, Is.GreaterThan(100), "some of these take inputs");
    }

    // Whether the op took random types and was small enough to be evaluated, too.
    private static bool Runs(Op op, OpCase entry, Adversarial random)
    {
        TensorType[] types = [.. entry.Inputs.Select(input => random.Below(2) == 0 ? input.Type : Type(random))];
        types = random.Below(8) == 0 ? [.. Enumerable.Range(0, random.Below(10)).Select(_ => Type(random))] : types;
        ImmutableArray<TensorType> outputs;
        try
        {
            outputs = op.Infer(types);
            for (int output = 0; output < outputs.Length; output++)
            {
                Footprint of = Footprint.Element(outputs[output].Shape) with { Count = random.Of(1, long.MaxValue) };
                of = random.Below(2) == 0 ? of : Footprint.Whole(outputs[output].Shape);
                Assert.That(op.Footprints(types, output, of), Has.Length.EqualTo(types.Length + outputs.Length));
            }
        }
        catch (ArgumentException)
        {
            return false;
        }

        if (types.Concat(outputs).All(type => type.Elements <= MostElements))
        {
            TotalityTests.Evaluated(op, [.. types], random);
            return true;
        }

        return false;
    }

    private static TensorType Type(Adversarial random)
    {
        long[] extents = new long[random.Below(Limits.Rank + 1)];
        long left = Limits.Elements;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            extents[axis] = Math.Min(random.Of<long>(0, 1, 2, 3, 5, 4096, 1 << 20, Limits.Elements), left);
            left /= Math.Max(extents[axis], 1);
        }

        return new TensorType(random.Of(Types), new Shape(extents));
    }

    private static ImmutableArray<long>[] Mutated(ImmutableArray<long>[] values, Adversarial random)
    {
        List<ImmutableArray<long>> lists = [.. values];
        for (int changes = 1 + random.Below(3); changes > 0; changes--)
        {
            int at = random.Below(Math.Max(lists.Count, 1));
            int kind = lists.Count == 0 ? 0 : random.Below(8);
            if (kind == 0)
            {
                lists.Insert(at, [random.Of(Nasty)]);
            }
            else if (kind == 1)
            {
                lists.RemoveAt(at);
            }
            else if (kind == 2 || lists[at].IsEmpty)
            {
                lists[at] = lists[at].Add(random.Of(Nasty));
            }
            else if (kind == 3)
            {
                lists[at] = lists[at].RemoveAt(0);
            }
            else
            {
                int index = random.Below(lists[at].Length);
                long value = random.Of(random.Of(Nasty), unchecked(lists[at][index] + random.Below(5) - 2), random.Word());
                lists[at] = lists[at].SetItem(index, value);
            }
        }

        return [.. lists];
    }

    private static ImmutableArray<long>[] Values(Op op) => [.. op.Attributes.Select(attribute => attribute.Values)];
}
