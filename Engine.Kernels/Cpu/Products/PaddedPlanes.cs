using System;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  A plane of X as windows read it: padded, and its rows split by phase, so that neighbouring windows read neighbouring
//  values whatever the stride, and every tap is one constant offset.
//
//    stride 2     x0 x1 x2 x3 x4 x5      ->     phase 0: x0 x2 x4 …     phase 1: x1 x3 x5 …
//

/// <summary>The padded form of the planes that a window slides over.</summary>
internal sealed unsafe class PaddedPlanes
{
    /// <summary>Floats to be had behind the last plane: vectors read past it.</summary>
    internal const int Slack = 64;

    private readonly WindowLoops _loops;
    private readonly float _padding;
    private readonly long _depth;
    private readonly long _height;
    private readonly long _phases;
    private readonly long _length;

    /// <param name="loops">The window.</param>
    /// <param name="padding">Value of the padding.</param>
    internal PaddedPlanes(WindowLoops loops, float padding = 0f)
    {
        _loops = loops;
        _padding = padding;
        _depth = Reach(loops, 0);
        _height = Reach(loops, 1);
        _phases = loops.Stride[2];
        _length = loops.Output[2] + ((loops.Taps[2] - 1) * loops.Dilation[2] / _phases) + 1;
    }

    /// <summary>Floats of one padded plane.</summary>
    internal long Floats => _depth * _height * _phases * _length;

    /// <summary>Whether padding is cheap: windows that reach far beyond the plane, or leave most of it out, are for the
    /// definition.</summary>
    internal static bool Suits(WindowLoops loops)
    {
        Int128 floats = (Int128)Reach(loops, 0) * Reach(loops, 1) * (Reach(loops, 2) + (2 * loops.Stride[2]));
        return floats <= Int128.Max(1 << 16, 8 * (Int128)Math.Max(loops.Plane, loops.OutputPlane));
    }

    /// <summary>Writes the padded form of a plane.</summary>
    internal void Fill(float* plane, float* to)
    {
        for (long d = 0; d < _depth; d++)
        {
            for (long h = 0; h < _height; h++)
            {
                long atD = d - _loops.Pad[0];
                long atH = h - _loops.Pad[1];
                bool inside = (ulong)atD < (ulong)_loops.Extent[0] && (ulong)atH < (ulong)_loops.Extent[1];
                for (long phase = 0; phase < _phases; phase++)
                {
                    float* row = to + (((((d * _height) + h) * _phases) + phase) * _length);
                    if (inside)
                    {
                        FillRow(plane + (((atD * _loops.Extent[1]) + atH) * _loops.Extent[2]), phase, row);
                    }
                    else
                    {
                        new Span<float>(row, (int)_length).Fill(_padding);
                    }
                }
            }
        }
    }

    /// <summary>Offset of each tap of a window from the window's place.</summary>
    internal void Locate(long* offsets)
    {
        for (long kd = 0; kd < _loops.Taps[0]; kd++)
        {
            for (long kh = 0; kh < _loops.Taps[1]; kh++)
            {
                long row = ((kd * _loops.Dilation[0] * _height) + (kh * _loops.Dilation[1])) * _phases;
                for (long kw = 0; kw < _loops.Taps[2]; kw++)
                {
                    (long whole, long phase) = Math.DivRem(kw * _loops.Dilation[2], _phases);
                    *offsets++ = ((row + phase) * _length) + whole;
                }
            }
        }
    }

    /// <summary>Place of the first window of a row of outputs; the others of the row follow it.</summary>
    internal long Row(long row)
    {
        (long d, long h) = Math.DivRem(row, _loops.Output[1]);
        return ((d * _loops.Stride[0] * _height) + (h * _loops.Stride[1])) * _phases * _length;
    }

    private static long Reach(WindowLoops loops, int axis)
        => ((loops.Output[axis] - 1) * loops.Stride[axis]) + ((loops.Taps[axis] - 1) * loops.Dilation[axis]) + 1;

    private void FillRow(float* line, long phase, float* row)
    {
        long pad = _loops.Pad[2];
        long from = Math.Clamp(CeilingOf(pad - phase, _phases), 0, _length);
        long to = Math.Clamp(CeilingOf(_loops.Extent[2] + pad - phase, _phases), from, _length);
        new Span<float>(row, (int)from).Fill(_padding);
        new Span<float>(row + to, (int)(_length - to)).Fill(_padding);
        float* at = line + (from * _phases) + phase - pad;
        if (_phases == 1)
        {
            new ReadOnlySpan<float>(at, (int)(to - from)).CopyTo(new Span<float>(row + from, (int)(to - from)));
            return;
        }

        for (long i = from; i < to; i++)
        {
            row[i] = *at;
            at += _phases;
        }
    }

    private static long CeilingOf(long a, long b) => a >= 0 ? (a + b - 1) / b : -(-a / b);
}
