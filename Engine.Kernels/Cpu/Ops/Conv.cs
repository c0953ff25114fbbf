using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Conv.cs for f32, f16 and bf16 in up to three spatial dimensions. X is widened to f32 first where it is narrow.
//

/// <summary>A dot product of each window of X with each kernel of W, plus a bias.</summary>
internal static unsafe class Conv
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.Conv op)
        where F : unmanaged, IFloats<F>
    {
        Operand x = run.Call.Inputs[0];
        Operand w = run.Call.Inputs[1];
        DType type = x.Type.DType;
        WindowLoops? loops = WindowLoops.Of(op.Window, x.Type.Shape);
        TensorType y = run.Call.Node.Outputs[0];
        if (!type.IsSingle() || loops is null || y.Elements == 0 || !Band.Suits(loops))
        {
            return false;
        }

        long outputs = y.Shape[1];
        float* bias = run.Call.Inputs.Length == 3 ? Singles(run, run.Call.Inputs[2]) : null;
        Convolution convolution = new(loops, Singles(run, x), x.Type.Shape, outputs, op.Groups);
        KernelRows<F> kernels = new(w, op.Groups);
        if (type == DType.F32)
        {
            SingleStore store = new(run.Output<float>(0), loops.OutputPlane, start: null);
            convolution.Run<F, SingleStore>(run, kernels, bias, store);
        }
        else
        {
            NarrowStore<SingleSource> store = new(run.Output<ushort>(0), type == DType.F16, loops.OutputPlane, start: null, default);
            convolution.Run<F, NarrowStore<SingleSource>>(run, kernels, bias, store);
        }

        return true;
    }

    /// <summary>The elements in row-major order as f32: where they lie, or copied, or widened.</summary>
    internal static float* Singles(KernelRun run, Operand operand)
    {
        if (operand.Type.DType == DType.F32)
        {
            return run.Contiguous<float>(operand);
        }

        Blocks blocks = new(run, operand);
        float* widened = run.Rent<float>(operand.Type.Elements + Blocks.Elements);
        Elementwise.Singles.ForBlocks(run, operand.Type.Elements, (start, count, _) =>
        {
            float* room = stackalloc float[Blocks.Elements];
            float* from = blocks.Singles(start, count, room);
            for (int i = 0; i < count; i++)
            {
                widened[start + i] = from[i];
            }
        });
        return widened;
    }
}
