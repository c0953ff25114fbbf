using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Operands of a wanted shape that lie in memory in all the ways a view allows.</summary>
internal static class Layouts
{
    /// <summary>An operand laid out at random: whole, with an offset, permuted, sliced with steps of either sign, or repeated.</summary>
    public static Operand Operand(this Adversarial random, DType type, Shape shape, Mood values, bool parameter = false)
    {
        int layout = random.Below(5);
        int[] order = [.. Enumerable.Range(0, shape.Rank)];
        if (layout == 2)
        {
            order = [.. order.OrderBy(_ => random.Word())];
        }

        long[] steps = [.. order.Select(_ => layout == 3 ? random.Of<long>(1, 2, -1, -2) : 1L)];
        bool[] repeated = [.. order.Select(_ => layout == 4 && random.Below(2) == 0)];
        long[] room = [.. Enumerable.Range(0, shape.Rank).Select(axis =>
            repeated[axis] ? 1 : (shape[axis] * Math.Abs(steps[axis])) + (layout is 1 or 3 ? random.Below(3) : 0))];

        // The source's axes are the view's in another order.
        Shape source = new([.. order.Select(axis => room[axis])]);
        Tensor tensor = random.Tensor(type, source, values);
        long[] strides = new long[shape.Rank];
        long offset = 0;
        for (int position = 0; position < order.Length; position++)
        {
            int axis = order[position];
            long stride = source.Strides()[position];
            strides[axis] = repeated[axis] ? 0 : stride * steps[axis];
            offset += steps[axis] < 0 && shape[axis] > 0 ? stride * (shape[axis] - 1) * -steps[axis] : 0;
        }

        AffineView map = new(shape, shape.Elements == 0 ? 0 : offset, [.. strides]);
        return new Operand(new TensorType(type, shape), tensor.Bytes, map, parameter ? tensor : null);
    }

    /// <summary>An operand that is a whole tensor.</summary>
    public static Operand Whole(Tensor tensor, bool parameter = false)
        => new(tensor.Type, tensor.Bytes, AffineView.Identity(tensor.Type.Shape), parameter ? tensor : null);

    /// <summary>The operand once for each of a batch.</summary>
    public static Operand Repeated(this Operand operand, long batch)
    {
        AffineView map = operand.Map.Expand(new Shape([batch, .. operand.Type.Shape.Extents]));
        return operand with { Type = operand.Type with { Shape = map.Shape }, Map = map };
    }

    /// <summary>Half steps of the given scales, rounded: quotients that are ties, or a unit beside one.</summary>
    public static Tensor HalfSteps(this Adversarial random, Tensor scales)
    {
        float[] steps = [.. Enumerable.Range(0, (int)scales.Type.Elements).Select(i =>
            (random.Below(1024) - 512) * 0.5f * scales.As<float>()[i])];
        return Tensor.Of<float>(DType.F32, scales.Type.Shape, steps);
    }
}
