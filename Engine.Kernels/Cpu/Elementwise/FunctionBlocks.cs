using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Correctly rounded functions over blocks, at the width of <c>F</c>.</summary>
internal static unsafe class FunctionBlocks
{
    /// <summary>y[i] = f(x[i]); x and y may be the same.</summary>
    internal static void Apply<F>(Function function, float* x, float* y, int count)
        where F : unmanaged, IFloats<F>
        => FunctionKernels.Apply(function, new ReadOnlySpan<float>(x, count), new Span<float>(y, count), Math.Max(4, F.Lanes) * 32);

    /// <summary>y[i] = after(x[i], f(before(x[i]))): in one pass where there is a quick form of f, otherwise with the room between the
    /// three. Of x, y and room only x and y may be the same.</summary>
    internal static void Apply<F, TQuick, TBefore, TAfter>(
        Function function, TBefore before, TAfter after, float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
        where TQuick : struct, IQuickFunction
        where TBefore : struct, IMap1
        where TAfter : struct, IMap2
    {
        if (sizeof(F) == 16 * sizeof(float) && QuickFunctions.IsSupported)
        {
            QuickFunctions.Loop<TQuick, TBefore, TAfter>(before, after, x, y, count);
            return;
        }

        Singles.Loop<F, TBefore>(before, x, room, count);
        Apply<F>(function, room, room, count);
        Singles.Loop<F, TAfter>(after, x, room, y, count);
    }
}

/// <summary>The second of two.</summary>
internal readonly struct SecondMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => b;
}

/// <summary>As the Ops that are one function.</summary>
internal readonly unsafe struct FunctionMap(Function function) : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F> => FunctionBlocks.Apply<F>(function, x, y, count);
}

/// <summary>As Ops.Sigmoid: e = exp(−|x|); x ≥ 0 ? 1 / (1 + e) : e / (1 + e).</summary>
internal readonly unsafe struct SigmoidMap : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
        => FunctionBlocks.Apply<F, QuickExp, NegativeMagnitude, Ratio>(Function.Exp, default, default, x, y, count, room);

    internal readonly struct NegativeMagnitude : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => F.Or(x, F.OfInt(unchecked((int)0x8000_0000)));
    }

    private readonly struct Ratio : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F a, F b)
            where F : unmanaged, IFloats<F> => F.Select(F.LessOrEqual(F.Of(0f), a), F.Of(1f), b) / (F.Of(1f) + b);
    }
}

/// <summary>As Ops.Gelu: (0.5·x)·erfc(x·[BF3504F3]).</summary>
internal readonly unsafe struct GeluMap : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
        => FunctionBlocks.Apply<F, QuickErfc, Argument, Product>(Function.Erfc, default, default, x, y, count, room);

    private readonly struct Argument : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => x * F.OfInt(unchecked((int)0xBF3504F3));
    }

    private readonly struct Product : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F a, F b)
            where F : unmanaged, IFloats<F> => (F.Of(0.5f) * a) * b;
    }
}

/// <summary>As Ops.GeluTanh: (0.5·x)·(1 + tanh(√(2/π)·(x + 0.044715·x³))).</summary>
internal readonly unsafe struct GeluTanhMap : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
        => FunctionBlocks.Apply<F, QuickTanh, Argument, Product>(Function.Tanh, default, default, x, y, count, room);

    private readonly struct Argument : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => F.OfInt(0x3F4C422A) * (x + (F.Of(0.044715f) * ((x * x) * x)));
    }

    private readonly struct Product : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F a, F b)
            where F : unmanaged, IFloats<F> => (F.Of(0.5f) * a) * (F.Of(1f) + b);
    }
}

/// <summary>As Ops.Softplus: max(x, 0) + log1p(exp(−|x|)).</summary>
internal readonly unsafe struct SoftplusMap : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
    {
        Singles.Loop<F, SigmoidMap.NegativeMagnitude>(default, x, room, count);
        FunctionBlocks.Apply<F>(Function.Exp, room, room, count);
        FunctionBlocks.Apply<F>(Function.Log1p, room, room, count);
        Singles.Loop<F, Sum>(default, x, room, y, count);
    }

    private readonly struct Sum : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F a, F b)
            where F : unmanaged, IFloats<F> => F.Max(a, F.Of(0f)) + b;
    }
}

/// <summary>As Ops.Elu and, with the outer factor gamma, Ops.Selu: gamma·(x &lt; 0 ? alpha·expm1(x) : x).</summary>
internal readonly unsafe struct EluMap(float alpha, float gamma) : IBlockMap
{
    public void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>
    {
        FunctionBlocks.Apply<F>(Function.Expm1, x, room, count);
        Singles.Loop<F, Choice>(new Choice(alpha, gamma), x, room, y, count);
    }

    private readonly struct Choice(float alpha, float gamma) : IMap2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F a, F b)
            where F : unmanaged, IFloats<F> => F.Of(gamma) * F.Select(F.Less(a, F.Of(0f)), F.Of(alpha) * b, a);
    }
}
