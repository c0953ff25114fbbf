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

/// <summary>Some of a plane's outputs.</summary>
/// <param name="Depth">Index along the first axis.</param>
/// <param name="Row">First row.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Column">First column.</param>
/// <param name="Columns">Columns.</param>
internal readonly record struct Rectangle(long Depth, long Row, long Rows, long Column, long Columns);

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
    private readonly long _phase;

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
        if (columns == loops.Output[2])
        {
            // The padding behind a line may be that before the next.
            long count = Pitch;
            Pitch = columns;
            for (int along = 0; along < _along.Count; along++)
            {
                (long from, long end) = Within(_along[along] - loops.Pad[2], loops.Stride[2], loops.Extent[2], count);
                Pitch = Math.Max(Pitch, Math.Max(end, count - from));
            }
        }

        _phase = ((_lines - 1) * Pitch) + columns + _along.More;

        // Pieces a multiple of 4 KiB apart would meet in the same lines of the first-level cache.
        long floats = loops.Taps[0] * _down.Count * _along.Count * _phase;
        Floats = floats % 1024 == 0 ? floats + 16 : floats;
    }

    /// <summary>Whole rows of outputs, as many as fit into some floats, but one at least.</summary>
    internal static Band Of(WindowLoops loops, long floats, float padding = 0f)
    {
        long rows = loops.Output[1];
        while (rows > 1 && new Band(loops, rows, loops.Output[2]).Floats > floats)
        {
            rows = (rows + 1) / 2;
        }

        return new Band(loops, rows, loops.Output[2], padding);
    }

    /// <summary>Whether padding is cheap: windows that reach far beyond the plane, or leave most of it out, are for the
    /// definition.</summary>
    internal static bool Suits(WindowLoops loops)
    {
        Int128 floats = (Int128)Reach(loops, 0) * Reach(loops, 1) * (Reach(loops, 2) + (2 * loops.Stride[2]));
        return floats <= Int128.Max(1 << 16, 8 * (Int128)Math.Max(loops.Plane, loops.OutputPlane));
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
    /// <param name="at">Which windows.</param>
    /// <param name="ahead">From this plane to the one that is filled next.</param>
    /// <param name="padded">The padding lies there already: the same rectangle of another plane was written to the same place before.</param>
    /// <param name="to">Where the piece goes.</param>
    internal void Fill(float* plane, in Rectangle at, long ahead, bool padded, float* to)
    {
        long step = _loops.Stride[2];
        long count = at.Columns + _along.More;
        long lines = at.Rows + _down.More;
        for (long kd = 0; kd < _loops.Taps[0]; kd++)
        {
            long atD = (at.Depth * _loops.Stride[0]) - _loops.Pad[0] + (kd * _loops.Dilation[0]);
            bool inside = (ulong)atD < (ulong)_loops.Extent[0];
            for (int down = 0; down < _down.Count; down++)
            {
                // Line i is X's line top + i * stride; element j of a line is X's element left + j * stride.
                long top = (at.Row * _loops.Stride[1]) - _loops.Pad[1] + _down[down];
                (long first, long last) = inside ? Within(top, _loops.Stride[1], _loops.Extent[1], lines) : (0, 0);
                float* x = plane + (((atD * _loops.Extent[1]) + top + (first * _loops.Stride[1])) * _loops.Extent[2]);
                for (int along = 0; along < _along.Count; along++)
                {
                    long left = (at.Column * step) - _loops.Pad[2] + _along[along];
                    (long from, long end) = Within(left, step, _loops.Extent[2], count);
                    float* line = to + Line(kd, down, along, 0);
                    if (!padded)
                    {
                        Pad(line, lines, count, first, last, from, end);
                    }

                    float* source = x + left + (from * step);
                    Copy(source, _loops.Stride[1] * _loops.Extent[2], step, line + (first * Pitch) + from, Pitch, last - first, end - from, ahead);
                }
            }
        }
    }

    private static long Reach(WindowLoops loops, int axis)
        => ((loops.Output[axis] - 1) * loops.Stride[axis]) + ((loops.Taps[axis] - 1) * loops.Dilation[axis]) + 1;

    // Which of the elements left + j * stride, j < count, lie in 0 … extent - 1.
    private static (long From, long End) Within(long left, long stride, long extent, long count)
    {
        long from = Math.Clamp(left >= 0 ? 0 : (stride - 1 - left) / stride, 0, count);
        return (from, Math.Clamp(extent <= left ? 0 : (extent - left + stride - 1) / stride, from, count));
    }

    private void Pad(float* line, long lines, long count, long first, long last, long from, long end)
    {
        for (long i = 0; i < lines; i++)
        {
            bool inside = i >= first && i < last;
            Fill(line, inside ? from : count);
            Fill(line + end, inside ? count - end : 0);
            line += Pitch;
        }
    }

    private void Fill(float* to, long count)
    {
        for (long i = 0; i < count; i++)
        {
            to[i] = _padding;
        }
    }

    private long Line(long kd, long down, long along, long line)
        => (((((kd * _down.Count) + down) * _along.Count) + along) * _phase) + (line * Pitch);


    /// <summary>Brings rows together: what lies a pitch apart follows without gaps.</summary>
    internal static void Gather(float* from, long pitch, float* to, long count, long rows) => Copy(from, pitch, to, count, rows, count, 0);

    // Lines of every step-th value.
    private static void Copy(float* from, long fromPitch, long step, float* to, long toPitch, long lines, long count, long ahead)
    {
        if (step == 1)
        {
            Copy(from, fromPitch, to, toPitch, lines, count, ahead);
        }
        else if (step == 2 && Avx2.IsSupported && count >= 8)
        {
            EveryOther(from, fromPitch, to, toPitch, lines, count);
        }
        else
        {
            for (; lines > 0; lines--)
            {
                for (long i = 0; i < count; i++)
                {
                    to[i] = from[i * step];
                }

                from += fromPitch;
                to += toPitch;
            }
        }
    }

    // The last vector of a line is pushed back until it ends with the line. The same line of what comes next is asked for.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(float* from, long fromPitch, float* to, long toPitch, long lines, long count, long ahead)
    {
        for (; lines > 0; lines--)
        {
            if (count >= 8)
            {
                long i = 0;
                for (; i < count - 16; i += 16)
                {
                    Floats8.Prefetch(from + ahead + i);
                    Floats8.Store(to + i, Floats8.Load(from + i));
                    Floats8.Store(to + i + 8, Floats8.Load(from + i + 8));
                }

                Floats8.Prefetch(from + ahead + i);
                if (i < count - 8)
                {
                    Floats8.Store(to + i, Floats8.Load(from + i));
                }

                Floats8.Store(to + count - 8, Floats8.Load(from + count - 8));
            }
            else if (count >= 4)
            {
                Floats4.Store(to, Floats4.Load(from));
                Floats4.Store(to + count - 4, Floats4.Load(from + count - 4));
            }
            else
            {
                for (long i = 0; i < count; i++)
                {
                    to[i] = from[i];
                }
            }

            from += fromPitch;
            to += toPitch;
        }
    }

    // Elements 0, 2, 4 … of lines; nothing behind the last one is read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EveryOther(float* from, long fromPitch, float* to, long toPitch, long lines, long count)
    {
        for (; lines > 0; lines--)
        {
            for (long i = 0; i < count - 8; i += 8)
            {
                Vector256<float> even = Avx.Shuffle(Vector256.Load(from + (2 * i)), Vector256.Load(from + (2 * i) + 8), 0b10_00_10_00);
                Avx2.Permute4x64(even.AsDouble(), 0b11_01_10_00).AsSingle().Store(to + i);
            }

            float* tail = from + (2 * (count - 8));
            Vector256<float> last = Avx.Shuffle(Vector256.Load(tail), Vector256.Load(tail + 7), 0b11_01_10_00);
            Avx2.Permute4x64(last.AsDouble(), 0b11_01_10_00).AsSingle().Store(to + count - 8);
            from += fromPitch;
            to += toPitch;
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
