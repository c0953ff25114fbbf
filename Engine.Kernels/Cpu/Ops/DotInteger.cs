using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/DotInteger.cs: the products are exact in f32, block by block (see IntegerTotal).
//

/// <summary>Rows of codes A times rows of codes B, less their zero points.</summary>
internal static unsafe class DotInteger
{
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand a = run.Call.Inputs[0];
        Operand b = run.Call.Inputs[1];
        Operand zeroA = run.Call.Inputs[2];
        Operand zeroB = run.Call.Inputs[3];
        Shape shape = run.Call.Node.Outputs[0].Shape;
        if (shape.Elements == 0)
        {
            return true;
        }

        int batchAxes = shape.Rank - 2;
        long batches = shape.Product(0, batchAxes);
        bool shared = Lines.Repeat(b.Map, batchAxes) && Lines.Repeat(zeroB.Map, batchAxes);
        Factor<F, ByteSource> left = CodeFactor.Of<F>(run, a, zeroA, 0, shared ? shape[^2] * batches : shape[^2], shared ? 1 : batches);
        Factor<F, ByteSource> right = CodeFactor.Of<F>(run, b, zeroB, shared ? batchAxes : 0, shape[^1], left.Batches);
        IntegerStore store = new(run.Output<int>(0), shape[^1]);
        Product.Passes<F, IntegerTotal, ByteSource, IntegerStore>(run, left, right, 1f, store);
        return true;
    }
}
