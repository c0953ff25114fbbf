using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Where.cs.
//

/// <summary>Elements of A where the condition holds, of B elsewhere.</summary>
internal static unsafe class Where
{
    internal static bool Run(KernelRun run) => run.Call.Inputs[1].Type.DType.Size() switch
    {
        1 => Run<byte>(run),
        2 => Run<ushort>(run),
        4 => Run<uint>(run),
        _ => Run<ulong>(run),
    };

    private static bool Run<T>(KernelRun run)
        where T : unmanaged
    {
        Blocks condition = new(run, run.Call.Inputs[0]);
        Blocks a = new(run, run.Call.Inputs[1]);
        Blocks b = new(run, run.Call.Inputs[2]);
        T* y = run.Output<T>(0);
        T* room = run.Rent<T>(run.Workers * 3L * Blocks.Elements);
        Singles.ForBlocks(run, run.Call.Inputs[1].Type.Elements, (start, count, worker) =>
        {
            T* own = room + (worker * 3L * Blocks.Elements);
            byte* choose = condition.Stored(start, count, (byte*)(own + (2 * Blocks.Elements)));
            T* left = a.Stored(start, count, own);
            T* right = b.Stored(start, count, own + Blocks.Elements);
            for (int i = 0; i < count; i++)
            {
                y[start + i] = choose[i] != 0 ? left[i] : right[i];
            }
        });
        return true;
    }
}
