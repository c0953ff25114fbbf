using System;
using System.Runtime.CompilerServices;

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

    // Lanes of a fold, and neighbouring columns that are folded side by side.
    private const int Lanes = 32;
    private const int Width = 64;

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

        (long Extent, long Stride)[] axes = run.Axes(operand);
        if (type == DType.F32 && n <= Folds.Block && axes.Length >= 2 && axes[^1].Extent == n && axes[^2].Stride == 1 && op.Kind != Reduction.LogSumExp)
        {
            Columns<F>(run, op.Kind, axes);
            return true;
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
            Reduction.Mean or Reduction.LogSum => Finished(kind, levels.Sum<F, SameMap>(x, n), n),
            Reduction.Max => levels.Extreme<F>(largest: true, x, n),
            Reduction.Min => levels.Extreme<F>(largest: false, x, n),
            Reduction.L1 => levels.Sum<F, AbsMap>(x, n),
            Reduction.L2 or Reduction.SumSquare => Finished(kind, levels.Sum<F, SquareMap>(x, n), n),
            _ => LogSumExp<F>(x, room, n, ref levels),
        };

    private static float Finished(Reduction kind, float result, long n) => kind switch
    {
        Reduction.Mean => result / n,
        Reduction.L2 => float.Sqrt(result),
        Reduction.LogSum => Functions.Log(result),
        _ => result,
    };

    // Rows whose elements lie apart and whose neighbours lie together: a vector is one element of each of several rows.
    private static void Columns<F>(KernelRun run, Reduction kind, (long Extent, long Stride)[] axes)
        where F : unmanaged, IFloats<F>
    {
        float* x = run.Pointer<float>(run.Call.Inputs[0]);
        float* y = run.Output<float>(0);
        (long n, long step) = axes[^1];
        long columns = axes[^2].Extent;
        long parts = (columns + Width - 1) / Width;
        long lines = run.Call.Inputs[0].Type.Elements / (n * columns);
        float* room = run.Rent<float>(run.Workers * (long)Lanes * Width);
        run.ForRanges(lines * parts, Math.Max(1, LeastElements / (n * Width)), (first, end, worker) =>
        {
            float* lanes = room + (worker * (long)Lanes * Width);
            for (long unit = first; unit < end; unit++)
            {
                (long line, long part) = Math.DivRem(unit, parts);
                long at = part * Width;
                int width = (int)Math.Min(Width, columns - at);
                float* from = x + Offset(line, axes) + at;
                float* to = y + (line * columns) + at;
                switch (kind)
                {
                    case Reduction.Max:
                        Extremes<F, MaxMap>(default, float.NegativeInfinity, from, step, n, width, lanes);
                        break;
                    case Reduction.Min:
                        Extremes<F, MinMap>(default, float.PositiveInfinity, from, step, n, width, lanes);
                        break;
                    case Reduction.L1:
                        Sums<F, AbsMap>(default, from, step, n, width, lanes);
                        break;
                    case Reduction.L2 or Reduction.SumSquare:
                        Sums<F, SquareMap>(default, from, step, n, width, lanes);
                        break;
                    default:
                        Sums<F, SameMap>(default, from, step, n, width, lanes);
                        break;
                }

                for (int i = 0; i < width; i++)
                {
                    to[i] = Real.Canonical(Finished(kind, lanes[i], n));
                }
            }
        });
    }

    internal static long Offset(long line, (long Extent, long Stride)[] axes)
    {
        long offset = 0;
        for (int axis = axes.Length - 3; axis >= 0; axis--)
        {
            (line, long i) = Math.DivRem(line, axes[axis].Extent);
            offset += i * axes[axis].Stride;
        }

        return offset;
    }

    // The folds of columns, in the first line of lanes. A column that is not there is +0 all the way.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sums<F, TMap>(TMap map, float* x, long step, long n, int width, float* lanes)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        new Span<float>(lanes, Lanes * Width).Clear();
        for (long k = 0; k < n; k++, x += step)
        {
            float* lane = lanes + ((k % Lanes) * Width);
            int i = 0;
            for (; i <= width - F.Lanes; i += F.Lanes)
            {
                F.Store(lane + i, F.Load(lane + i) + map.Apply(F.Load(x + i)));
            }

            if (i < width)
            {
                F.Store(lane + i, F.Load(lane + i) + map.Apply(RowLoops.Load<F>(x + i, width - i)));
            }
        }

        for (int half = Lanes / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half * Width; i += F.Lanes)
            {
                F.Store(lanes + i, F.Load(lanes + i) + F.Load(lanes + (half * Width) + i));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Extremes<F, TMap>(TMap better, float worst, float* x, long step, long n, int width, float* best)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        new Span<float>(best, Width).Fill(worst);
        for (long k = 0; k < n; k++, x += step)
        {
            int i = 0;
            for (; i <= width - F.Lanes; i += F.Lanes)
            {
                F.Store(best + i, better.Apply(F.Load(best + i), F.Load(x + i)));
            }

            if (i < width)
            {
                F.Store(best + i, better.Apply(F.Load(best + i), RowLoops.Load<F>(x + i, width - i)));
            }
        }
    }

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
