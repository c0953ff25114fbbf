using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Inputs one after the other along an axis: each is scattered to its places, whole runs of elements at a time.</summary>
internal static class Concat
{
    private const int GroupSize = 256;

    internal static GpuOp Of(NodeCall call, Engine.Ops.Concat op)
    {
        TensorType type = call.Node.Outputs[0];
        int size = type.DType.Size();
        long after = type.Shape.Product(op.Axis + 1, type.Shape.Rank);
        long row = type.Shape[op.Axis] * after;
        return run =>
        {
            long first = 0;
            foreach (int slot in Enumerable.Range(0, run.Operands))
            {
                Shape shape = run.Operand(slot).Type.Shape;
                long width = shape[op.Axis] * after;
                long count = shape.Elements;
                if (count == 0)
                {
                    continue;
                }

                (GpuBuffer from, long offset) = run.Contiguous(slot);
                GpuGrid groups = new((count + GroupSize - 1) / GroupSize);
                run.Launch("Copy", $"place{8 * size}", groups, from, offset, run.Output(0), first, (int)count, (int)width, row);
                first += width;
            }
        };
    }
}
