using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Running sums or products along the first axis, a column for each work-item; long ones of few columns stay with the processors.</summary>
internal static class Cumulate
{
    private const long MostInTurn = 1024;
    private const long InTurnForColumn = 8;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.Cumulate op)
    {
        TensorType type = call.Node.Outputs[0];
        int n = (int)type.Shape[0];
        int columns = (int)type.Shape.Product(1, type.Shape.Rank);
        string kind = type.DType switch
        {
            DType.F32 => "f32",
            DType.F64 => "f64",
            _ => "int",
        };
        return n > MostInTurn && n > columns * InTurnForColumn ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            run.LaunchEach("Cumulate", $"cumulate_{kind}", columns, [x, (int)type.DType, offset, run.Output(0), columns, n, op.Product ? 1 : 0]);
        };
    }
}
