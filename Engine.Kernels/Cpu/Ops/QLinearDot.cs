using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/QLinearDot.cs: the totals of DotInteger, made codes tile by tile.
//

/// <summary>Rows of codes A times rows of codes B, as codes.</summary>
internal static unsafe class QLinearDot
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand a = run.Call.Inputs[0];
        Operand b = run.Call.Inputs[3];
        Operand zeroB = run.Call.Inputs[5];
        TensorType type = run.Call.Node.Outputs[0];
        Shape shape = type.Shape;
        if (shape.Elements == 0)
        {
            return true;
        }

        int batchAxes = shape.Rank - 2;
        long batches = shape.Product(0, batchAxes);
        bool shared = Lines.Repeat(b.Map, batchAxes) && Lines.Repeat(zeroB.Map, batchAxes)
            && Lines.Repeat(run.Call.Inputs[4].Map, batchAxes);
        long rows = shared ? shape[^2] * batches : shape[^2];
        Factor<F, ByteSource> left = CodeFactor.Of<F>(run, a, run.Call.Inputs[2], 0, rows, shared ? 1 : batches);
        Factor<F, ByteSource> right = CodeFactor.Of<F>(run, b, zeroB, shared ? batchAxes : 0, shape[^1], left.Batches);
        Requisites(run, out float scale, out int zero);
        Requantisation by = new(
            (nint)CodeFactor.Singles(run, run.Call.Inputs[1]),
            shape[^2] * batches,
            (nint)CodeFactor.Singles(run, run.Call.Inputs[4]),
            1,
            shared ? 0 : shape[^2],
            scale,
            zero,
            type.DType,
            0);
        CodeStore<F> store = new(run.Output<byte>(0), shape[^1], by);
        Product.Passes<F, IntegerTotal, ByteSource, CodeStore<F>>(run, left, right, 1f, store);
        return true;
    }

    private static void Requisites(KernelRun run, out float scale, out int zero)
    {
        scale = *CodeFactor.Singles(run, run.Call.Inputs[6]);
        zero = *CodeFactor.Integers(run, run.Call.Inputs[7]);
    }
}
