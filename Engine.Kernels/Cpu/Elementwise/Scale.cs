using System;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>A BatchNorm whose statistics are parameters: y = x · k + t, with k and t of each channel as Ops.BatchNorm computes them.</summary>
/// <param name="Factors">k, pinned.</param>
/// <param name="Shifts">t, pinned.</param>
/// <param name="Map">From the elements of X to the channels.</param>
internal sealed record Scale(float[] Factors, float[] Shifts, AffineView Map)
{
    /// <summary>The channels' numbers, or null where they are not known before the run.</summary>
    internal static Scale? Of(NodeCall call)
    {
        if (call.Inputs.Skip(1).Any(input => input.Parameter is null || input.Type.DType != DType.F32))
        {
            return null;
        }

        float epsilon = ((Engine.Ops.BatchNorm)call.Node.Op).Epsilon;
        Shape shape = call.Inputs[0].Type.Shape;
        float[] factors = GC.AllocateUninitializedArray<float>((int)shape[1], pinned: true);
        float[] shifts = GC.AllocateUninitializedArray<float>((int)shape[1], pinned: true);
        for (int channel = 0; channel < factors.Length; channel++)
        {
            float factor = At(1) * (1f / float.Sqrt(At(4) + epsilon));
            factors[channel] = factor;
            shifts[channel] = At(2) - (At(3) * factor);
            float At(int slot) => call.Inputs[slot].Parameter!.As<float>()[(int)call.Inputs[slot].Map.SourceIndex(channel)];
        }

        return new Scale(factors, shifts, new AffineView(shape, 0, [.. Enumerable.Range(0, shape.Rank).Select(axis => axis == 1 ? 1L : 0L)]));
    }
}
