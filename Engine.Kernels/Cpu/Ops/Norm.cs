using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Norm.cs (LayerNorm, RmsNorm): mean = Fold(x) / n; d = x - mean; v = Fold(d * d) / n; r = 1 / sqrt(v + eps);
//  y = (d * r) * gamma + beta, each step rounded.
//

/// <summary>The family that brings each row to unit size.</summary>
internal static unsafe class Norm
{
    private const long LeastElements = 4096;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Norm op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        long n = operand.Type.Shape[^1];
        if (!type.IsSingle() || operand.Type.Elements == 0)
        {
            return false;
        }

        bool centred = op is Engine.Ops.LayerNorm;
        Blocks rows = new(run, operand);
        float* whole = type == DType.F32 && operand.Map.IsContiguous ? run.Pointer<float>(operand) : null;
        float* gamma = Line(run, run.Call.Inputs[1], n);
        float* beta = run.Call.Inputs.Length == 3 ? Line(run, run.Call.Inputs[2], n) : null;
        void* y = run.Output<byte>(0);
        float* means = centred ? run.Output<float>(1) : null;
        float* reciprocals = run.Output<float>(op.ReciprocalDeviation);
        float* room = run.Rent<float>(run.Workers * 2 * n);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 2 * n);
            for (long row = first; row < end; row++)
            {
                float* x = whole != null ? whole + (row * n) : rows.Singles(row * n, (int)n, own);
                float mean = centred ? Folds.Sum<F, SameMap>(default, x, n) / n : 0f;
                float variance = (centred ? Folds.Sum<F, SquareFrom>(new(mean), x, n) : Folds.Sum<F, SquareMap>(default, x, n)) / n;
                float reciprocal = 1f / float.Sqrt(variance + op.Epsilon);
                reciprocals[row] = Real.Canonical(reciprocal);
                if (centred)
                {
                    means[row] = Real.Canonical(mean);
                }

                float* result = type == DType.F32 ? (float*)y + (row * n) : own + n;
                Scale<F>(x, centred, mean, reciprocal, gamma, beta, result, (int)n);
                if (type != DType.F32)
                {
                    Blocks.Store(type, result, (int)n, y, row * n);
                }
            }
        });
        return true;
    }

    private static float* Line(KernelRun run, Operand operand, long n)
        => new Blocks(run, operand).Singles(0, (int)n, run.Rent<float>(n));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<F>(float* x, bool centred, float mean, float reciprocal, float* gamma, float* beta, float* y, int n)
        where F : unmanaged, IFloats<F>
    {
        int i = 0;
        for (; i <= n - F.Lanes; i += F.Lanes)
        {
            F scaled = Scaled(F.Load(x + i), centred, mean, reciprocal, F.Load(gamma + i));
            F.Store(y + i, F.Canonical(beta == null ? scaled : scaled + F.Load(beta + i)));
        }

        if (i < n)
        {
            int rest = n - i;
            F last = beta == null ? default : RowLoops.Load<F>(beta + i, rest);
            F scaled = Scaled(RowLoops.Load<F>(x + i, rest), centred, mean, reciprocal, RowLoops.Load<F>(gamma + i, rest));
            RowLoops.Store(y + i, rest, F.Canonical(beta == null ? scaled : scaled + last));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Scaled<F>(F x, bool centred, float mean, float reciprocal, F gamma)
        where F : unmanaged, IFloats<F>
    {
        F d = centred ? x - F.Of(mean) : x;
        return (d * F.Of(reciprocal)) * gamma;
    }
}
