using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/QLinearConv.cs: the totals of ConvInteger, started from the bias and made codes tile by tile.
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, as codes.</summary>
internal static class QLinearConv
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.QLinearConv op)
        where F : unmanaged, IFloats<F>
    {
        ImmutableArray<Operand> inputs = run.Call.Inputs;
        WindowLoops? loops = WindowLoops.Of(op.Window, inputs[0].Type.Shape);
        TensorType y = run.Call.Node.Outputs[0];
        if (loops is null || y.Elements == 0 || !Band.Suits(loops))
        {
            return false;
        }

        Requantisation by = new(inputs[1], inputs[4], inputs[6], inputs[7]);
        Operand? bias = inputs.Length == 9 ? inputs[8] : null;
        new CodeConvolution(loops, op.Groups).Run<F>(run, inputs[0], inputs[2], inputs[3], inputs[5], bias, by);
        return true;
    }
}
