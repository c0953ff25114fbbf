using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Random windows, said once for both sides.</summary>
internal static class Windows
{
    /// <summary>A window, and the spatial extents of X that it lies on. Adds the node's attributes.</summary>
    /// <param name="draw">Random numbers.</param>
    /// <param name="builder">The case.</param>
    /// <param name="axes">Number of spatial axes.</param>
    /// <param name="largest">Largest extent of X.</param>
    /// <param name="dilate">Whether taps may lie apart.</param>
    /// <param name="ceil">Whether a last window may hang over.</param>
    /// <param name="innermostStride">Least stride of the last axis.</param>
    public static (Window Window, long[] Extents) Make(Draw draw, CaseBuilder builder, int axes, int largest, bool dilate, bool ceil, int innermostStride = 1)
    {
        long[] kernel = new long[axes];
        long[] strides = new long[axes];
        long[] dilations = new long[axes];
        long[] begin = new long[axes];
        long[] end = new long[axes];
        long[] extents = new long[axes];
        long[] output = new long[axes];
        for (int axis = 0; axis < axes; axis++)
        {
            kernel[axis] = draw.Integer(1, 5);
            strides[axis] = draw.Integer(axis == axes - 1 ? innermostStride : 1, 3);
            dilations[axis] = dilate && draw.Chance(25) ? draw.Integer(2, 3) : 1;
            begin[axis] = draw.Integer(0, (int)kernel[axis] - 1);
            end[axis] = draw.Integer(0, (int)kernel[axis] - 1);
            long reach = ((kernel[axis] - 1) * dilations[axis]) + 1;
            extents[axis] = draw.Integer((int)reach, Math.Max((int)reach, largest));
            long span = extents[axis] + begin[axis] + end[axis] - reach;
            output[axis] = (span / strides[axis]) + 1;
            if (ceil && span % strides[axis] != 0 && output[axis] * strides[axis] < extents[axis] + begin[axis])
            {
                output[axis]++;
            }
        }

        builder.Attribute("kernel_shape", kernel).Attribute("strides", strides).Attribute("pads", (long[])[.. begin, .. end]);
        if (dilate)
        {
            builder.Attribute("dilations", dilations);
        }

        return (new Window([.. kernel], [.. strides], [.. dilations], [.. begin], [.. end], [.. output]), extents);
    }
}
