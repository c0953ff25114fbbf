using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows that indices name replaced or changed by updates. Updates of a column are taken in their order by one work-item, so many of them for few
/// columns stay with the processors, and sums and products in f16 and bf16, which are rounded only at the end.</summary>
internal static class Scatter
{
    private const long MostInTurn = 1024;
    private const long InTurnForColumn = 8;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.Scatter op)
    {
        TensorType type = call.Node.Outputs[0];
        TensorType chosen = call.Inputs[1].Type;
        long row = type.Shape.Product(op.Batch + 1, type.Shape.Rank);
        long columns = type.Shape.Product(0, op.Batch) * row;
        long updates = chosen.Shape[^1];
        bool isNarrow = type.DType is DType.F16 or DType.BF16 && op.Kind is Scattering.Add or Scattering.Mul;
        return isNarrow || (updates > MostInTurn && updates > columns * InTurnForColumn) ? null : run =>
        {
            Copy.Run(run, run.Source(0), run.Operand(0).Map, type.DType.Size(), run.Output(0), 0);
            if (updates == 0)
            {
                return;
            }

            (GpuBuffer indices, long first) = run.Contiguous(1);
            (GpuBuffer from, long offset) = run.Contiguous(2);
            run.LaunchEach(
                "Scatter",
                "scatter",
                columns,
                [
                    run.Output(0), (int)type.DType, indices, (int)chosen.DType, first, from, offset,
                    (int)op.Kind, (int)columns, (int)row, (int)type.Shape[op.Batch], (int)updates,
                ]);
        };
    }
}
