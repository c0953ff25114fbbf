using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>The extents of a ConvTranspose.</summary>
/// <param name="Strides">Steps between the elements of X once zeros lie between them.</param>
/// <param name="Window">The convolution over that.</param>
internal sealed record Stretch(ImmutableArray<long> Strides, Window Window)
{
    /// <summary>Reads the attributes.</summary>
    internal static Stretch Of(NodeImport node, Shape x, Shape w)
    {
        int axes = x.Rank - 2;
        ImmutableArray<long> List(string name, int count, long otherwise)
        {
            ImmutableArray<long> list = node.Attributes.Ints(name) ?? [.. Enumerable.Repeat(otherwise, count)];
            return list.Length == count ? list : throw node.Invalid($"attribute '{name}' has {list.Length} entries, not {count}");
        }

        ImmutableArray<long> kernel = [.. w.Extents[2..]];
        ImmutableArray<long> strides = List("strides", axes, 1);
        ImmutableArray<long> dilations = List("dilations", axes, 1);
        ImmutableArray<long> extra = List("output_padding", axes, 0);
        ImmutableArray<long> pads = List("pads", 2 * axes, 0);
        ImmutableArray<long>? wanted = node.Attributes.Ints("output_shape") is { Length: > 0 } list ? Spatial(node, list, axes) : null;
        string autoPad = node.Attributes.Text("auto_pad", "NOTSET");
        bool isSame = autoPad.StartsWith("SAME", StringComparison.Ordinal);
        if (strides.Concat(dilations).Concat(kernel).Any(extent => extent < 1)
            || (node.Attributes.Ints("kernel_shape") is ImmutableArray<long> declared && !declared.SequenceEqual(kernel)))
        {
            throw node.Invalid("strides, dilations or kernel_shape do not fit");
        }

        long[] begin = new long[axes];
        long[] output = new long[axes];
        for (int axis = 0; axis < axes; axis++)
        {
            long reach = checked(((kernel[axis] - 1) * dilations[axis]) + 1);
            long all = checked(((x[axis + 2] - 1) * strides[axis]) + extra[axis] + reach);
            if (wanted is null && !isSame)
            {
                begin[axis] = autoPad == "VALID" ? 0 : pads[axis];
                output[axis] = Math.Max(0, all - begin[axis] - (autoPad == "VALID" ? 0 : pads[axes + axis]));
            }
            else
            {
                // What is wanted beyond all there is follows at the end.
                output[axis] = wanted is { } extents ? extents[axis] : checked(x[axis + 2] * strides[axis]);
                long total = Math.Max(0, all - output[axis]);
                begin[axis] = autoPad == "SAME_UPPER" ? total / 2 : total - (total / 2);
            }

            begin[axis] = reach - 1 - begin[axis];
        }

        ImmutableArray<long> ones = [.. Enumerable.Repeat(1L, axes)];
        ImmutableArray<long> end = [.. Enumerable.Range(0, axes).Select(axis => (kernel[axis] - 1) * dilations[axis])];
        return new Stretch(strides, new Window(kernel, ones, dilations, [.. begin], end, [.. output]));
    }

    // Some files give the extents of all axes.
    private static ImmutableArray<long> Spatial(NodeImport node, ImmutableArray<long> list, int axes)
        => (list.Length == axes || list.Length == axes + 2) && list.All(extent => extent >= 0)
            ? [.. list.AsSpan()[^axes..]]
            : throw node.Invalid($"attribute 'output_shape' [{string.Join(',', list)}] does not fit {axes} spatial axes");
}
