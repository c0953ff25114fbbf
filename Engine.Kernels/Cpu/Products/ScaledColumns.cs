using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Panels of codes of one byte (see Scaling). Few rows multiply them as they lie: a code becomes its f32 value in a register, and what bounds the
//  product is the memory that the codes take. For more rows a stretch of a panel is widened once, near the multipliers, and serves them all.
//

/// <summary>Loops over columns of codes.</summary>
internal static unsafe class ScaledColumns
{
    /// <summary>Most rows that multiply the codes as they lie, one after the other: by then a panel is in the second-level cache.</summary>
    internal const int MaxRows = 3;

    /// <summary>Panels that such a row takes at once where there are so many.</summary>
    internal const int PanelsAtOnce = 4;

    // Bytes of a panel that are asked for in advance.
    private const int Ahead = 4096;

    // k of a column that are brought into a panel before the next column's.
    private const long DepthAtOnce = 64;

    /// <summary>Fills a panel.</summary>
    /// <param name="to">The panel.</param>
    /// <param name="form">How it lies.</param>
    /// <param name="codes">Codes of all columns.</param>
    /// <param name="flip">What turns a stored code into i8: 0x80 for u8, else 0.</param>
    /// <param name="offsets">Index of k = 0 of each of the panel's columns.</param>
    /// <param name="step">From one k to the next.</param>
    /// <param name="scale">Scale of the element with the given index.</param>
    /// <param name="zero">Its zero point, as far above 0 as the codes in the panel are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Pack(
        byte* to, Scaling form, byte* codes, byte flip, ReadOnlySpan<long> offsets, long step, Func<long, float> scale, Func<long, int> zero)
    {
        new Span<byte>(to, checked((int)(form.Runs * form.RunBytes))).Clear();
        for (long run = 0; run < form.Runs; run++)
        {
            long first = run * form.Run;
            float* scales = (float*)(to + (run * form.RunBytes));
            byte* into = (byte*)scales + form.HeadBytes;
            for (int column = 0; column < offsets.Length; column++)
            {
                long at = offsets[column] + (first * step);
                scales[column] = scale(at);
                if (form.HasZeros)
                {
                    scales[form.Width + column] = zero(at);
                }
            }

            long end = Math.Min(form.Run, form.Depth - first);
            for (long from = 0; from < end; from += DepthAtOnce)
            {
                long until = Math.Min(end, from + DepthAtOnce);
                for (int column = 0; column < offsets.Length; column++)
                {
                    byte* source = codes + offsets[column] + (first * step);
                    for (long k = from; k < until; k++)
                    {
                        into[(k * form.Width) + column] = (byte)(source[k * step] ^ flip);
                    }
                }
            }
        }
    }

    /// <summary>Writes some k of a panel as f32, [k][2 vectors].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Widen<F>(Scaling form, float* panel, long k, long depth, float* to)
        where F : unmanaged, IFloats<F>
    {
        (long run, long within) = Math.DivRem(k, form.Run);
        float* scales = (float*)((byte*)panel + (run * form.RunBytes));
        while (depth > 0)
        {
            long steps = Math.Min(depth, form.Run - within);
            sbyte* codes = (sbyte*)scales + form.HeadBytes + (within * 2 * F.Lanes);
            F left = F.Load(scales);
            F right = F.Load(scales + F.Lanes);
            F leftZero = form.HasZeros ? F.Load(scales + (2 * F.Lanes)) : default;
            F rightZero = form.HasZeros ? F.Load(scales + (3 * F.Lanes)) : default;
            for (long i = 0; i < steps; i++)
            {
                F.Prefetch((float*)(codes + Ahead));
                F.Store(to, (F.FromInt(F.LoadBytes((byte*)codes, signed: true)) - leftZero) * left);
                F.Store(to + F.Lanes, (F.FromInt(F.LoadBytes((byte*)codes + F.Lanes, signed: true)) - rightZero) * right);
                codes += 2 * F.Lanes;
                to += 2 * F.Lanes;
            }

            depth -= steps;
            within = 0;
            scales = (float*)((byte*)scales + form.RunBytes);
        }
    }

    /// <summary>Few rows times one panel or four, over the whole depth: the micro-kernel's order.</summary>
    internal static void Rows<F>(Scaling form, long panels, int rows, float* a, long across, float* panel, long stride, in Totals c)
        where F : unmanaged, IFloats<F>
    {
        Totals row = c;
        for (int i = 0; i < rows; i++)
        {
            Row<F>(form, panels, a + (i * across), panel, stride, row);
            row = row with
            {
                C = row.C + (nint)(row.Stride * sizeof(float)),
                Start = row.Start + (nint)(row.StartStride * sizeof(float)),
            };
        }
    }

    private static void Row<F>(Scaling form, long panels, float* a, float* panel, long stride, in Totals c)
        where F : unmanaged, IFloats<F>
    {
        switch (panels, form.HasZeros)
        {
            case (1, false):
                Row<F, One, Plain>(form, a, panel, stride, c);
                break;
            case (1, true):
                Row<F, One, Shifted>(form, a, panel, stride, c);
                break;
            case (4, false):
                Row<F, Four, Plain>(form, a, panel, stride, c);
                break;
            case (4, true):
                Row<F, Four, Shifted>(form, a, panel, stride, c);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(panels));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F, TPanels, TZeros>(Scaling form, float* a, float* panel, long stride, in Totals c)
        where F : unmanaged, IFloats<F>
        where TPanels : unmanaged
        where TZeros : struct, IZeros
    {
        long k = form.Depth;
        long apart = stride * sizeof(float);
        long head = form.HeadBytes;
        long next = form.RunBytes;
        byte* run = (byte*)panel - next;
        byte* codes = run;
        long left = 0;
        bool first = true;
        while (true)
        {
            long steps = Math.Min(k, MicroKernel.Block);
            k -= steps;
            F s0 = default, s1 = default, s2 = default, s3 = default;
            F s4 = default, s5 = default, s6 = default, s7 = default;
            while (steps > 0)
            {
                if (left == 0)
                {
                    run += next;
                    codes = run + head;
                    left = form.Run;
                }

                long now = Math.Min(steps, left);
                steps -= now;
                left -= now;
                Scale<F, TZeros> m0 = new(run, 0), m1 = new(run, 1);
                Scale<F, TZeros> m2 = default, m3 = default, m4 = default, m5 = default, m6 = default, m7 = default;
                if (sizeof(TPanels) > 1)
                {
                    (m2, m3) = (new(run + apart, 0), new(run + apart, 1));
                    (m4, m5) = (new(run + (2 * apart), 0), new(run + (2 * apart), 1));
                    (m6, m7) = (new(run + (3 * apart), 0), new(run + (3 * apart), 1));
                }

                for (; now > 0; now--)
                {
                    F x = F.Of(*a);
                    byte* b = codes;
                    F.Prefetch((float*)(b + Ahead));
                    s0 = F.Fma(x, m0.Value(b), s0);
                    s1 = F.Fma(x, m1.Value(b + F.Lanes), s1);
                    if (sizeof(TPanels) > 1)
                    {
                        b += apart;
                        F.Prefetch((float*)(b + Ahead));
                        s2 = F.Fma(x, m2.Value(b), s2);
                        s3 = F.Fma(x, m3.Value(b + F.Lanes), s3);
                        b += apart;
                        F.Prefetch((float*)(b + Ahead));
                        s4 = F.Fma(x, m4.Value(b), s4);
                        s5 = F.Fma(x, m5.Value(b + F.Lanes), s5);
                        b += apart;
                        F.Prefetch((float*)(b + Ahead));
                        s6 = F.Fma(x, m6.Value(b), s6);
                        s7 = F.Fma(x, m7.Value(b + F.Lanes), s7);
                    }

                    a++;
                    codes += 2 * F.Lanes;
                }
            }

            bool end = k == 0;
            F alpha = F.Of(c.Alpha);
            Fold<F> fold = new(c, 2 * sizeof(TPanels), first, end);
            fold.Add(alpha, s0, s1, 0);
            if (sizeof(TPanels) > 1)
            {
                fold.Add(alpha, s2, s3, 2);
                fold.Add(alpha, s4, s5, 4);
                fold.Add(alpha, s6, s7, 6);
            }

            if (end)
            {
                return;
            }

            first = false;
        }
    }

    // Whether there are zero points, known to the compiler.
    private interface IZeros
    {
        static abstract bool Any { get; }
    }

    private readonly struct Plain : IZeros
    {
        public static bool Any => false;
    }

    private readonly struct Shifted : IZeros
    {
        public static bool Any => true;
    }

    // Scales and zero points of a vector of columns.
    private readonly struct Scale<F, TZeros>
        where F : unmanaged, IFloats<F>
        where TZeros : struct, IZeros
    {
        private readonly F _scale;
        private readonly F _zero;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Scale(byte* run, int vector)
        {
            float* at = (float*)run + (vector * F.Lanes);
            _scale = F.Load(at);
            _zero = TZeros.Any ? F.Load(at + (2 * F.Lanes)) : default;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal F Value(byte* codes)
        {
            F code = F.FromInt(F.LoadBytes(codes, signed: true));
            return (TZeros.Any ? code - _zero : code) * _scale;
        }
    }
}
