using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Pulls elements from tensors in memory.</summary>
/// <param name="inputs">The node's inputs, one a slot.</param>
/// <param name="outputs">The node's own outputs, which follow; their bytes may still be filled, in the op's order of evaluation.</param>
public sealed class TensorReader(ImmutableArray<Tensor> inputs, ImmutableArray<Tensor> outputs) : ElementReader
{
    /// <summary>A reader of inputs alone, for ops without auxiliary outputs.</summary>
    public TensorReader(ImmutableArray<Tensor> inputs)
        : this(inputs, [])
    {
    }

    /// <inheritdoc/>
    public override int Slots => inputs.Length;

    /// <inheritdoc/>
    public override TensorType Type(int slot) => At(slot).Type;

    /// <inheritdoc/>
    public override void Read(int slot, long start, Span<byte> destination)
    {
        Tensor tensor = At(slot);
        tensor.Bytes.Span.Slice((int)(start * tensor.Type.DType.Size()), destination.Length).CopyTo(destination);
    }

    private Tensor At(int slot) => slot < inputs.Length ? inputs[slot] : outputs[slot - inputs.Length];
}
