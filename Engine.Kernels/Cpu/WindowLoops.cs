using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>A window over up to three spatial axes, missing ones of extent 1.</summary>
internal sealed unsafe class WindowLoops
{
    private readonly Window _window;
    private readonly int _missing;

    private WindowLoops(Window window, Shape x)
    {
        _window = window;
        _missing = 3 - window.Axes;
        for (int axis = 0; axis < 3; axis++)
        {
            bool given = axis >= _missing;
            Extent[axis] = given ? x[axis - _missing + 2] : 1;
            Taps[axis] = given ? window.Kernel[axis - _missing] : 1;
            Output[axis] = given ? window.Output[axis - _missing] : 1;
            Stride[axis] = given ? window.Strides[axis - _missing] : 1;
            Dilation[axis] = given ? window.Dilations[axis - _missing] : 1;
            Pad[axis] = given ? window.PadsBegin[axis - _missing] : 0;
        }
    }

    // One tap that takes every element in turn: the plane as one line.
    private WindowLoops(WindowLoops loops)
    {
        _window = loops._window;
        _missing = loops._missing;
        Extent = [1, 1, loops.Plane];
        Output = [1, 1, loops.Plane];
        Taps = [1, 1, 1];
        Stride = [1, 1, 1];
        Dilation = [1, 1, 1];
    }

    internal long[] Extent { get; } = new long[3];

    internal long[] Taps { get; } = new long[3];

    internal long[] Output { get; } = new long[3];

    internal long[] Stride { get; } = new long[3];

    internal long[] Dilation { get; } = new long[3];

    internal long[] Pad { get; } = new long[3];

    /// <summary>Elements of an input plane.</summary>
    internal long Plane => Extent[0] * Extent[1] * Extent[2];

    /// <summary>Elements of an output plane.</summary>
    internal long OutputPlane => Output[0] * Output[1] * Output[2];

    /// <summary>Taps of a window.</summary>
    internal long AllTaps => Taps[0] * Taps[1] * Taps[2];

    /// <summary>The loops, or null for more than three spatial axes.</summary>
    internal static WindowLoops? Of(Window window, Shape x) => window.Axes <= 3 ? new WindowLoops(window, x) : null;

    /// <summary>The plane as one line, for a window of one tap that takes every element in turn.</summary>
    internal WindowLoops Flat() => new(this);

    /// <summary>Offset of each tap from the first, in the plane of X.</summary>
    internal void Locate(long* offsets)
    {
        for (long kd = 0; kd < Taps[0]; kd++)
        {
            for (long kh = 0; kh < Taps[1]; kh++)
            {
                long row = (kd * Dilation[0] * Extent[1]) + (kh * Dilation[1]);
                for (long kw = 0; kw < Taps[2]; kw++)
                {
                    *offsets++ = (row * Extent[2]) + (kw * Dilation[2]);
                }
            }
        }
    }

    /// <summary>Taps of a window along an axis that lie in X, or in X or its declared padding.</summary>
    internal long Counted(int axis, long output, bool padding)
    {
        bool declared = padding && axis >= _missing;
        long begin = declared ? -Pad[axis] : 0;
        long end = Extent[axis] + (declared ? _window.PadsEnd[axis - _missing] : 0);
        long counted = 0;
        for (long tap = 0; tap < Taps[axis]; tap++)
        {
            long at = (output * Stride[axis]) - Pad[axis] + (tap * Dilation[axis]);
            counted += at >= begin && at < end ? 1 : 0;
        }

        return counted;
    }
}
