namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bytes as Engine/Ops/Copy.cs.
//

/// <summary>The elements of a view in their own order.</summary>
internal static unsafe class Copy
{
    internal static bool Run(KernelRun run)
    {
        StridedCopy.Run(run, run.Call.Inputs[0], run.Output<byte>(0));
        return true;
    }
}
