using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/ConvInteger.cs: codes less their zero points are exact in f32, and padding is the zero point, so it is +0.
//

/// <summary>A dot product of each window of codes X with each kernel of codes W, less their zero points.</summary>
internal static unsafe class ConvInteger
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.ConvInteger op)
        where F : unmanaged, IFloats<F>
    {
        Operand x = run.Call.Inputs[0];
        WindowLoops? loops = WindowLoops.Of(op.Window, x.Type.Shape);
        TensorType y = run.Call.Node.Outputs[0];
        if (loops is null || y.Elements == 0 || !Band.Suits(loops))
        {
            return false;
        }

        IntegerStore store = new(run.Output<int>(0), loops.OutputPlane);
        Run<F, IntegerStore>(run, loops, x, run.Call.Inputs[2], run.Call.Inputs[1], run.Call.Inputs[3], y.Shape[1], op.Groups, store);
        return true;
    }

    /// <summary>The totals of a convolution of codes, into any store.</summary>
    internal static void Run<F, TStore>(
        KernelRun run, WindowLoops loops, Operand x, Operand zeroX, Operand w, Operand zerosW, long outputs, long groups, TStore store)
        where F : unmanaged, IFloats<F>
        where TStore : struct, IStore
    {
        Shape shape = w.Type.Shape;
        float* values = Centred(run, x, *CodeFactor.Integers(run, zeroX));
        ByteSource source = new(run.Contiguous<byte>(w), w.Type.DType == DType.I8, CodeFactor.Integers(run, zerosW), 1);
        Tensor? kept = zerosW.Parameter is null ? null : w.Parameter;
        KernelRows<F, ByteSource> kernels = new(source, w, groups, kept, zerosW);
        float* weights = shape[1] == 1 ? Weights(run, source, shape) : null;
        Convolution convolution = new(loops, values, x.Type.Shape, outputs, groups);
        convolution.Run<F, IntegerTotal, ByteSource, TStore>(run, kernels, weights, store);
    }

    // Codes less their zero point, row-major, as f32.
    private static float* Centred(KernelRun run, Operand x, int zero)
    {
        Blocks blocks = new(run, x);
        float* values = run.Rent<float>(x.Type.Elements);
        Elementwise.Singles.ForBlocks(run, x.Type.Elements, (start, count, _) =>
        {
            byte* room = stackalloc byte[Blocks.Elements];
            byte* codes = blocks.Stored(start, count, room);
            bool signed = blocks.Type == DType.I8;
            for (int i = 0; i < count; i++)
            {
                values[start + i] = (signed ? (sbyte)codes[i] : codes[i]) - zero;
            }
        });
        return values;
    }

    private static float* Weights(KernelRun run, ByteSource source, Shape shape)
    {
        float* weights = run.Rent<float>(shape.Elements);
        long taps = shape.Elements / shape[0];
        for (long i = 0; i < shape.Elements; i++)
        {
            weights[i] = source.Get(i, i / taps);
        }

        return weights;
    }
}
