using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>An elementwise op over one block of at most <see cref="Blocks.Elements"/> elements: the definition's bits, each element from the elements
/// at its own place. An operand of as many bytes an element may be the memory of the result.</summary>
internal abstract unsafe class BlockOp
{
    /// <summary>What an element costs, in additions.</summary>
    internal virtual int Cost => 1;

    /// <summary>Scratch that it needs, in blocks of f32.</summary>
    internal virtual int Room => 0;

    /// <summary>y = f(operands).</summary>
    internal abstract void Apply(void** operands, void* y, int count, float* room);
}

/// <summary>y = f(x) in f32.</summary>
internal sealed unsafe class UnaryBlock<F, TMap>(TMap map) : BlockOp
    where F : unmanaged, IFloats<F>
    where TMap : struct, IMap1
{
    internal override void Apply(void** operands, void* y, int count, float* room)
        => Singles.Loop<F, TMap>(map, (float*)operands[0], (float*)y, count);
}

/// <summary>y = f(x) in f32, in several passes.</summary>
internal sealed unsafe class FunctionBlock<F, TMap>(TMap map) : BlockOp
    where F : unmanaged, IFloats<F>
    where TMap : struct, IBlockMap
{
    internal override int Cost => 8;

    internal override int Room => 1;

    internal override void Apply(void** operands, void* y, int count, float* room) => map.Apply<F>((float*)operands[0], (float*)y, count, room);
}

/// <summary>y = f(a, b) in f32.</summary>
internal sealed unsafe class BinaryBlock<F, TMap>(TMap map) : BlockOp
    where F : unmanaged, IFloats<F>
    where TMap : struct, IMap2
{
    internal override void Apply(void** operands, void* y, int count, float* room)
        => Singles.Loop<F, TMap>(map, (float*)operands[0], (float*)operands[1], (float*)y, count);
}

/// <summary>A truth value of two f32.</summary>
internal sealed unsafe class ComparisonBlock<F, TMap>(TMap map) : BlockOp
    where F : unmanaged, IFloats<F>
    where TMap : struct, IMap2
{
    internal override int Room => 1;

    internal override int Cost => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* a = (float*)operands[0];
        float* b = (float*)operands[1];
        byte* to = (byte*)y;
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.StoreBytes(to + i, F.And(map.Apply(F.Load(a + i), F.Load(b + i)), F.OfInt(1)));
        }

        for (; i < count; i++)
        {
            Floats1.StoreBytes(to + i, Floats1.And(map.Apply(Floats1.Load(a + i), Floats1.Load(b + i)), Floats1.OfInt(1)));
        }
    }
}

/// <summary>As Ops.Pow.</summary>
/// <param name="exponent">The exponent where it is one number and known, else null.</param>
internal sealed unsafe class PowBlock<F>(float? exponent) : BlockOp
    where F : unmanaged, IFloats<F>
{
    private static int Width => Math.Max(4, F.Lanes) * 32;

    internal override int Cost => 32;

    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        ReadOnlySpan<float> x = new(operands[0], count);
        Span<float> z = new(y, count);
        if (exponent is float known)
        {
            FunctionKernels.Pow(x, known, z, Width);
        }
        else
        {
            FunctionKernels.Pow(x, new ReadOnlySpan<float>(operands[1], count), z, Width);
        }
    }
}

/// <summary>As Ops.Clip.</summary>
internal sealed unsafe class ClipBlock<F> : BlockOp
    where F : unmanaged, IFloats<F>
{
    internal override void Apply(void** operands, void* y, int count, float* room)
        => Singles.Loop<F, ClipMap>(new ClipMap(*(float*)operands[1], *(float*)operands[2]), (float*)operands[0], (float*)y, count);
}

