using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bytes as Engine/Ops/Concat.cs.
//  One copy an input: its rows go to the output's rows, which are longer.
//

/// <summary>Values laid one after another.</summary>
internal static unsafe class Concat
{
    private const long LeastBytes = 1 << 15;

    internal static bool Run(KernelRun run, Engine.Ops.Concat op)
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
}
