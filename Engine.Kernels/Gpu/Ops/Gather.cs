using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Slices along one axis, chosen by indices.</summary>
internal static class Gather
{
    internal static GpuOp Of(NodeCall call, Engine.Ops.Gather op)
    {
        TensorType type = call.Inputs[0].Type;
        TensorType chosen = call.Inputs[1].Type;
        return run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            (GpuBuffer indices, long first) = run.Contiguous(1);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Gather",
                $"gather{8 * type.DType.Size()}",
                count,
                [
                    x, offset, indices, (int)chosen.DType, first, run.Output(0), count,
                    (int)chosen.Elements, (int)type.Shape[op.Axis], (int)type.Shape.Product(op.Axis + 1, type.Shape.Rank),
                ]);
        };
    }
}
