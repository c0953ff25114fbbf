using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>exp of each element of a row over the sum of all, or the logarithm of that, in f32.</summary>
internal static class Softmax
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.Softmax op)
    {
        TensorType type = call.Inputs[0].Type;
        int n = (int)type.Shape[^1];
        int warps = Warps.For(n);
        return !type.DType.IsSingle() || n > Warps.LongestRow ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            int rows = (int)run.Type(Engine.Ops.Softmax.Maximum).Elements;
            run.Launch(
                "Softmax",
                $"softmax_{Warps.Length(n)}",
                Warps.Grid(rows, warps),
                [
                    x, (int)type.DType, offset, run.Output(0), run.Output(Engine.Ops.Softmax.Maximum), run.Output(Engine.Ops.Softmax.Denominator),
                    rows, n, op.Logarithm ? 1 : 0,
                ]);
        };
    }
}
