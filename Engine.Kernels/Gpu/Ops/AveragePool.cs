using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>The mean of each window, of at most three spatial axes.</summary>
internal static class AveragePool
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.AveragePool op)
    {
        TensorType type = call.Inputs[0].Type;
        return !Windows.Fits(op.Window) ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Pool",
                type.DType == DType.F64 ? "average_f64" : "average_f32",
                count,
                [x, (int)type.DType, offset, run.Output(0), count, run.Table(Windows.Table(op.Window, type.Shape)), op.CountPadding ? 1 : 0]);
        };
    }
}
