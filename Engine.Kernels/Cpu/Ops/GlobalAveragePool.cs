using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/GlobalAveragePool.cs: four lanes whatever the width, (l0 + l2) + (l1 + l3), the rest in turn, one division.
//

/// <summary>The mean of each channel.</summary>
internal static unsafe class GlobalAveragePool
{
    private const long LeastElements = 8192;

    internal static bool Run(KernelRun run)
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        long n = operand.Type.Shape[2];
        if (!type.IsSingle() || operand.Type.Elements == 0)
        {
            return false;
        }

        Blocks rows = new(run, operand);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * n);
        run.ForRanges(operand.Type.Elements / n, Math.Max(1, LeastElements / n), (first, end, worker) =>
        {
            for (long row = first; row < end; row++)
            {
                float mean = Real.Canonical(Mean(rows.Singles(row * n, (int)n, room + (worker * n)), n));
                Blocks.Store(type, &mean, 1, y, row);
            }
        });
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Mean(float* x, long n)
    {
        Vector128<float> lanes = default;
        long i = 0;
        for (; i + 4 <= n; i += 4)
        {
            lanes += Vector128.Load(x + i);
        }

        float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
        for (; i < n; i++)
        {
            sum += x[i];
        }

        return sum / n;
    }
}
