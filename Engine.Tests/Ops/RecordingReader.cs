using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>Remembers which elements were pulled, and refuses own outputs that are not before the one evaluated, and
/// elements that are not before.</summary>
internal sealed class RecordingReader(OpCase entry, ImmutableArray<Tensor> outputs, int output) : ElementReader
{
    private readonly TensorReader _inner = new(entry.Inputs, outputs);
    private readonly ImmutableArray<int> _before =
        [.. entry.Op.EvaluationOrder(outputs.Length).TakeWhile(other => other != output)];

    private readonly bool[][] _pulled = [.. entry.Inputs.Concat(outputs).Select(tensor => new bool[tensor.Type.Elements])];

    /// <summary>How many elements were pulled, repetitions counted.</summary>
    public long Pulls { get; private set; }

    private readonly long _step = entry.Op.StepElements([.. entry.Inputs.Select(input => input.Type)], output);

    /// <summary>The element that is evaluated: of its own output it may read what lies in earlier steps.</summary>
    public long Element { private get; set; }

    public override int Slots => _inner.Slots;

    public override TensorType Type(int slot) => _inner.Type(slot);

    public override void Read(int slot, long start, Span<byte> destination)
    {
        int count = destination.Length / Type(slot).DType.Size();
        bool isEarlier = slot - Slots == output && _step > 0 && start + count <= Element - (Element % _step);
        if (slot >= Slots && !_before.Contains(slot - Slots) && !isEarlier)
        {
            throw new InvalidOperationException($"{entry.Op.Name} reads output {slot - Slots} at {start} for element {Element} of output {output}");
        }

        _inner.Read(slot, start, destination);
        _pulled[slot].AsSpan((int)start, count).Fill(true);
        Pulls += count;
    }

    /// <summary>Asserts that as many boxes as the footprints say hold everything that was pulled.</summary>
    public void AssertWithin(ImmutableArray<Footprint> footprints)
    {
        for (int slot = 0; slot < footprints.Length; slot++)
        {
            Footprint footprint = footprints[slot];
            long boxes = Boxes(_pulled[slot], Type(slot).Shape, footprint.Box);
            Assert.That(boxes, Is.LessThanOrEqualTo(footprint.Count), $"slot {slot} of {entry}, output {output}: {footprint} of {Type(slot)}");
        }
    }

    /// <summary>Asserts that another reader was pulled the same elements from.</summary>
    public void AssertSame(RecordingReader other)
    {
        for (int slot = 0; slot < _pulled.Length; slot++)
        {
            Assert.That(_pulled[slot], Is.EqualTo(other._pulled[slot]), $"slot {slot} of {entry}, output {output}");
        }
    }

    // Boxes that it takes to hold what was pulled: one if one does; otherwise each starts at the first element that no earlier one holds.
    private static long Boxes(bool[] pulled, Shape shape, ImmutableArray<long> box)
    {
        ImmutableArray<long> strides = shape.Strides();
        int[] indices = [.. Enumerable.Range(0, pulled.Length).Where(i => pulled[i])];
        long Coordinate(long index, int axis) => index / strides[axis] % shape[axis];
        bool Holds(Func<int, long> start, int index) => Enumerable.Range(0, shape.Rank).All(axis =>
            box[axis] == shape[axis] || (Coordinate(index, axis) >= start(axis) && Coordinate(index, axis) < start(axis) + box[axis]));
        long[] lowest = [.. Enumerable.Range(0, indices.Length == 0 ? 0 : shape.Rank).Select(axis => indices.Min(index => Coordinate(index, axis)))];
        if (indices.Length > 0 && indices.All(index => Holds(axis => lowest[axis], index)))
        {
            return 1;
        }

        long count = 0;
        while (indices.Length > 0)
        {
            int first = indices[0];
            indices = [.. indices.Where(index => index != first && !Holds(axis => Coordinate(first, axis), index))];
            count++;
        }

        return count;
    }

    /// <summary>A reader of the same with every element that was not pulled replaced by another value.</summary>
    public TensorReader Poisoned()
    {
        ImmutableArray<Tensor> poisoned = [.. entry.Inputs.Concat(outputs).Select((tensor, slot) =>
        {
            int size = tensor.Type.DType.Size();
            byte[] bytes = tensor.Bytes.ToArray();
            for (int i = 0; i < _pulled[slot].Length; i++)
            {
                for (int k = 0; k < size && !_pulled[slot][i]; k++)
                {
                    bytes[(i * size) + k] ^= 0x41;
                }
            }

            return Tensor.Canonical(tensor.Type, bytes);
        })];
        return new TensorReader(poisoned[..Slots], poisoned[Slots..]);
    }
}
