using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

//
//  Same bytes as Engine/Ops/Copy.cs, Concat.cs and Gather.cs: elements are moved, never looked at.
//

/// <summary>The ops that only move elements.</summary>
internal static unsafe class Moves
{
    private const long LeastBytes = 1 << 15;

    internal static bool Copy(KernelRun run)
    {
        Operand x = run.Call.Inputs[0];
        StridedCopy.Run(run, (byte*)run.Source(x), x.Type.DType.Size(), x.Map, run.Output<byte>(0));
        return true;
    }

    // One copy an input: its rows go to the output's rows, which are longer.
    internal static bool Concat(KernelRun run, Ops.Concat op)
    {
        TensorType y = run.Call.Node.Outputs[0];
        int size = y.DType.Size();
        long rows = y.Shape.Product(0, op.Axis);
        long rowBytes = y.Shape.Product(op.Axis, y.Shape.Rank) * size;
        byte* to = run.Output<byte>(0);
        long at = 0;
        foreach (Operand input in run.Call.Inputs)
        {
            long partBytes = input.Type.Shape.Product(op.Axis, input.Type.Shape.Rank) * size;
            if (partBytes * rows == 0)
            {
                continue;
            }

            byte* from = run.Bytes(input, size);
            long start = at;
            run.ForRanges(rows, Math.Max(1, LeastBytes / partBytes), (first, end, _) =>
            {
                for (long row = first; row < end; row++)
                {
                    Buffer.MemoryCopy(from + (row * partBytes), to + (row * rowBytes) + start, partBytes, partBytes);
                }
            });
            at += partBytes;
        }

        return true;
    }

    internal static bool Gather(KernelRun run, Ops.Gather op)
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
