using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Both sides of a product of codes.</summary>
internal static unsafe class CodeFactor
{
    /// <summary>Codes [batch.., lines, k] less their zero points [batch.., lines].</summary>
    /// <param name="run">The call.</param>
    /// <param name="operand">The codes.</param>
    /// <param name="zeros">Their zero points.</param>
    /// <param name="skip">Leading axes that repeat and are left out.</param>
    /// <param name="count">Lines of one batch.</param>
    /// <param name="batches">Number of batches.</param>
    internal static Factor<F, ByteSource> Of<F>(KernelRun run, Operand operand, Operand zeros, int skip, long count, long batches)
        where F : unmanaged, IFloats<F>
    {
        int* points = Integers(run, zeros);
        ByteSource source = new(run.Pointer<byte>(operand), operand.Type.DType == DType.I8, points, 1);
        Tensor? kept = zeros.Parameter is null ? null : operand.Parameter;
        return new Factor<F, ByteSource>(
            source, Lines.Of(operand.Map, skip), count, batches, kept, ("in place", operand.Map, zeros.Parameter, zeros.Map));
    }

    /// <summary>The elements of an operand of u8, i8 or i32 as int32.</summary>
    internal static int* Integers(KernelRun run, Operand operand)
    {
        int count = (int)operand.Type.Elements;
        int* integers = run.Rent<int>(count + 1);
        Blocks blocks = new(run, operand);
        void* stored = operand.Type.DType == DType.I32
            ? blocks.Stored(0, count, run.Rent<int>(count + 1))
            : blocks.Stored(0, count, run.Rent<byte>(count + 1));
        Codes.Widen(operand.Type.DType, stored, count, integers);
        return integers;
    }

    /// <summary>The elements of an f32 operand, with room for a vector behind them.</summary>
    internal static float* Singles(KernelRun run, Operand operand)
    {
        const int Room = 64;
        int count = (int)operand.Type.Elements;
        float* copy = run.Rent<float>(count + Room);
        float* from = new Blocks(run, operand).Singles(0, count, copy);
        for (int i = 0; i < count + Room; i++)
        {
            copy[i] = i < count ? from[i] : 0f;
        }

        return copy;
    }
}
