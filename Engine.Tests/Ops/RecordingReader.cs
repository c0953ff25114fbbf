using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>Remembers which elements were pulled, and refuses own outputs that are not before the one evaluated.</summary>
internal sealed class RecordingReader(OpCase entry, ImmutableArray<Tensor> outputs, int output) : ElementReader
{
    private readonly TensorReader _inner = new(entry.Inputs, outputs);
    private readonly ImmutableArray<int> _before =
        [.. entry.Op.EvaluationOrder(outputs.Length).TakeWhile(other => other != output)];

    private readonly bool[][] _pulled = [.. entry.Inputs.Concat(outputs).Select(tensor => new bool[tensor.Type.Elements])];

    /// <summary>How many elements were pulled, repetitions counted.</summary>
    public long Pulls { get; private set; }

    public override int Slots => _inner.Slots;

    public override TensorType Type(int slot) => _inner.Type(slot);

    /// <summary>Which elements of a slot were pulled.</summary>
    public ReadOnlySpan<bool> Pulled(int slot) => _pulled[slot];

    public override void Read(int slot, long start, Span<byte> destination)
    {
        if (slot >= Slots && !_before.Contains(slot - Slots))
        {
            throw new InvalidOperationException($"{entry.Op.Name} reads output {slot - Slots} for output {output}");
        }

        _inner.Read(slot, start, destination);
        int count = destination.Length / Type(slot).DType.Size();
        _pulled[slot].AsSpan((int)start, count).Fill(true);
        Pulls += count;
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
