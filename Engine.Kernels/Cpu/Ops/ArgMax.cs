using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same places as Engine/Ops/ArgMax.cs for f32, f16 and bf16, and rows of at most two levels: the extreme of a block, then the first or last
//  that equals it. Where rows lie as columns beside each other, of f32, the lanes are rows.
//

/// <summary>Where the largest element of each row is, or the smallest.</summary>
internal static unsafe class ArgMax
{
    private const long LeastElements = 8192;

    internal static bool Run<F>(KernelRun run, Engine.Ops.ArgMax op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        long n = operand.Type.Shape[^1];
        if (!operand.Type.DType.IsSingle() || operand.Type.Elements == 0 || run.Call.Outputs.Length > 3)
        {
            return false;
        }

        (long Extent, long Stride)[] axes = run.Axes(operand);
        bool columns = axes.Length >= 2 && axes[^1].Extent == n && axes[^2].Stride == 1;
        if (columns && operand.Type.DType == DType.F32 && n <= Folds.Block && !op.Last)
        {
            Columns<F>(run, op.Smallest, axes);
        }
        else
        {
            Rows<F>(run, op, operand, n);
        }

        return true;
    }

    private static void Rows<F>(KernelRun run, Engine.Ops.ArgMax op, Operand operand, long n)
        where F : unmanaged, IFloats<F>
    {
        Blocks rows = new(run, operand);
        long* y = run.Output<long>(0);
        bool levels = run.Call.Outputs.Length > 1;
        long* keys = levels ? run.Output<long>(1) : null;
        long* places = levels ? run.Output<long>(2) : null;
        long blocks = Folds.Blocks(n);
        float* room = run.Rent<float>(run.Workers * (long)Folds.Block);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            for (long row = first; row < end; row++)
            {
                (long key, long at) = (0, -1);
                for (long block = 0; block < blocks; block++)
                {
                    long start = block * Folds.Block;
                    int count = (int)Math.Min(Folds.Block, n - start);
                    float* x = rows.Singles((row * n) + start, count, room + (worker * (long)Folds.Block));
                    long place = start + Best<F>(op.Smallest, op.Last, x, count);
                    long own = OrderKeys.Of(x[place - start]);
                    if (levels)
                    {
                        keys[(row * blocks) + block] = own;
                        places[(row * blocks) + block] = place;
                    }

                    if (at < 0 || (op.Smallest ? own < key : own > key) || (op.Last && own == key))
                    {
                        (key, at) = (own, place);
                    }
                }

                y[row] = at;
            }
        });
    }

    private static int Best<F>(bool smallest, bool last, float* x, int count)
        where F : unmanaged, IFloats<F>
    {
        float best = Folds.Extreme<F>(!smallest, x, count);
        return float.IsNaN(best) ? AmongNaN(smallest, last, x, count) : last ? LastOf(best, x, count) : FirstOf(best, x, count);
    }

    // What equals a number that is there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstOf(float best, float* x, int count)
    {
        int i = 0;
        for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            ulong equal = Vector512.Equals(Vector512.Load(x + i), Vector512.Create(best)).ExtractMostSignificantBits();
            if (equal != 0)
            {
                return i + BitOperations.TrailingZeroCount(equal);
            }
        }

        while (x[i] != best)
        {
            i++;
        }

        return i;
    }

    private static int LastOf(float best, float* x, int count)
    {
        int i = count - 1;
        while (x[i] != best)
        {
            i--;
        }

        return i;
    }

    private static int AmongNaN(bool smallest, bool last, float* x, int count)
    {
        int at = 0;
        for (int i = 1; i < count; i++)
        {
            (long own, long best) = (OrderKeys.Of(x[i]), OrderKeys.Of(x[at]));
            at = (smallest ? own < best : own > best) || (last && own == best) ? i : at;
        }

        return at;
    }

    private static void Columns<F>(KernelRun run, bool smallest, (long Extent, long Stride)[] axes)
        where F : unmanaged, IFloats<F>
    {
        float* x = run.Pointer<float>(run.Call.Inputs[0]);
        long* y = run.Output<long>(0);
        (long n, long step) = axes[^1];
        long columns = axes[^2].Extent;
        long width = 4 * F.Lanes;
        long parts = (columns + width - 1) / width;
        long lines = run.Call.Inputs[0].Type.Elements / (n * columns);
        run.ForRanges(lines * parts, Math.Max(1, LeastElements / (n * width)), (first, end, _) =>
        {
            int* places = stackalloc int[4 * F.Lanes];
            for (long unit = first; unit < end; unit++)
            {
                (long line, long part) = Math.DivRem(unit, parts);
                int count = (int)Math.Min(width, columns - (part * width));
                float* from = x + Reduce.Offset(line, axes) + (part * width);
                if (count == width)
                {
                    Four<F>(smallest, from, step, n, (float*)places);
                }
                else
                {
                    for (int i = 0; i < count; i++)
                    {
                        One<Floats1>(smallest, from + i, step, n, (float*)places + i);
                    }
                }

                long* to = y + (line * columns) + (part * width);
                for (int i = 0; i < count; i++)
                {
                    to[i] = places[i];
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<F>(bool smallest, float* x, long step, long n, float* places)
        where F : unmanaged, IFloats<F>
    {
        F best0 = F.Load(x);
        F best1 = F.Load(x + F.Lanes);
        F best2 = F.Load(x + (2 * F.Lanes));
        F best3 = F.Load(x + (3 * F.Lanes));
        F at0 = default, at1 = default, at2 = default, at3 = default;
        for (long k = 1; k < n; k++)
        {
            x += step;
            F place = F.OfInt((int)k);
            Take(smallest, F.Load(x), place, ref best0, ref at0);
            Take(smallest, F.Load(x + F.Lanes), place, ref best1, ref at1);
            Take(smallest, F.Load(x + (2 * F.Lanes)), place, ref best2, ref at2);
            Take(smallest, F.Load(x + (3 * F.Lanes)), place, ref best3, ref at3);
        }

        F.Store(places, at0);
        F.Store(places + F.Lanes, at1);
        F.Store(places + (2 * F.Lanes), at2);
        F.Store(places + (3 * F.Lanes), at3);
    }

    private static void One<F>(bool smallest, float* x, long step, long n, float* places)
        where F : unmanaged, IFloats<F>
    {
        F best = F.Load(x);
        F at = default;
        for (long k = 1; k < n; k++)
        {
            x += step;
            Take(smallest, F.Load(x), F.OfInt((int)k), ref best, ref at);
        }

        F.Store(places, at);
    }

    // Takes the other where it is better: it is not kept back by an order, and NaN, which has none, is above everything.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take<F>(bool smallest, F other, F place, ref F best, ref F at)
        where F : unmanaged, IFloats<F>
    {
        F ordered = smallest ? F.Equal(other, other) : F.Equal(best, best);
        F keeps = smallest ? F.LessOrEqual(best, other) : F.LessOrEqual(other, best);
        F takes = F.Select(keeps, default, ordered);
        best = F.Select(takes, other, best);
        at = F.Select(takes, place, at);
    }
}
