using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows of A times rows of B, plus C, of all types. Operands lie as they lie; one whose batch has more axes than two is copied.</summary>
internal static class Dot
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.Dot op)
        => Product.Fits(call.Inputs[0].Type.Shape[^2], call.Inputs[1].Type.Shape[^2], call.Inputs[0].Type.Shape[^1]) ? run => Run(run, op) : null;

    private static void Run(GpuRun run, Engine.Ops.Dot op)
    {
        TensorType type = run.Type(0);
        Matrices[] matrices = Matrices.Of(run, Enumerable.Range(0, run.Operands), out int inner);
        new Product(
            type.DType,
            (int)type.Shape.Product(0, type.Shape.Rank - 2),
            inner,
            (int)type.Shape[^2],
            (int)type.Shape[^1],
            (int)run.Operand(0).Type.Shape[^1],
            matrices[0],
            matrices[1],
            run.Operands == 3 ? matrices[2] : null,
            op.Alpha,
            op.Beta).Run(run, run.Output(0));
    }
}
