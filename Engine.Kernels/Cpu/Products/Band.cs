using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  A rectangle of a plane's outputs, and the piece of a plane of X that its windows read: padded, and split by phase along both axes, so
//  that neighbouring windows read neighbouring values whatever the stride, one row of windows lies a pitch behind the one before, and every
//  tap is one constant offset.
//
//    stride 2     x0 x1 x2 x3 x4 x5      ->     phase 0: x0 x2 x4 …     phase 1: x1 x3 x5 …
//
//  A band is as large as its caller likes: small enough to stay in a cache with all of its channels.
//

/// <summary>The padded form of what a rectangle of windows reads.</summary>
internal sealed unsafe class Band
{
    /// <summary>Floats to be had behind the last piece: vectors read past it.</summary>
    internal const int Slack = 64;

    private readonly WindowLoops _loops;
    private readonly float _padding;
    private readonly Phases _down;
    private readonly Phases _along;
    private readonly long _lines;

    /// <param name="loops">The window.</param>
    /// <param name="rows">Most rows of outputs.</param>
    /// <param name="columns">Most outputs of a row.</param>
    /// <param name="padding">Value of the padding.</param>
    internal Band(WindowLoops loops, long rows, long columns, float padding = 0f)
    {
        _loops = loops;
        _padding = padding;
        _down = new Phases(loops, 1);
        _along = new Phases(loops, 2);
        Rows = rows;
        Columns = columns;
        _lines = rows + _down.More;
        Pitch = columns + _along.More;

        // Pieces a multiple of 4 KiB apart would meet in the same lines of the first-level cache.
        long floats = loops.Taps[0] * _down.Count * _along.Count * _lines * Pitch;
        Floats = floats % 1024 == 0 ? floats + 16 : floats;
    }

    /// <summary>Most rows of outputs.</summary>
    internal long Rows { get; }

    /// <summary>Most outputs of a row.</summary>
    internal long Columns { get; }

    /// <summary>From a window to the one below it.</summary>
    internal long Pitch { get; }

    /// <summary>Floats of the piece of one plane.</summary>
    internal long Floats { get; }

    /// <summary>Offset of each tap of a window from the window's place.</summary>
    internal void Locate(long* offsets)
    {
        for (long kd = 0; kd < _loops.Taps[0]; kd++)
        {
            for (long kh = 0; kh < _loops.Taps[1]; kh++)
            {
                for (long kw = 0; kw < _loops.Taps[2]; kw++)
                {
                    (long lines, long down) = Math.DivRem(kh * _loops.Dilation[1], _loops.Stride[1]);
                    (long whole, long along) = Math.DivRem(kw * _loops.Dilation[2], _loops.Stride[2]);
                    *offsets++ = Line(kd, _down.Slot(down), _along.Slot(along), lines) + whole;
                }
            }
        }
    }

    /// <summary>Writes the piece of a plane.</summary>
    /// <param name="plane">The plane of X.</param>
    /// <param name="depth">Index of the outputs along the first axis.</param>
    /// <param name="row">First row of outputs.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="column">First column of outputs.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="to">Where the piece goes.</param>
    internal void Fill<F>(float* plane, long depth, long row, long rows, long column, long columns, float* to)
        where F : unmanaged, IFloats<F>
    {
        long count = columns + _along.More;
        for (long kd = 0; kd < _loops.Taps[0]; kd++)
        {
            long atD = (depth * _loops.Stride[0]) - _loops.Pad[0] + (kd * _loops.Dilation[0]);
            for (int along = 0; along < _along.Count; along++)
            {
                // Element j of a line is X's element first + j * stride.
                long first = (column * _loops.Stride[2]) - _loops.Pad[2] + _along[along];
                long from = Math.Clamp(CeilingOf(-first, _loops.Stride[2]), 0, count);
                long end = Math.Clamp(CeilingOf(_loops.Extent[2] - first, _loops.Stride[2]), from, count);
                for (int down = 0; down < _down.Count; down++)
                {
                    long atH = (row * _loops.Stride[1]) - _loops.Pad[1] + _down[down];
                    float* line = to + Line(kd, down, along, 0);
                    for (long i = 0; i < rows + _down.More; i++)
                    {
                        if ((ulong)atD < (ulong)_loops.Extent[0] && (ulong)atH < (ulong)_loops.Extent[1])
                        {
                            float* x = plane + (((atD * _loops.Extent[1]) + atH) * _loops.Extent[2]) + first;
                            Fill(line, from, _padding);
                            Copy<F>(x + (from * _loops.Stride[2]), _loops.Stride[2], line + from, end - from);
                            Fill(line + end, count - end, _padding);
                        }
                        else
                        {
                            Fill(line, count, _padding);
                        }

                        line += Pitch;
                        atH += _loops.Stride[1];
                    }
                }
            }
        }
    }

    private long Line(long kd, long down, long along, long line)
        => ((((((kd * _down.Count) + down) * _along.Count) + along) * _lines) + line) * Pitch;

    private static long CeilingOf(long a, long b) => a >= 0 ? (a + b - 1) / b : -(-a / b);

    private static void Fill(float* to, long count, float value)
    {
        for (long i = 0; i < count; i++)
        {
            to[i] = value;
        }
    }

    // Every step-th value, brought together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<F>(float* from, long step, float* to, long count)
        where F : unmanaged, IFloats<F>
    {
        long i = 0;
        if (step == 1 && count >= F.Lanes)
        {
            for (; i <= count - F.Lanes; i += F.Lanes)
            {
                F.Store(to + i, F.Load(from + i));
            }

            if (i < count)
            {
                F.Store(to + count - F.Lanes, F.Load(from + count - F.Lanes));
            }

            return;
        }

        if (step == 2 && Sse.IsSupported)
        {
            for (; i < count - 4; i += 4)
            {
                Vector128<float> a = Vector128.Load(from + (2 * i));
                Vector128<float> b = Vector128.Load(from + (2 * i) + 4);
                Sse.Shuffle(a, b, 0b10_00_10_00).Store(to + i);
            }
        }

        for (; i < count; i++)
        {
            to[i] = from[i * step];
        }
    }

    // The remainders of an axis that taps have, and what a line needs beyond its windows.
    private sealed class Phases
    {
        private readonly long[] _remainders;

        internal Phases(WindowLoops loops, int axis)
        {
            long[] all = new long[loops.Taps[axis]];
            for (long tap = 0; tap < all.Length; tap++)
            {
                all[tap] = tap * loops.Dilation[axis] % loops.Stride[axis];
            }

            _remainders = [.. all.Distinct()];
            More = (loops.Taps[axis] - 1) * loops.Dilation[axis] / loops.Stride[axis];
        }

        internal long More { get; }

        internal int Count => _remainders.Length;

        internal long this[int slot] => _remainders[slot];

        internal long Slot(long remainder) => Array.IndexOf(_remainders, remainder);
    }
}
