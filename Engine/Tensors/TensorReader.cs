using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Pulls elements from tensors in memory.</summary>
/// <param name="inputs">The node's inputs, one a slot.</param>
public sealed class TensorReader(ImmutableArray<Tensor> inputs) : ElementReader
{
    /// <inheritdoc/>
    public override int Slots => inputs.Length;

    /// <inheritdoc/>
    public override TensorType Type(int slot) => inputs[slot].Type;

    /// <inheritdoc/>
    public override void Read(int slot, long start, Span<byte> destination)
    {
        Tensor tensor = inputs[slot];
        tensor.Bytes.Span.Slice((int)(start * tensor.Type.DType.Size()), destination.Length).CopyTo(destination);
    }
}
