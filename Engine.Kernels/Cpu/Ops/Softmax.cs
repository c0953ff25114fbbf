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

        Blocks rows = new(run, operand);
        void* y = run.Output<byte>(0);
        float* maxima = run.Output<float>(Engine.Ops.Softmax.Maximum);
        float* denominators = run.Output<float>(Engine.Ops.Softmax.Denominator);
        float* room = run.Rent<float>(run.Workers * 2 * n);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            float* own = room + (worker * 2 * n);
            for (long row = first; row < end; row++)
            {
                float* x = rows.Singles(row * n, (int)n, own);
                float* result = type == DType.F32 ? (float*)y + (row * n) : own + n;
                float m = Real.Canonical(Folds.Extreme<F>(largest: true, x, n));
                maxima[row] = m;
                denominators[row] = op.Logarithm ? LogRow<F>(x, m, own + n, result, (int)n) : Row<F>(x, m, result, (int)n);

                if (type != DType.F32)
                {
                    Blocks.Store(type, result, (int)n, y, row * n);
                }
            }
        });
        return true;
    }

    private static float Row<F>(float* x, float m, float* y, int n)
        where F : unmanaged, IFloats<F>
    {
        Singles.Loop<F, Less>(new Less(m), x, y, n);
        FunctionBlocks.Apply<F>(Function.Exp, y, y, n);
        float s = Real.Canonical(Folds.Sum<F, SameMap>(default, y, n));
        Singles.Loop<F, Over>(new Over(s), y, y, n);
        return s;
    }

    private static float LogRow<F>(float* x, float m, float* e, float* y, int n)
        where F : unmanaged, IFloats<F>
    {
        Singles.Loop<F, Less>(new Less(m), x, e, n);
        FunctionBlocks.Apply<F>(Function.Exp, e, e, n);
        float s = Real.Canonical(Folds.Sum<F, SameMap>(default, e, n));
        Singles.Loop<F, Less>(new Less(m), x, y, n);
        Singles.Loop<F, Less>(new Less(Functions.Log(s)), y, y, n);
        return s;
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
