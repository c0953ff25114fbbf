using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/DotInteger.cs: integer sums modulo 2^32 do not depend on their order.
//

/// <summary>Rows of codes A times rows of codes B, less their zero points.</summary>
internal static class DotInteger
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        CodeDot.Run<F>(run, run.Call.Inputs[0], run.Call.Inputs[2], run.Call.Inputs[1], run.Call.Inputs[3], by: null);
        return true;
    }
}
