using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/QLinearDot.cs: the totals of DotInteger, made codes tile by tile.
//

/// <summary>Rows of codes A times rows of codes B, as codes.</summary>
internal static class QLinearDot
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        ImmutableArray<Operand> inputs = run.Call.Inputs;
        Requantisation by = new(inputs[1], inputs[4], inputs[6], inputs[7]);
        CodeDot.Run<F>(run, inputs[0], inputs[2], inputs[3], inputs[5], by);
        return true;
    }
}
