using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Softmax.cs: m = max; e = exp(x - m); s = the 32-lane fold of e; y = e / s, or (x - m) - log(s).
//

/// <summary>exp of each element of a row over the sum of all; or the logarithm of that.</summary>
internal static unsafe class Softmax
{
    private const long LeastElements = 2048;

    // Elements of a row from which it is worth going alone.
    private const int LeastQuick = 32;

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
        long atOnce = Math.Max(1, Blocks.Elements / n);
        long most = atOnce * n;
        Blocks rows = new(run, operand);
        void* y = run.Output<byte>(0);
        float* maxima = run.Output<float>(Engine.Ops.Softmax.Maximum);
        float* denominators = run.Output<float>(Engine.Ops.Softmax.Denominator);
        float* room = run.Rent<float>(run.Workers * 3 * most);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 3 * most);
            for (long row = first; row < end; row += atOnce)
            {
                int count = (int)Math.Min(atOnce, end - row);
                int elements = count * (int)n;
                float* x = rows.Singles(row * n, elements, own);
                float* result = type == DType.F32 ? (float*)y + (row * n) : own + most;
                Rows<F>(op.Logarithm, x, result, own + (2 * most), (int)n, count, maxima + row, denominators + row);
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
        if (F.Lanes == 16 && QuickRows.IsSupported && n is >= LeastQuick and <= Folds.Block && !logarithm)
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
