using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Each channel scaled and shifted by given statistics.</summary>
internal static class BatchNorm
{
    internal static GpuOp Of(NodeCall call, Engine.Ops.BatchNorm op)
    {
        TensorType type = call.Inputs[0].Type;
        Shape shape = type.Shape;
        bool isDouble = type.DType == DType.F64;
        return run =>
        {
            List<GpuArgument> arguments = [];
            for (int slot = 0; slot < run.Operands; slot++)
            {
                (GpuBuffer buffer, long offset) = run.Contiguous(slot);
                arguments.Add(buffer);
                if (slot == 0)
                {
                    arguments.Add((int)type.DType);
                }

                arguments.Add(offset);
            }

            run.LaunchEach(
                "BatchNorm",
                isDouble ? "batch_norm_f64" : "batch_norm_f32",
                type.Elements,
                [.. arguments, run.Output(0), (int)type.Elements, (int)shape[1], (int)shape.Product(2, shape.Rank), Epsilon(op.Epsilon, isDouble)]);
        };
    }

    /// <summary>A constant in the type of the arithmetic.</summary>
    internal static GpuArgument Epsilon(float epsilon, bool isDouble) => isDouble ? (GpuArgument)(double)epsilon : epsilon;
}
