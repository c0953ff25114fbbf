using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bytes as Engine/Ops/Copy.cs.
//

/// <summary>The elements of a view in their own order.</summary>
internal static unsafe class Copy
{
    internal static bool Run(KernelRun run)
    {
        Operand x = run.Call.Inputs[0];
        StridedCopy.Run(run, (byte*)run.Source(x), x.Type.DType.Size(), x.Map, run.Output<byte>(0));
        return true;
    }
}
