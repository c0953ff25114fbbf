using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/ConvInteger.cs: integer sums modulo 2^32 do not depend on their order, and padding is the zero point.
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, less their zero points.</summary>
internal static class ConvInteger
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.ConvInteger op)
        where F : unmanaged, IFloats<F>
    {
        ImmutableArray<Operand> inputs = run.Call.Inputs;
        WindowLoops? loops = WindowLoops.Of(op.Window, inputs[0].Type.Shape);
        TensorType y = run.Call.Node.Outputs[0];
        if (loops is null || y.Elements == 0 || !Band.Suits(loops))
        {
            return false;
        }

        new CodeConvolution(loops, op.Groups).Run<F>(run, inputs[0], inputs[2], inputs[1], inputs[3], bias: null, by: null);
        return true;
    }
}
