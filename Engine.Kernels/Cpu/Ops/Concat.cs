using System;
using System.Runtime.CompilerServices;

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
    private const long LeastBytes = 1 << 16;

    internal static bool Run(KernelRun run, Engine.Ops.Concat op)
    {
        TensorType y = run.Call.Node.Outputs[0];
        int size = y.DType.Size();
        long rows = y.Shape.Product(0, op.Axis);
        long rowBytes = y.Shape.Product(op.Axis, y.Shape.Rank) * size;
        byte* to = run.Output<byte>(0);
        foreach (Operand input in run.Call.Inputs)
        {
            long partBytes = input.Type.Shape.Product(op.Axis, input.Type.Shape.Rank) * size;
            if (partBytes * rows > 0)
            {
                Part(run, input, size, rows, partBytes, to, rowBytes);
                to += partBytes;
            }
        }

        return true;
    }

    // What lies together is copied by rows; what does not is laid out first, at its place where it is one row.
    private static void Part(KernelRun run, Operand input, int size, long rows, long partBytes, byte* to, long rowBytes)
    {
        if (rows * partBytes <= LeastBytes)
        {
            if (rows == 1 && !input.Map.IsContiguous)
            {
                StridedCopy.Run(run, input, to);
                return;
            }

            byte* small = run.Bytes(input, size);
            for (long row = 0; row < rows; row++)
            {
                Unsafe.CopyBlockUnaligned(to + (row * rowBytes), small + (row * partBytes), (uint)partBytes);
            }

            return;
        }

        OnWorkers(run, run.Bytes(input, size), rows, partBytes, to, rowBytes);
    }

    private static void OnWorkers(KernelRun run, byte* from, long rows, long partBytes, byte* to, long rowBytes)
        => run.ForRanges(rows, Math.Max(1, LeastBytes / partBytes), (first, end, _) =>
        {
            for (long row = first; row < end; row++)
            {
                Buffer.MemoryCopy(from + (row * partBytes), to + (row * rowBytes), partBytes, partBytes);
            }
        });
}
