using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Small operands of products of codes, copied.</summary>
internal static unsafe class Operands
{
    // Elements to be had behind the last one: vectors read past it.
    private const int Room = 64;

    /// <summary>The elements of an operand of u8, i8 or i32 as int32.</summary>
    internal static int* Integers(KernelRun run, Operand operand)
    {
        int count = (int)operand.Type.Elements;
        int* integers = run.Rent<int>(count + Room);
        Blocks blocks = new(run, operand);
        if (operand.Type.DType == DType.I32)
        {
            int* from = blocks.Stored(0, count, integers);
            new Span<int>(from, from == integers ? 0 : count).CopyTo(new Span<int>(integers, count));
            return integers;
        }

        bool signed = operand.Type.DType == DType.I8;
        byte* codes = blocks.Stored(0, count, (byte*)(integers + count) - count);
        for (int i = 0; i < count; i++)
        {
            integers[i] = signed ? (sbyte)codes[i] : codes[i];
        }

        return integers;
    }

    /// <summary>The elements of an f32 operand, with room for a vector behind them.</summary>
    internal static float* Singles(KernelRun run, Operand operand)
    {
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
