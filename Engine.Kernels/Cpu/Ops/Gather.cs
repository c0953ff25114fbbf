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
        Operand chosen = run.Call.Inputs[1];
        long count = chosen.Type.Elements;
        long slices = shape.Product(0, op.Axis) * count;
        long sliceBytes = shape.Product(op.Axis + 1, shape.Rank) * size;
        long* indices = Indices(run, chosen, extent);
        byte* from = run.Bytes(x, size);
        byte* to = run.Output<byte>(0);
        if (slices * sliceBytes <= LeastBytes)
        {
            Slices(from, to, sliceBytes, indices, count, extent, 0, slices);
            return true;
        }

        OnWorkers(run, from, to, sliceBytes, indices, count, extent, slices);
        return true;
    }

    private static void OnWorkers(KernelRun run, byte* from, byte* to, long sliceBytes, long* indices, long count, long extent, long slices)
        => run.ForRanges(
            slices, Math.Max(1, LeastBytes / sliceBytes), (first, end, _) => Slices(from, to, sliceBytes, indices, count, extent, first, end));

    private static void Slices(byte* from, byte* to, long sliceBytes, long* indices, long count, long extent, long first, long end)
    {
        (long before, long at) = Math.DivRem(first, count);
        for (long slice = first; slice < end; slice++)
        {
            byte* source = from + (((before * extent) + indices[at]) * sliceBytes);
            byte* into = to + (slice * sliceBytes);
            switch (sliceBytes)
            {
                case 4:
                    *(uint*)into = *(uint*)source;
                    break;
                case 8:
                    *(ulong*)into = *(ulong*)source;
                    break;
                default:
                    Buffer.MemoryCopy(source, into, sliceBytes, sliceBytes);
                    break;
            }

            if (++at == count)
            {
                at = 0;
                before++;
            }
        }
    }

    // Indices as the definition reads them: from the end where negative, then brought inside.
    private static long* Indices(KernelRun run, Operand operand, long extent)
    {
        long count = operand.Type.Elements;
        bool narrow = operand.Type.DType == DType.I32;
        void* given = run.Bytes(operand, narrow ? sizeof(int) : sizeof(long));
        long* indices = run.Rent<long>(count);
        for (long i = 0; i < count; i++)
        {
            long index = narrow ? ((int*)given)[i] : ((long*)given)[i];
            indices[i] = Math.Clamp(index < 0 ? index + extent : index, 0, extent - 1);
        }

        return indices;
    }
}
