using System;

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
    internal static bool Run<F>(KernelRun run)
        where F : unmanaged, IFloats<F>
    {
        Operand x = run.Call.Inputs[0];
        DType type = x.Type.DType;
        TensorType y = run.Call.Node.Outputs[0];
        if (!type.IsSingle() || y.Elements == 0 || run.Keep(Layout<F>.Of).Convolution is not Convolution<F> convolution)
        {
            return false;
        }

        float* bias = run.Call.Inputs.Length == 3 ? Singles(run, run.Call.Inputs[2]) : null;
        Start? start = convolution.IsProduct && bias != null ? new Start((nint)bias, new Lines([(y.Shape[0], 0)], 1, 1), 1f) : null;
        long columns = convolution.IsProduct ? y.Shape[1] : y.Shape.Product(2, y.Shape.Rank);
        if (type == DType.F32)
        {
            SingleStore store = new(run.Output<float>(0), columns, start);
            convolution.Run(run, Singles(run, x), bias, store);
        }
        else
        {
            NarrowStore<SingleSource> store = new(run.Output<ushort>(0), type, columns, start, new SingleSource(bias));
            convolution.Run(run, Singles(run, x), bias, store);
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

    // What the shapes of a node decide; no convolution where its padding is for the definition.
    private sealed record Layout<F>(Convolution<F>? Convolution)
        where F : unmanaged, IFloats<F>
    {
        internal static readonly Func<KernelRun, Layout<F>> Of = static run =>
        {
            Engine.Ops.Conv op = (Engine.Ops.Conv)run.Call.Node.Op;
            Shape shape = run.Call.Inputs[0].Type.Shape;
            WindowLoops? loops = WindowLoops.Of(op.Window, shape);
            bool suits = loops is not null && Band.Suits(loops);
            return new Layout<F>(suits ? new Convolution<F>(loops!, shape, run.Call.Inputs[1], op.Groups, run.Workers) : null);
        };
    }
}
