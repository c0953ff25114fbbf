using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>start + i · step.</summary>
internal static class Range
{
    internal static GpuOp Of(NodeCall call)
    {
        TensorType type = call.Node.Outputs[0];
        return run =>
        {
            (GpuBuffer start, long first) = run.Contiguous(0);
            (GpuBuffer step, long second) = run.Contiguous(1);
            run.LaunchEach(
                "Range", "range", type.Elements, [start, first, step, second, run.Output(0), (int)type.DType, (int)type.Elements]);
        };
    }
}