/// <summary>y = (x · k) + t, each step rounded.</summary>
internal sealed unsafe class ScaleBlock<F> : BlockOp
    where F : unmanaged, IFloats<F>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        float* x = (float*)operands[0];
        float* k = (float*)operands[1];
        float* t = (float*)operands[2];
        float* to = (float*)y;
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(to + i, F.Canonical((F.Load(x + i) * F.Load(k + i)) + F.Load(t + i)));
        }

        for (; i < count; i++)
        {
            Floats1.Store(to + i, Floats1.Canonical((Floats1.Load(x + i) * Floats1.Load(k + i)) + Floats1.Load(t + i)));
        }
    }
}

/// <summary>An op in f32 over f16 or bf16: operands widened, the result rounded once.</summary>
/// <param name="inner">The op in f32.</param>
/// <param name="type">The type of its operands.</param>
/// <param name="operands">How many it has.</param>
/// <param name="narrow">Whether the result is of that type too.</param>
internal sealed unsafe class NarrowBlock(BlockOp inner, DType type, int operands, bool narrow) : BlockOp
{
    internal override int Cost => inner.Cost + 8;

    internal override int Room => inner.Room + operands + 1;

    internal override void Apply(void** given, void* y, int count, float* room)
    {
        void** widened = stackalloc void*[operands];
        for (int operand = 0; operand < operands; operand++)
        {
            widened[operand] = Blocks.Singles(type, given[operand], count, room + ((operand + 1) * Blocks.Elements));
        }

        inner.Apply(widened, narrow ? room : y, count, room + ((operands + 1) * Blocks.Elements));
        if (narrow)
        {
            Blocks.Store(type, room, count, y, 0);
        }
    }
}

/// <summary>y = f(a, b) on integers.</summary>
internal sealed unsafe class IntegerBlock<TMap, T>(TMap map) : BlockOp
    where TMap : struct, IIntegerMap
    where T : unmanaged, IBinaryInteger<T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        T* a = (T*)operands[0];
        T* b = (T*)operands[1];
        T* to = (T*)y;
        int i = 0;
        for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            map.Apply(Vector512.Load(a + i), Vector512.Load(b + i)).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = map.Apply(a[i], b[i]);
        }
    }
}

/// <summary>A truth value of two integers.</summary>
internal sealed unsafe class IntegerTestBlock<TTest, T>(TTest test) : BlockOp
    where TTest : struct, IIntegerTest
    where T : unmanaged, IBinaryInteger<T>
{
    internal override int Cost => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        T* a = (T*)operands[0];
        T* b = (T*)operands[1];
        for (int i = 0; i < count; i++)
        {
            ((byte*)y)[i] = test.Holds(a[i], b[i]) ? (byte)1 : (byte)0;
        }
    }
}

/// <summary>As Ops.Not on truth values.</summary>
internal sealed unsafe class NotBlock : BlockOp
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        byte* x = (byte*)operands[0];
        byte* to = (byte*)y;
        int i = 0;
        for (; i <= count - Vector512<byte>.Count; i += Vector512<byte>.Count)
        {
            (Vector512.Load(x + i) ^ Vector512<byte>.One).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = (byte)(x[i] ^ 1);
        }
    }
}

/// <summary>As Ops.Where, elements as they lie.</summary>
internal sealed unsafe class WhereBlock<T> : BlockOp
    where T : unmanaged
{
    internal override int Cost => 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void Apply(void** operands, void* y, int count, float* room)
    {
        byte* choose = (byte*)operands[0];
        T* a = (T*)operands[1];
        T* b = (T*)operands[2];
        T* to = (T*)y;
        for (int i = 0; i < count; i++)
        {
            to[i] = choose[i] != 0 ? a[i] : b[i];
        }
    }
}

/// <summary>f32 rounded to f16 or bf16.</summary>
internal sealed unsafe class RoundBlock(DType to) : BlockOp
{
    internal override int Cost => 4;

    internal override void Apply(void** operands, void* y, int count, float* room) => Blocks.Store(to, (float*)operands[0], count, y, 0);
}
