using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>What holds for every op: a row in the catalogue buys all of it.</summary>
internal sealed class OpContract
{
    [Test]
    public void Every_op_is_in_the_catalogue()
    {
        Type[] missing = [.. typeof(Op).Assembly.GetTypes()
            .Where(type => typeof(Op).IsAssignableFrom(type) && !type.IsAbstract)
            .Except(Catalog.Cases().Select(entry => entry.Op.GetType()))];
        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void A_whole_is_the_sum_of_its_ranges([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        Adversarial random = new(2);
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
        TensorReader reader = new(entry.Inputs, outputs);
        ForEachOutput(outputs, (output, type, whole) =>
        {
            byte[] parts = new byte[whole.Length];
            for (int start = 0; start < type.Elements;)
            {
                int count = Math.Min(1 + random.Below(7), (int)type.Elements - start);
                Range(entry.Op, reader, output, type, start, count).CopyTo(parts, start * type.DType.Size());
                start += count;
            }

            Assert.That(parts, Is.EqualTo(whole));
        });
    }

    [Test]
    public void What_an_element_pulls_is_enough_and_bounded([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        TensorType[] types = [.. entry.Inputs.Select(input => input.Type)];
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
        ForEachOutput(outputs, (output, type, whole) =>
        {
            int size = type.DType.Size();
            for (int element = 0; element < type.Elements; element += Math.Max(1, (int)type.Elements / 5))
            {
                RecordingReader recording = new(entry, outputs, output) { Element = element };
                Range(entry.Op, recording, output, type, element, 1);
                ImmutableArray<Footprint> footprints = entry.Op.Footprints(types, output, Footprint.Element(type.Shape));
                Assert.That(recording.Pulls, Is.LessThanOrEqualTo(footprints.Sum(footprint => footprint.Elements)), "within the stated bound");
                recording.AssertWithin(footprints);
                byte[] poisoned = Range(entry.Op, recording.Poisoned(), output, type, element, 1);
                Assert.That(poisoned, Is.EqualTo(whole[(element * size)..((element + 1) * size)]), "nothing else matters");
            }
        });
    }

    [Test]
    public void What_a_box_pulls_lies_in_its_footprints([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        Adversarial random = new(3);
        TensorType[] types = [.. entry.Inputs.Select(input => input.Type)];
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
        ForEachOutput(outputs, (output, type, _) =>
        {
            for (int round = 0; round < 4 && type.Elements > 0; round++)
            {
                AffineView box = Box(type.Shape, random);
                RecordingReader recording = new(entry, outputs, output);
                for (int i = 0; i < box.Shape.Elements; i++)
                {
                    recording.Element = box.SourceIndex(i);
                    Range(entry.Op, recording, output, type, box.SourceIndex(i), 1);
                }

                Footprint of = new(1, [.. box.Shape.Extents]);
                recording.AssertWithin(entry.Op.Footprints(types, output, of));
                recording.AssertWithin(entry.Op.Footprints(types, output, of with { Count = long.MaxValue }));
            }
        });
    }

    /// <summary>A check that computes a run of elements at once needs the leaves that each of them needs, and no other.</summary>
    [Test]
    public void A_range_pulls_what_its_elements_pull([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        Adversarial random = new(4);
        TensorType[] types = [.. entry.Inputs.Select(input => input.Type)];
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(entry.Op, entry.Inputs);
        ForEachOutput(outputs, (output, type, _) =>
        {
            for (int round = 0; round < 4 && type.Elements > 0 && entry.Op.StepElements(types, output) == 0; round++)
            {
                int start = random.Below((int)type.Elements);
                int count = 1 + random.Below((int)Math.Min(type.Elements - start, 300));
                RecordingReader whole = new(entry, outputs, output);
                Range(entry.Op, whole, output, type, start, count);
                RecordingReader single = new(entry, outputs, output);
                for (int element = start; element < start + count; element++)
                {
                    Range(entry.Op, single, output, type, element, 1);
                }

                whole.AssertSame(single);
            }
        });
    }

    [Test]
    public void Footprints_hold_every_box_of_several([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        TensorType[] types = [.. entry.Inputs.Select(input => input.Type)];
        ImmutableArray<TensorType> outputs = entry.Op.Infer(types);
        for (int output = 0; output < outputs.Length; output++)
        {
            Footprint of = Footprint.Element(outputs[output].Shape);
            ImmutableArray<Footprint> one = entry.Op.Footprints(types, output, of);
            ImmutableArray<Footprint> three = entry.Op.Footprints(types, output, of with { Count = 3 * of.Count });
            ImmutableArray<Footprint> all = entry.Op.Footprints(types, output, Footprint.Whole(outputs[output].Shape));
            Assert.That(one, Has.Length.EqualTo(types.Length + outputs.Length));
            for (int slot = 0; slot < one.Length; slot++)
            {
                Shape shape = slot < types.Length ? types[slot].Shape : outputs[slot - types.Length].Shape;
                Assert.That(three[slot].Elements, Is.EqualTo(Math.Min(3 * one[slot].Elements, shape.Elements)).Or.LessThan(shape.Elements));
                Assert.That(all[slot].Elements, Is.LessThanOrEqualTo(shape.Elements).And.GreaterThanOrEqualTo(one[slot].Elements));
                Assert.That(one[slot].Count == 0, Is.EqualTo(all[slot].Count == 0), "read by one or by none");
            }

            Assert.That(() => entry.Op.Footprints(types, output, of with { Count = -1 }), Throws.ArgumentException);
            Assert.That(() => entry.Op.Footprints(types, output, of with { Box = of.Box.Add(1) }), Throws.ArgumentException);
        }
    }

    [Test]
    public void Stored_values_are_canonical([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
        => ForEachOutput(ReferenceBackend.Evaluate(entry.Op, entry.Inputs), (_, type, whole) =>
        {
            byte[] canonical = [.. whole];
            Tensor.Canonicalise(type.DType, canonical);
            Assert.That(whole, Is.EqualTo(canonical));
        });

    [Test]
    public void Wrong_inputs_are_refused([ValueSource(typeof(Catalog), nameof(Catalog.Cases))] OpCase entry)
    {
        TensorType[] types = [.. entry.Inputs.Select(input => input.Type)];
        Assert.Multiple(() =>
        {
            Assert.That(() => entry.Op.Infer([]), Throws.ArgumentException.With.Message.Contains(entry.Op.Name), "none");
            if (entry.Op is not Concat)
            {
                TensorType[] tooMany = [.. types, types[^1], types[^1], types[^1]];
                Assert.That(() => entry.Op.Infer(tooMany), Throws.ArgumentException, "too many");
            }

            if (types.Length > 1)
            {
                TensorType[] mixed = [.. types[..^1], types[^1] with { Shape = new Shape(11, 13, 17, 19) }];
                bool anyShapeGoes = entry.Op is Gather;
                Assert.That(() => entry.Op.Infer(mixed), anyShapeGoes ? Throws.Nothing : Throws.ArgumentException, "a shape that does not fit");
            }
        });
    }

    private static void ForEachOutput(ImmutableArray<Tensor> outputs, Action<int, TensorType, byte[]> check)
    {
        for (int output = 0; output < outputs.Length; output++)
        {
            check(output, outputs[output].Type, outputs[output].Bytes.ToArray());
        }
    }

    // A random box of at most some hundred elements, as a map into the shape.
    private static AffineView Box(Shape shape, Adversarial random)
    {
        AffineView box = AffineView.Identity(shape);
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            int extent = 1 + random.Below((int)Math.Min(shape[axis], Math.Max(1, 200 / box.Shape.Product(axis + 1, shape.Rank))));
            box = box.Slice(axis, random.Below((int)shape[axis] - extent + 1), 1, extent);
        }

        return box;
    }

    private static byte[] Range(Op op, ElementReader reader, int output, TensorType type, long start, int count)
    {
        byte[] bytes = new byte[count * type.DType.Size()];
        op.Evaluate(reader, output, start, new ElementWriter(type.DType, bytes));
        return bytes;
    }
}
