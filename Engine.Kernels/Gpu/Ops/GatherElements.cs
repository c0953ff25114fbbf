using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>For each index the element at that place along one axis.</summary>
internal static class GatherElements
{
    internal static GpuOp Of(NodeCall call, Engine.Ops.GatherElements op)
    {
        Operand from = call.Inputs[0];
        TensorType chosen = call.Inputs[1].Type;
        List<int> axes = [];
        for (int axis = chosen.Shape.Rank - 1; axis >= 0; axis--)
        {
            axes.Add((int)chosen.Shape[axis]);
            axes.Add(axis == op.Axis ? 0 : (int)from.Map.Strides[axis]);
        }

        return run =>
        {
            (GpuBuffer indices, long first) = run.Contiguous(1);
            int count = (int)run.Type(0).Elements;
            run.LaunchEach(
                "Gather",
                $"gather_elements{8 * from.Type.DType.Size()}",
                count,
                [
                    run.Source(0), from.Map.Offset, indices, (int)chosen.DType, first, run.Output(0), count,
                    run.Table([.. axes]), chosen.Shape.Rank, (int)from.Type.Shape[op.Axis], (int)from.Map.Strides[op.Axis],
                ]);
        };
    }
}
