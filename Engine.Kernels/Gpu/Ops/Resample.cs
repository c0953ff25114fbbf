using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Weighted sums of elements along one axis, chosen by a table of taps.</summary>
internal static class Resample
{
    internal static GpuOp Of(NodeCall call, Engine.Ops.Resample op)
    {
        TensorType type = call.Inputs[0].Type;
        Shape table = call.Inputs[1].Type.Shape;
        return run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            (GpuBuffer indices, long firstIndex) = run.Contiguous(1);
            (GpuBuffer weights, long firstWeight) = run.Contiguous(2);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Resample",
                type.DType == DType.F64 ? "resample_f64" : "resample_f32",
                count,
                [
                    x, (int)type.DType, offset, indices, firstIndex, weights, firstWeight, run.Output(0), count,
                    (int)type.Shape[op.Axis], (int)type.Shape.Product(op.Axis + 1, type.Shape.Rank), (int)table[0], (int)table[1],
                ]);
        };
    }
}
