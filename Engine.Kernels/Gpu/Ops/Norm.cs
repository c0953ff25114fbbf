using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows brought to unit size, with and without their mean.</summary>
internal static class Norm
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.Norm op)
    {
        TensorType type = call.Inputs[0].Type;
        int n = (int)type.Shape[^1];
        int warps = Warps.For(n);
        return n > Warps.LongestRow ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            (GpuBuffer gamma, long gammaOffset) = run.Contiguous(1);
            (GpuBuffer? beta, long betaOffset) = run.Operands == 3 ? run.Contiguous(2) : (null, 0L);
            int rows = (int)run.Type(op.ReciprocalDeviation).Elements;
            run.Launch(
                "Norm",
                $"{(op is LayerNorm ? "layer" : "rms")}_norm_{Warps.Length(n)}_{(type.DType == DType.F64 ? "f64" : "f32")}",
                Warps.Grid(rows, warps),
                [
                    x, (int)type.DType, offset, gamma, gammaOffset, GpuArgument.Of(beta), betaOffset, run.Output(0),
                    GpuArgument.Of(op is LayerNorm ? run.Output(1) : null), run.Output(op.ReciprocalDeviation),
                    rows, n, BatchNorm.Epsilon(op.Epsilon, type.DType == DType.F64),
                ]);
        };
    }
}
