using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/MaxPool.cs for f32, u8 and i8 (exact as f32) with row-major indices. Each lane is one output and sees its taps
//  in row-major order; a later one must beat the best. Padding is a NaN that no canonical input holds.
//

/// <summary>The largest element of each window, and where it is.</summary>
internal static unsafe class MaxPool
{
    private const int PaddingBits = 0x7FC0_0001;
    private const int Sign = unchecked((int)0x8000_0000);

    internal static bool Run<F>(KernelRun run, Engine.Ops.MaxPool op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        WindowLoops? loops = WindowLoops.Of(op.Window, operand.Type.Shape);
        bool suits = (type is DType.F32 or DType.U8 or DType.I8) && !op.ColumnMajor && loops is not null
            && run.Call.Node.Outputs[0].Elements > 0 && loops.Plane <= int.MaxValue;
        if (!suits || !PaddedPlanes.Suits(loops!))
        {
            return false;
        }

        PaddedPlanes planes = new(loops!, BitConverter.Int32BitsToSingle(PaddingBits));
        long* taps = run.Rent<long>(loops!.AllTaps);
        planes.Locate(taps);
        int* sources = Sources(run, loops);
        byte* x = run.Bytes(operand, type.Size());
        byte* y = run.Output<byte>(0);
        long* indices = run.Output<long>(1);
        int count = (int)loops.Output[2];
        long rows = loops.Output[0] * loops.Output[1];
        long rowFloats = count + PaddedPlanes.Slack;
        long ownFloats = planes.Floats + PaddedPlanes.Slack + (2 * rowFloats) + loops.Plane;
        float* scratch = run.Rent<float>(run.Workers * ownFloats);
        float least = type == DType.F32 ? float.NegativeInfinity : type.IntegerRange().Low;
        run.For(operand.Type.Shape[0] * operand.Type.Shape[1], (plane, worker) =>
        {
            float* padded = scratch + (worker * ownFloats);
            float* best = padded + planes.Floats + PaddedPlanes.Slack;
            int* at = (int*)(best + rowFloats);
            planes.Fill(Plane(type, x, plane * loops.Plane, loops.Plane, (float*)at + rowFloats), padded);
            for (long row = 0; row < rows; row++)
            {
                (long d, long h) = Math.DivRem(row, loops.Output[1]);
                long origin = Origin(loops, d, h);
                Row<F>(padded + planes.Row(row), taps, sources, loops.AllTaps, (int)origin, (int)loops.Stride[2], least, best, at, count);
                long start = ((plane * rows) + row) * count;
                for (int w = 0; w < count; w++)
                {
                    indices[start + w] = at[w] < 0 ? -1 : (plane * loops.Plane) + at[w];
                }

                Store(type, best, count, y, start);
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

    // Distance in the plane from the first tap to each tap.
    private static int* Sources(KernelRun run, WindowLoops loops)
    {
        int* sources = run.Rent<int>(loops.AllTaps);
        for (long tap = 0; tap < loops.AllTaps; tap++)
        {
            (long rest, long kw) = Math.DivRem(tap, loops.Taps[2]);
            (long kd, long kh) = Math.DivRem(rest, loops.Taps[1]);
            long row = (kd * loops.Dilation[0] * loops.Extent[1]) + (kh * loops.Dilation[1]);
            sources[tap] = (int)((row * loops.Extent[2]) + (kw * loops.Dilation[2]));
        }

        return sources;
    }

    private static float* Plane(DType type, byte* x, long start, long count, float* room)
    {
        if (type == DType.F32)
        {
            return (float*)x + start;
        }

        for (long i = 0; i < count; i++)
        {
            room[i] = type == DType.U8 ? x[start + i] : (sbyte)x[start + i];
        }

        return room;
    }

    private static void Store(DType type, float* best, int count, byte* y, long start)
    {
        if (type == DType.F32)
        {
            Blocks.Store(type, best, count, y, start);
            return;
        }

        for (int w = 0; w < count; w++)
        {
            y[start + w] = (byte)(int)best[w];
        }
    }

    // Whole vectors; those past the end stay unseen.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<F>(
        float* line, long* taps, int* sources, long allTaps, int origin, int stride, float least, float* best, int* at, int count)
        where F : unmanaged, IFloats<F>
    {
        int* lanes = stackalloc int[F.Lanes];
        for (int lane = 0; lane < F.Lanes; lane++)
        {
            lanes[lane] = lane * stride;
        }

        F all = F.OfInt(-1);
        F padding = F.OfInt(PaddingBits);
        for (int w = 0; w < count; w += F.Lanes)
        {
            F value = F.Of(least);
            F index = all;
            F unseen = all;
            F first = F.AddInt(F.Load((float*)lanes), F.OfInt(origin + (w * stride)));
            for (long tap = 0; tap < allTaps; tap++)
            {
                F x = F.Load(line + w + taps[tap]);
                F inside = F.Xor(F.EqualInt(x, padding), all);
                F take = F.And(inside, F.Or(unseen, Above(x, value, all)));
                value = F.Select(take, x, value);
                index = F.Select(take, F.AddInt(first, F.OfInt(sources[tap])), index);
                unseen = F.And(unseen, F.Xor(inside, all));
            }

            F.Store(best + w, F.Canonical(value));
            F.Store((float*)(at + w), index);
        }
    }

    // Where a beats b: NaN beats all but NaN, +0 beats −0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Above<F>(F a, F b, F all)
        where F : unmanaged, IFloats<F>
    {
        F onlyA = F.And(F.Xor(F.Equal(a, a), all), F.Equal(b, b));
        F sign = F.OfInt(Sign);
        F zeros = F.And(F.Equal(a, b), F.EqualInt(F.And(F.And(b, F.Xor(a, all)), sign), sign));
        return F.Or(F.Or(F.Less(b, a), onlyA), zeros);
    }
}
