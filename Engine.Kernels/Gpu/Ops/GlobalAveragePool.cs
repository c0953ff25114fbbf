using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>The mean of each channel: four work-items for each.</summary>
internal static class GlobalAveragePool
{
    private const int Lanes = 4;

    internal static GpuOp Of(NodeCall call)
    {
        TensorType type = call.Inputs[0].Type;
        return run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Pool",
                type.DType == DType.F64 ? "global_average_f64" : "global_average_f32",
                (long)count * Lanes,
                [x, (int)type.DType, offset, run.Output(0), count, (int)type.Shape[^1]]);
        };
    }
}
