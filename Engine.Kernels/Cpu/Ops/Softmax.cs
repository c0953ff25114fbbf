using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Softmax.cs: m = max; e = exp(x - m); s = the 32-lane fold of e; y = e / s, or (x - m) - log(s).
//
//  Rows of few elements are turned, so that the lanes are rows: the fold of theirs is the same tree, vector by vector.
//

/// <summary>exp of each element of a row over the sum of all; or the logarithm of that.</summary>
internal static unsafe class Softmax
{
    private const long LeastElements = 2048;

    // Up to here rows are turned. Lanes of the fold beyond a row's end hold +0, which changes no sum of what exp gives.
    private const int Short = 32;
    private const int Side = 16;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Softmax op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        long n = operand.Type.Shape[^1];
        if (!type.IsSingle() || operand.Type.Elements == 0)
        {
            return false;
        }

        // Rows that are short go through together, so that the exponentials of all of them are one loop.
        long atOnce = Math.Max(n <= Short ? Side : 1, Blocks.Elements / n);
        atOnce -= n <= Short ? atOnce % Side : 0;
        long most = atOnce * n;
        Blocks rows = new(run, operand);
        void* y = run.Output<byte>(0);
        float* maxima = run.Output<float>(Engine.Ops.Softmax.Maximum);
        float* denominators = run.Output<float>(Engine.Ops.Softmax.Denominator);
        float* room = run.Rent<float>(run.Workers * 4 * most);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 4 * most);
            for (long row = first; row < end; row += atOnce)
            {
                int count = (int)Math.Min(atOnce, end - row);
                int elements = count * (int)n;
                float* x = rows.Singles(row * n, elements, own);
                float* result = type == DType.F32 ? (float*)y + (row * n) : own + most;
                if (n <= Short)
                {
                    ShortRows<F>(op.Logarithm, x, result, own + (2 * most), (int)n, count, maxima + row, denominators + row);
                }
                else
                {
                    Rows<F>(op.Logarithm, x, result, own + (2 * most), (int)n, count, maxima + row, denominators + row);
                }

                if (type != DType.F32)
                {
                    Blocks.Store(type, result, elements, y, row * n);
                }
            }
        });
        return true;
    }

    /// <summary>Rows that lie together, and their maxima and denominators; y may be x.</summary>
    internal static void Rows<F>(bool logarithm, float* x, float* y, float* room, int n, int count, float* maxima, float* denominators)
        where F : unmanaged, IFloats<F>
    {
        if (sizeof(F) == 16 * sizeof(float) && QuickRows.IsSupported && n is > Short and <= Folds.Block && !logarithm)
        {
            for (int row = 0; row < count; row++)
            {
                Quick(x + (row * n), y + (row * n), n, maxima + row, denominators + row);
            }

            return;
        }

        Together<F>(logarithm, x, y, room, n, count, maxima, denominators);
    }

    private static void Quick(float* x, float* y, int n, float* maximum, float* denominator)
    {
        float m = QuickRows.Largest(x, n);
        if (!float.IsFinite(m))
        {
            Together<Floats16>(logarithm: false, x, y, null, n, 1, maximum, denominator);
            return;
        }

        float s = QuickRows.Exponentials(x, m, y, n);
        if (float.IsNaN(s))
        {
            *maximum = *denominator = Real.NaNF32;
            new Span<float>(y, n).Fill(Real.NaNF32);
            return;
        }

        *maximum = m;
        *denominator = s;
        RowLoops.Map<Floats16, Over>(new(s), y, y, n);
    }

    private static void Together<F>(bool logarithm, float* x, float* y, float* room, int n, int count, float* maxima, float* denominators)
        where F : unmanaged, IFloats<F>
    {
        for (int row = 0; row < count; row++)
        {
            float m = Real.Canonical(Folds.Extreme<F>(largest: true, x + (row * n), n));
            maxima[row] = m;
            RowLoops.Map<F, Less>(new(m), x + (row * n), y + (row * n), n);
        }

        float* e = logarithm ? room : y;
        FunctionBlocks.Apply<F>(Function.Exp, y, e, count * n);
        for (int row = 0; row < count; row++)
        {
            float s = Real.Canonical(Folds.Sum<F, SameMap>(default, e + (row * n), n));
            denominators[row] = s;
            if (logarithm)
            {
                RowLoops.Map<F, Less>(new(Functions.Log(s)), y + (row * n), y + (row * n), n);
            }
            else
            {
                RowLoops.Map<F, Over>(new(s), y + (row * n), y + (row * n), n);
            }
        }
    }

    // As Rows, but columns, of a whole number of vectors, lie one after the other in the room.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ShortRows<F>(bool logarithm, float* x, float* y, float* room, int n, int count, float* maxima, float* denominators)
        where F : unmanaged, IFloats<F>
    {
        int stride = (count + Side - 1) / Side * Side;
        if (count < stride)
        {
            new Span<float>(room, n * stride).Clear();
        }

        Transposition.Run(x, n, room, stride, count, n);
        for (int i = 0; i < count; i += F.Lanes)
        {
            F m = F.Of(float.NegativeInfinity);
            for (int k = 0; k < n; k++)
            {
                m = F.Max(m, F.Load(room + (k * stride) + i));
            }

            m = F.Canonical(m);
            Store(maxima + i, count - i, m);
            for (int k = 0; k < n; k++)
            {
                float* at = room + (k * stride) + i;
                F.Store(at, F.Canonical(F.Load(at) - m));
            }
        }

        float* e = logarithm ? room + (n * stride) : room;
        FunctionBlocks.Apply<F>(Function.Exp, room, e, n * stride);
        F* lanes = stackalloc F[Short];
        for (int i = 0; i < count; i += F.Lanes)
        {
            F s = Fold(e + i, stride, n, lanes);
            Store(denominators + i, count - i, s);
            if (logarithm)
            {
                float* logs = (float*)lanes;
                F.Store(logs, s);
                FunctionBlocks.Apply<F>(Function.Log, logs, logs, F.Lanes);
                s = F.Load(logs);
            }

            for (int k = 0; k < n; k++)
            {
                float* at = room + (k * stride) + i;
                F.Store(at, F.Canonical(logarithm ? F.Load(at) - s : F.Load(at) / s));
            }
        }

        Transposition.Run(room, stride, y, n, n, count);
    }

    // v[k] + v[k + 16], then 8, 4, 2, 1, where v[k] is in row k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Fold<F>(float* e, int stride, int n, F* lanes)
        where F : unmanaged, IFloats<F>
    {
        for (int k = 0; k < n; k++)
        {
            lanes[k] = F.Load(e + (k * stride));
        }

        int used = n;
        for (int half = Short / 2; half > 0; half /= 2)
        {
            for (int k = 0; k + half < used; k++)
            {
                lanes[k] += lanes[k + half];
            }

            used = Math.Min(used, half);
        }

        return F.Canonical(lanes[0]);
    }

    private static void Store<F>(float* to, int count, F x)
        where F : unmanaged, IFloats<F>
    {
        if (count >= F.Lanes)
        {
            F.Store(to, x);
        }
        else
        {
            RowLoops.Store(to, count, x);
        }
    }

    private readonly struct Less(float m) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => x - F.Of(m);
    }

    private readonly struct Over(float s) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => x / F.Of(s);
    }
}
