using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/MaxPool.cs for f32, u8 and i8 with row-major indices. Elements become integers of the same order: codes are,
//  and of f32 the bits, those below the sign turned round where it is set; the one NaN of canonical values is then above all, +0 above −0.
//  Padding is the least integer, which no element is. Each lane is one output and sees its taps in row-major order; a later one must be
//  greater. Lanes hold integers, so their number is a constant here.
//

/// <summary>The largest element of each window, and where it is.</summary>
internal static unsafe class MaxPool
{
    private const int Lanes = 8;

    // Elements of padded windows: near the first-level cache.
    private const long BandElements = 1 << 12;

    private const long LeastOutputs = 1 << 11;

    internal static bool Run(KernelRun run, Engine.Ops.MaxPool op)
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        bool suits = (type is DType.F32 or DType.U8 or DType.I8) && !op.ColumnMajor && run.Call.Node.Outputs[0].Elements > 0;
        if (!suits || run.Keep(Layout.Of) is not { Loops: WindowLoops loops } layout)
        {
            return false;
        }

        bool real = type == DType.F32;
        bool indexed = run.IsRead(1);
        bool kept = !indexed && loops.Output[0] * loops.Output[1] == layout.Band!.Rows;
        Band band = layout.Band!;
        long bands = (loops.Output[1] + band.Rows - 1) / band.Rows;
        long taps = loops.AllTaps;
        long* at = Pinned.Address(layout.At);
        long* sources = Pinned.Address(layout.Sources);
        int* places = Pinned.Address(layout.Places);
        long line = band.Rows * band.Pitch;
        byte* x = run.Bytes(operand, type.Size());
        byte* y = run.Output<byte>(0);
        long* indices = run.Output<long>(1);
        long ownElements = band.Floats + (2 * line) + (3 * Band.Slack) + (real ? 0 : loops.Plane);
        int* scratch = run.Rent<int>(run.Workers * ownElements);
        long planes = operand.Type.Shape[0] * operand.Type.Shape[1];
        int least = real ? Key(BitConverter.SingleToInt32Bits(float.NegativeInfinity)) : (int)type.IntegerRange().Low;
        long perChunk = Math.Max(1, LeastOutputs / (band.Rows * band.Columns));
        run.ForRanges(planes * loops.Output[0] * bands, perChunk, (first, end, worker) =>
        {
            int* windows = scratch + (worker * ownElements);
            int* best = windows + band.Floats + Band.Slack;
            int* index = best + line + Band.Slack;
            long widened = -1;
            for (long chunk = first; chunk < end; chunk++)
            {
                (long rest, long down) = Math.DivRem(chunk, bands);
                (long plane, long depth) = Math.DivRem(rest, loops.Output[0]);
                Rectangle rectangle = new(depth, down * band.Rows, Math.Min(band.Rows, loops.Output[1] - (down * band.Rows)), 0, band.Columns);
                float* elements = (float*)x + (plane * loops.Plane);
                if (!real)
                {
                    elements = (float*)(index + line + Band.Slack);
                    if (widened != plane)
                    {
                        Widen(type, x + (plane * loops.Plane), loops.Plane, (int*)elements);
                        widened = plane;
                    }
                }

                band.Fill(elements, rectangle, 0, padded: kept && chunk > first, (float*)windows);
                long count = ((rectangle.Rows - 1) * band.Pitch) + band.Columns;
                long start = ((((plane * loops.Output[0]) + depth) * loops.Output[1]) + rectangle.Row) * band.Columns;
                if (indexed)
                {
                    if (real)
                    {
                        Keys(windows, windows, band.Floats);
                    }

                    long origin = Origin(loops, depth, rectangle.Row);
                    Largest(windows, at, sources, taps, places, (int)origin, best, index, count, least);
                    for (long row = 0; row < rectangle.Rows; row++)
                    {
                        Indices(index + (row * band.Pitch), plane * loops.Plane, indices + start + (row * band.Columns), band.Columns);
                    }

                    if (real)
                    {
                        Keys(best, best, count);
                    }
                }
                else
                {
                    Largest(windows, at, taps, best, count, real ? int.MaxValue : 0, least);
                }

                if (real)
                {
                    Band.Gather((float*)best, band.Pitch, (float*)y + start, band.Columns, rectangle.Rows);
                    continue;
                }

                for (long row = 0; row < rectangle.Rows; row++)
                {
                    for (long column = 0; column < band.Columns; column++)
                    {
                        y[start + (row * band.Columns) + column] = (byte)best[(row * band.Pitch) + column];
                    }
                }
            }
        });
        return true;
    }

    // Index in the plane of the first tap of the first window of a row; it may lie before the plane.
    private static long Origin(WindowLoops loops, long d, long h)
    {
        long atD = (d * loops.Stride[0]) - loops.Pad[0];
        long atH = (h * loops.Stride[1]) - loops.Pad[1];
        return (((atD * loops.Extent[1]) + atH) * loops.Extent[2]) - loops.Pad[2];
    }

    // Distance in the plane from the first tap of a band's first window to that of each window.
    private static int[] Places(WindowLoops loops, Band band)
    {
        int[] places = GC.AllocateUninitializedArray<int>((int)(band.Rows * band.Pitch) + Band.Slack, pinned: true);
        for (long row = 0; row < band.Rows; row++)
        {
            for (long column = 0; column < band.Pitch; column++)
            {
                places[(row * band.Pitch) + column] = (int)((row * loops.Stride[1] * loops.Extent[2]) + (column * loops.Stride[2]));
            }
        }

        return places;
    }

    private static int Key(int bits) => bits ^ ((bits >> 31) & int.MaxValue);

    // Bits to integers of the same order, and back; some elements more.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Keys(int* from, int* to, long count)
    {
        for (long i = 0; i < count; i += Lanes)
        {
            Vector256<int> bits = Vector256.Load(from + i);
            (bits ^ ((bits >> 31) & Vector256.Create(int.MaxValue))).Store(to + i);
        }
    }

    private static void Widen(DType type, byte* codes, long count, int* to)
    {
        for (long i = 0; i < count; i++)
        {
            to[i] = type == DType.U8 ? codes[i] : (sbyte)codes[i];
        }
    }

    // Whole vectors; those past the end stay unseen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(
        int* windows, long* at, long* sources, long taps, int* places, int origin, int* best, int* index, long count, int least)
    {
        for (long i = 0; i < count; i += Lanes)
        {
            Vector256<int> value = Vector256.Create(int.MinValue);
            Vector256<int> source = Vector256.Create(int.MinValue);
            for (long tap = 0; tap < taps; tap++)
            {
                Vector256<int> x = Vector256.Load(windows + i + at[tap]);
                Vector256<int> above = Vector256.GreaterThan(x, value);
                value = Vector256.Max(x, value);
                source = Vector256.ConditionalSelect(above, Vector256.Create((int)sources[tap]), source);
            }

            Vector256<int> empty = Vector256.Equals(value, Vector256.Create(int.MinValue));
            source += Vector256.Load(places + i) + Vector256.Create(origin);
            Vector256.ConditionalSelect(empty, Vector256<int>.AllBitsSet, source).Store(index + i);
            Vector256.ConditionalSelect(empty, Vector256.Create(least), value).Store(best + i);
        }
    }

    // Without indices. Elements become keys on the way where the mask is that of keys, and elements again.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest(int* windows, long* at, long taps, int* best, long count, int mask, int least)
    {
        Vector256<int> flip = Vector256.Create(mask);
        Vector256<int> none = Vector256.Create(int.MinValue);
        for (long i = 0; i < count; i += Lanes)
        {
            Vector256<int> value = none;
            for (long tap = 0; tap < taps; tap++)
            {
                Vector256<int> x = Vector256.Load(windows + i + at[tap]);
                value = Vector256.Max(x ^ ((x >> 31) & flip), value);
            }

            value = Vector256.ConditionalSelect(Vector256.Equals(value, none), Vector256.Create(least), value);
            (value ^ ((value >> 31) & flip)).Store(best + i);
        }
    }

    // Indices over all planes; -1 stays.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Indices(int* index, long plane, long* to, long count)
    {
        long i = 0;
        for (; i <= count - 4; i += 4)
        {
            Vector256<long> wide = Vector256.WidenLower(Vector256.Create(Vector128.Load(index + i), default));
            Vector256<long> none = Vector256.LessThan(wide, Vector256<long>.Zero);
            Vector256.ConditionalSelect(none, wide, wide + Vector256.Create(plane)).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = index[i] < 0 ? -1 : plane + index[i];
        }
    }

    // What the shapes of a node decide; no loops where the node is for the definition.
    private sealed record Layout(WindowLoops? Loops, Band? Band, long[] At, long[] Sources, int[] Places)
    {
        internal static readonly Func<KernelRun, Layout> Of = static run =>
        {
            TensorType x = run.Call.Inputs[0].Type;
            WindowLoops? loops = WindowLoops.Of(((Engine.Ops.MaxPool)run.Call.Node.Op).Window, x.Shape);
            if (loops is null || loops.Plane > int.MaxValue || !Band.Suits(loops))
            {
                return new Layout(null, null, [], [], []);
            }

            int padding = x.DType == DType.F32 ? Key(int.MinValue) : int.MinValue;
            Band band = Band.Of(loops, BandElements, BitConverter.Int32BitsToSingle(padding));
            long taps = loops.AllTaps;
            return new Layout(loops, band, Pinned.Longs(taps, band.Locate), Pinned.Longs(taps, loops.Locate), MaxPool.Places(loops, band));
        };
    }
}
