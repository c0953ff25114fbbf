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
                RecordingReader recording = new(entry, outputs, output);
                Range(entry.Op, recording, output, type, element, 1);
                Assert.That(recording.Pulls, Is.LessThanOrEqualTo(entry.Op.MaxReads(types, output)), "within the stated bound");
                byte[] poisoned = Range(entry.Op, recording.Poisoned(), output, type, element, 1);
                Assert.That(poisoned, Is.EqualTo(whole[(element * size)..((element + 1) * size)]), "nothing else matters");
            }
        });
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

    private static byte[] Range(Op op, ElementReader reader, int output, TensorType type, long start, int count)
    {
        byte[] bytes = new byte[count * type.DType.Size()];
        op.Evaluate(reader, output, start, new ElementWriter(type.DType, bytes));
        return bytes;
    }
}
