using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Reduce.cs for f32, f16 and bf16: the 32-lane fold over each row; Prod and integers run their definition.
//

/// <summary>The last axes made one number each.</summary>
internal static unsafe class Reduce
{
    private const long LeastElements = 8192;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Reduce op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        Shape shape = operand.Type.Shape;
        long n = shape.Product(shape.Rank - op.Axes, shape.Rank);
        if (!type.IsSingle() || operand.Type.Elements == 0 || op.Kind == Reduction.Prod)
        {
            return false;
        }

        Blocks rows = new(run, operand);
        void* y = run.Output<byte>(0);
        float** outputs = (float**)run.Rent<nint>(run.Call.Outputs.Length);
        for (int output = 0; output < run.Call.Outputs.Length; output++)
        {
            outputs[output] = run.Output<float>(output);
        }

        float* room = run.Rent<float>(run.Workers * 2 * n);
        run.ForRanges(shape.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 2 * n);
            for (long row = first; row < end; row++)
            {
                float* x = rows.Singles(row * n, (int)n, own);
                Levels levels = new(outputs, row);
                float result = Real.Canonical(Row<F>(op.Kind, x, own + n, (int)n, ref levels));
                Blocks.Store(type, &result, 1, y, row);
            }
        });
        return true;
    }

    private static float Row<F>(Reduction kind, float* x, float* room, int n, ref Levels levels)
        where F : unmanaged, IFloats<F> => kind switch
        {
            Reduction.Sum => levels.Sum<F, SameMap>(x, n),
            Reduction.Mean => levels.Sum<F, SameMap>(x, n) / n,
            Reduction.Max => levels.Extreme<F>(largest: true, x, n),
            Reduction.Min => levels.Extreme<F>(largest: false, x, n),
            Reduction.L1 => levels.Sum<F, AbsMap>(x, n),
            Reduction.L2 => float.Sqrt(levels.Sum<F, SquareMap>(x, n)),
            Reduction.SumSquare => levels.Sum<F, SquareMap>(x, n),
            Reduction.LogSum => Functions.Log(levels.Sum<F, SameMap>(x, n)),
            _ => LogSumExp<F>(x, room, n, ref levels),
        };

    private static float LogSumExp<F>(float* x, float* room, int n, ref Levels levels)
        where F : unmanaged, IFloats<F>
    {
        float largest = Real.Canonical(levels.Extreme<F>(largest: true, x, n));
        levels.Store(largest);
        if (n <= Folds.Block && !float.IsFinite(largest))
        {
            return largest;
        }

        for (int i = 0; i < n; i++)
        {
            room[i] = x[i] - largest;
        }

        FunctionBlocks.Apply<F>(Function.Exp, room, room, n);
        float sum = levels.Sum<F, SameMap>(room, n);
        return float.IsFinite(largest) ? largest + Functions.Log(sum) : largest;
    }

    // Where the auxiliary outputs of one row go, one after another as they are found.
    private ref struct Levels(float** outputs, long row)
    {
        private int _next = 1;

        internal float Sum<F, TMap>(float* x, long n)
            where F : unmanaged, IFloats<F>
            where TMap : unmanaged, IMap1
        {
            if (n <= Folds.Block)
            {
                return Folds.Sum<F, TMap>(default, x, n);
            }

            float* results = Next(n);
            Folds.SumBlocks<F, TMap>(default, x, n, results);
            return Sum<F, SameMap>(results, Folds.Blocks(n));
        }

        internal float Extreme<F>(bool largest, float* x, long n)
            where F : unmanaged, IFloats<F>
        {
            if (n <= Folds.Block)
            {
                return Folds.Extreme<F>(largest, x, n);
            }

            float* results = Next(n);
            Folds.ExtremeBlocks<F>(largest, x, n, results);
            return Extreme<F>(largest, results, Folds.Blocks(n));
        }

        internal void Store(float value) => outputs[_next++][row] = value;

        private float* Next(long n) => outputs[_next++] + (row * Folds.Blocks(n));
    }
}
