using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/QLinearConv.cs: the totals of ConvInteger, started from the bias and made codes tile by tile.
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, as codes.</summary>
internal static unsafe class QLinearConv
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.QLinearConv op)
        where F : unmanaged, IFloats<F>
    {
        Operand x = run.Call.Inputs[0];
        WindowLoops? loops = WindowLoops.Of(op.Window, x.Type.Shape);
        TensorType y = run.Call.Node.Outputs[0];
        if (loops is null || y.Elements == 0 || !Band.Suits(loops))
        {
            return false;
        }

        long outputs = y.Shape[1];
        Requantisation by = new(
            (nint)CodeFactor.Singles(run, run.Call.Inputs[4]),
            outputs,
            (nint)CodeFactor.Singles(run, run.Call.Inputs[1]),
            0,
            0,
            *CodeFactor.Singles(run, run.Call.Inputs[6]),
            *CodeFactor.Integers(run, run.Call.Inputs[7]),
            y.DType,
            run.Call.Inputs.Length == 9 ? (nint)CodeFactor.Integers(run, run.Call.Inputs[8]) : 0);
        CodeStore<F> store = new(run.Output<byte>(0), loops.OutputPlane, by);
        ConvInteger.Run<F, CodeStore<F>>(
            run, loops, x, run.Call.Inputs[2], run.Call.Inputs[3], run.Call.Inputs[5], outputs, op.Groups, store);
        return true;
    }
}
