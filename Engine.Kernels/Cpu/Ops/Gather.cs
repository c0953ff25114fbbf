using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bytes as Engine/Ops/Gather.cs.
//

/// <summary>Slices chosen by indices.</summary>
internal static unsafe class Gather
{
    private const long LeastBytes = 1 << 15;

    internal static bool Run(KernelRun run, Engine.Ops.Gather op)
    {
        Operand x = run.Call.Inputs[0];
        Shape shape = x.Type.Shape;
        long extent = shape[op.Axis];
        if (extent == 0 || run.Call.Node.Outputs[0].Elements == 0)
        {
            return false;
        }

        int size = x.Type.DType.Size();
        long sliceBytes = shape.Product(op.Axis + 1, shape.Rank) * size;
        long[] indices = Indices(run, run.Call.Inputs[1], extent);
        byte* from = run.Bytes(x, size);
        byte* to = run.Output<byte>(0);
        run.ForRanges(shape.Product(0, op.Axis) * indices.Length, Math.Max(1, LeastBytes / sliceBytes), (first, end, _) =>
        {
            for (long slice = first; slice < end; slice++)
            {
                (long before, long index) = Math.DivRem(slice, indices.Length);
                byte* source = from + (((before * extent) + indices[index]) * sliceBytes);
                Buffer.MemoryCopy(source, to + (slice * sliceBytes), sliceBytes, sliceBytes);
            }
        });
        return true;
    }

    // Indices as the definition reads them: from the end where negative, then brought inside.
    private static long[] Indices(KernelRun run, Operand operand, long extent)
    {
        Tensor tensor = run.ToTensor(operand);
        long[] indices = new long[tensor.Type.Elements];
        for (int i = 0; i < indices.Length; i++)
        {
            long index = tensor.Type.DType == DType.I32 ? tensor.As<int>()[i] : tensor.As<long>()[i];
            indices[i] = Math.Clamp(index < 0 ? index + extent : index, 0, extent - 1);
        }

        return indices;
    }
}
