using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Reads the attributes that describe a sliding window.</summary>
internal static class Windows
{
    internal static ImmutableArray<AttributeRule> Rules { get; } =
    [
        OneOf("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
        Ints("kernel_shape"),
        Ints("strides"),
        Ints("pads"),
        Ints("dilations"),
    ];

    /// <summary>The window over X [N, C, spatial..].</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">Shape of X.</param>
    /// <param name="kernel">Shape of the kernel's spatial axes where an operand has it; null when the attribute says it.</param>
    internal static Window Of(NodeImport node, Shape x, ImmutableArray<long>? kernel = null)
    {
        int axes = x.Rank - 2;
        if (axes < 1)
        {
            throw node.Invalid($"{x} has no spatial axis");
        }

        ImmutableArray<long> declared = node.Attributes.Ints("kernel_shape") ?? kernel ?? throw node.Invalid("attribute 'kernel_shape' is missing");
        ImmutableArray<long> strides = List(node, "strides", axes, 1);
        ImmutableArray<long> dilations = List(node, "dilations", axes, 1);
        if (declared.Length != axes || (kernel is { } actual && !actual.SequenceEqual(declared)))
        {
            throw node.Invalid($"kernel_shape [{string.Join(',', declared)}] does not fit");
        }

        ImmutableArray<long> pads = node.Attributes.Ints("pads") ?? [.. Enumerable.Repeat(0L, 2 * axes)];
        if (pads.Length != 2 * axes || strides.Concat(dilations).Concat(declared).Any(extent => extent < 1))
        {
            throw node.Invalid("pads, strides, dilations or kernel_shape do not fit");
        }

        long[] begin = new long[axes];
        long[] end = new long[axes];
        long[] output = new long[axes];
        string autoPad = node.Attributes.Text("auto_pad", "NOTSET");
        bool ceil = node.Attributes.Flag("ceil_mode");
        for (int axis = 0; axis < axes; axis++)
        {
            long extent = x[axis + 2];
            long reach = checked(((declared[axis] - 1) * dilations[axis]) + 1);
            if (autoPad.StartsWith("SAME", StringComparison.Ordinal))
            {
                output[axis] = CeilingDivide(extent, strides[axis]);
                long total = Math.Max(0, checked(((output[axis] - 1) * strides[axis]) + reach - extent));
                long less = total / 2;
                (begin[axis], end[axis]) = autoPad == "SAME_UPPER" ? (less, total - less) : (total - less, less);
                continue;
            }

            (begin[axis], end[axis]) = autoPad == "VALID" ? (0, 0) : (pads[axis], pads[axis + axes]);
            output[axis] = Outputs(extent, reach, strides[axis], begin[axis], end[axis], ceil);
        }

        return new Window(declared, strides, dilations, [.. begin], [.. end], [.. output]);
    }

    private static ImmutableArray<long> List(NodeImport node, string name, int axes, long otherwise)
    {
        ImmutableArray<long> list = node.Attributes.Ints(name) ?? [.. Enumerable.Repeat(otherwise, axes)];
        return list.Length == axes ? list : throw node.Invalid($"attribute '{name}' has {list.Length} entries, not {axes}");
    }

    // Rounded up, a last window that would start behind X and its leading padding is left out.
    private static long Outputs(long extent, long reach, long stride, long begin, long end, bool ceil)
    {
        long room = checked(extent + begin + end - reach);
        long count = Math.Max(0, (ceil ? CeilingDivide(room, stride) : FloorDivide(room, stride)) + 1);
        return ceil && count > 0 && checked((count - 1) * stride) >= extent + begin ? count - 1 : count;
    }

    private static long CeilingDivide(long a, long b) => -FloorDivide(-a, b);

    private static long FloorDivide(long a, long b)
    {
        (long quotient, long remainder) = Math.DivRem(a, b);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}
