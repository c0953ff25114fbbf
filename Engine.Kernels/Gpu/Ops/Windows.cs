using System;
using System.Collections.Generic;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Windows as Texts/Pool.cl takes them: three spatial axes, those that are not there first.</summary>
internal static class Windows
{
    private const int Axes = 3;
    private const long Largest = 1 << 29;

    /// <summary>Whether coordinates fit: at most three axes, none of them beyond 32 bits.</summary>
    internal static bool Fits(Window window)
    {
        bool fits = window.Axes <= Axes;
        for (int axis = 0; axis < window.Axes; axis++)
        {
            fits = fits && window.Kernel[axis] * (Int128)window.Dilations[axis] < Largest && window.Output[axis] * (Int128)window.Strides[axis] < Largest
                && Math.Abs(window.PadsBegin[axis]) < Largest && Math.Abs(window.PadsEnd[axis]) < Largest;
        }

        return fits;
    }

    /// <summary>The table of a window over an X.</summary>
    internal static int[] Table(Window window, Shape x)
    {
        List<int> table = [];
        Append(window.Kernel.AsSpan(), 1);
        Append(window.Strides.AsSpan(), 1);
        Append(window.Dilations.AsSpan(), 1);
        Append(window.PadsBegin.AsSpan(), 0);
        Append(window.PadsEnd.AsSpan(), 0);
        Append(window.Output.AsSpan(), 1);
        Append(x.Extents[2..], 1);
        return [.. table];

        void Append(ReadOnlySpan<long> values, int absent)
        {
            for (int axis = 0; axis < Axes; axis++)
            {
                int own = axis - Axes + values.Length;
                table.Add(own < 0 ? absent : (int)values[own]);
            }
        }
    }
}
