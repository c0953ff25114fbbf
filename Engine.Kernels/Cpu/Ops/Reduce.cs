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
        float* room = run.Rent<float>(run.Workers * 2 * n);
        run.ForRanges(shape.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 2 * n);
            for (long row = first; row < end; row++)
            {
                float* x = rows.Singles(row * n, (int)n, own);
                float result = Real.Canonical(Row<F>(op.Kind, x, own + n, (int)n));
                Blocks.Store(type, &result, 1, y, row);
            }
        });
        return true;
    }

    private static float Row<F>(Reduction kind, float* x, float* room, int n)
        where F : unmanaged, IFloats<F> => kind switch
        {
            Reduction.Sum => Folds.Sum<F, SameMap>(default, x, n),
            Reduction.Mean => Folds.Sum<F, SameMap>(default, x, n) / n,
            Reduction.Max => Folds.Extreme<F>(largest: true, x, n),
            Reduction.Min => Folds.Extreme<F>(largest: false, x, n),
            Reduction.L1 => Folds.Sum<F, AbsMap>(default, x, n),
            Reduction.L2 => float.Sqrt(Folds.Sum<F, SquareMap>(default, x, n)),
            Reduction.SumSquare => Folds.Sum<F, SquareMap>(default, x, n),
            Reduction.LogSum => Functions.Log(Folds.Sum<F, SameMap>(default, x, n)),
            _ => LogSumExp<F>(x, room, n),
        };

    private static float LogSumExp<F>(float* x, float* room, int n)
        where F : unmanaged, IFloats<F>
    {
        float largest = Folds.Extreme<F>(largest: true, x, n);
        if (!float.IsFinite(largest))
        {
            return largest;
        }

        for (int i = 0; i < n; i++)
        {
            room[i] = x[i] - largest;
        }

        FunctionBlocks.Apply<F>(Function.Exp, room, room, n);
        return largest + Functions.Log(Folds.Sum<F, SameMap>(default, room, n));
    }
}
