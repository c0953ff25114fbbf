using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>The largest element of each window and where it is, of at most three spatial axes.</summary>
internal static class MaxPool
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.MaxPool op)
    {
        TensorType type = call.Inputs[0].Type;
        return !Windows.Fits(op.Window) ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Pool",
                "largest",
                count,
                [
                    x, (int)type.DType, offset, run.Output(0), run.Output(1), count, run.Table(Windows.Table(op.Window, type.Shape)), Least(type.DType),
                    op.ColumnMajor ? 1 : 0,
                ]);
        };
    }

    // In the 64-bit register of Texts/elements.h.
    private static long Least(DType type) => type switch
    {
        DType.F64 => BitConverter.DoubleToInt64Bits(double.NegativeInfinity),
        _ when type.IsSingle() => BitConverter.SingleToUInt32Bits(float.NegativeInfinity),
        _ => type.IntegerRange().Low,
    };
}
