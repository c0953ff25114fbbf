using System;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bytes as Engine/Ops/GatherElements.cs: a line of indices along their last axis at a time.
//

/// <summary>For each index the element of X at that place along one axis.</summary>
internal static unsafe class GatherElements
{
    private const long LeastElements = 8192;

    internal static bool Run(KernelRun run, Engine.Ops.GatherElements op)
    {
        Operand x = run.Call.Inputs[0];
        if (x.Type.Shape[op.Axis] == 0 || run.Call.Node.Outputs[0].Elements == 0)
        {
            return false;
        }

        switch (x.Type.DType.Size())
        {
            case 1:
                Run<byte>(run, op.Axis);
                break;
            case 2:
                Run<ushort>(run, op.Axis);
                break;
            case 4:
                Run<uint>(run, op.Axis);
                break;
            default:
                Run<ulong>(run, op.Axis);
                break;
        }

        return true;
    }

    private static void Run<T>(KernelRun run, int axis)
        where T : unmanaged
    {
        Operand chosen = run.Call.Inputs[1];
        if (chosen.Type.DType == DType.I32)
        {
            Lines<T, int>(run, axis, run.Contiguous<int>(chosen));
        }
        else
        {
            Lines<T, long>(run, axis, run.Contiguous<long>(chosen));
        }
    }

    private static void Lines<T, TIndex>(KernelRun run, int axis, TIndex* indices)
        where T : unmanaged
        where TIndex : unmanaged
    {
        Shape from = run.Call.Inputs[0].Type.Shape;
        Shape to = run.Call.Inputs[1].Type.Shape;
        ImmutableArray<long> strides = from.Strides();
        AffineView others = new(to, 0, strides.SetItem(axis, 0));
        T* x = (T*)run.Bytes(run.Call.Inputs[0], sizeof(T));
        T* y = run.Output<T>(0);
        long line = to[^1];
        long step = axis == to.Rank - 1 ? 0 : 1;
        run.ForRanges(to.Elements / line, Math.Max(1, LeastElements / line), (first, end, _) =>
        {
            for (long i = first * line; i < end * line; i += line)
            {
                Line(x + others.SourceIndex(i), step, from[axis], strides[axis], indices + i, y + i, line);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line<T, TIndex>(T* x, long step, long extent, long stride, TIndex* indices, T* y, long count)
        where T : unmanaged
        where TIndex : unmanaged
    {
        for (long k = 0; k < count; k++)
        {
            long index = sizeof(TIndex) == sizeof(int) ? ((int*)indices)[k] : ((long*)indices)[k];
            index += index < 0 ? extent : 0;
            y[k] = x[(k * step) + (Math.Min(Math.Max(index, 0), extent - 1) * stride)];
        }
    }
}
