using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>Remembers which elements were pulled.</summary>
internal sealed class RecordingReader(ImmutableArray<Tensor> inputs) : ElementReader
{
    private readonly TensorReader _inner = new(inputs);
    private readonly bool[][] _pulled = [.. inputs.Select(input => new bool[input.Type.Elements])];

    /// <summary>How many elements were pulled, repetitions counted.</summary>
    public long Pulled { get; private set; }

    public override int Slots => _inner.Slots;

    public override TensorType Type(int slot) => _inner.Type(slot);

    public override void Read(int slot, long start, Span<byte> destination)
    {
        _inner.Read(slot, start, destination);
        int count = destination.Length / Type(slot).DType.Size();
        _pulled[slot].AsSpan((int)start, count).Fill(true);
        Pulled += count;
    }

    /// <summary>The inputs with every element that was not pulled replaced by another value.</summary>
    public ImmutableArray<Tensor> Poisoned()
    {
        return [.. inputs.Select((input, slot) =>
        {
            int size = input.Type.DType.Size();
            byte[] bytes = input.Bytes.ToArray();
            for (int i = 0; i < _pulled[slot].Length; i++)
            {
                for (int k = 0; k < size && !_pulled[slot][i]; k++)
                {
                    bytes[(i * size) + k] ^= 0x41;
                }
            }

            return Tensor.Canonical(input.Type, bytes);
        })];
    }
}
