using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The functions that IEEE 754 rounds correctly by itself, straight in f32 vectors.</summary>
internal static class FloatLoops
{
    /// <summary>One element's meaning, and the same in vectors.</summary>
    internal interface IStep
    {
        static abstract float Of(float x);

        static abstract Vector128<float> Of(Vector128<float> x);

        static abstract Vector256<float> Of(Vector256<float> x);

        static abstract Vector512<float> Of(Vector512<float> x);
    }

    /// <summary>y[i] = step(x[i]), NaN as the one NaN.</summary>
    public static void Run<TStep>(ReadOnlySpan<float> x, Span<float> y, int width)
        where TStep : struct, IStep
    {
        switch (width)
        {
            case 128: Loop128<TStep>(x, y); break;
            case 256: Loop256<TStep>(x, y); break;
            case 512: Loop512<TStep>(x, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop128<TStep>(ReadOnlySpan<float> x, Span<float> y)
        where TStep : struct, IStep
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        Vector128<float> nan = Vector128.Create(Real.NaNF32);
        int whole = x.Length - (x.Length % Vector128<float>.Count);
        for (int i = 0; i < whole; i += Vector128<float>.Count)
        {
            Vector128<float> result = TStep.Of(Vector128.LoadUnsafe(ref source, (nuint)i));
            result = Vector128.ConditionalSelect(Vector128.Equals(result, result), result, nan);
            result.StoreUnsafe(ref target, (nuint)i);
        }

        Rest<TStep>(x[whole..], y[whole..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop256<TStep>(ReadOnlySpan<float> x, Span<float> y)
        where TStep : struct, IStep
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        Vector256<float> nan = Vector256.Create(Real.NaNF32);
        int whole = x.Length - (x.Length % Vector256<float>.Count);
        for (int i = 0; i < whole; i += Vector256<float>.Count)
        {
            Vector256<float> result = TStep.Of(Vector256.LoadUnsafe(ref source, (nuint)i));
            result = Vector256.ConditionalSelect(Vector256.Equals(result, result), result, nan);
            result.StoreUnsafe(ref target, (nuint)i);
        }

        Rest<TStep>(x[whole..], y[whole..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop512<TStep>(ReadOnlySpan<float> x, Span<float> y)
        where TStep : struct, IStep
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        Vector512<float> nan = Vector512.Create(Real.NaNF32);
        int whole = x.Length - (x.Length % Vector512<float>.Count);
        for (int i = 0; i < whole; i += Vector512<float>.Count)
        {
            Vector512<float> result = TStep.Of(Vector512.LoadUnsafe(ref source, (nuint)i));
            result = Vector512.ConditionalSelect(Vector512.Equals(result, result), result, nan);
            result.StoreUnsafe(ref target, (nuint)i);
        }

        Rest<TStep>(x[whole..], y[whole..]);
    }

    private static void Rest<TStep>(ReadOnlySpan<float> x, Span<float> y)
        where TStep : struct, IStep
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = Real.Canonical(TStep.Of(x[i]));
        }
    }

    /// <summary>Square root.</summary>
    internal readonly struct Sqrt : IStep
    {
        public static float Of(float x) => float.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => Vector128.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Vector256.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => Vector512.Sqrt(x);
    }

    /// <summary>1 / x.</summary>
    internal readonly struct Reciprocal : IStep
    {
        public static float Of(float x) => 1 / x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => Vector128<float>.One / x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Vector256<float>.One / x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => Vector512<float>.One / x;
    }

    /// <summary>x * x, which is x^2.</summary>
    internal readonly struct Square : IStep
    {
        public static float Of(float x) => x * x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => x * x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => x * x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => x * x;
    }

    /// <summary>x, which is x^1.</summary>
    internal readonly struct Same : IStep
    {
        public static float Of(float x) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => x;
    }

    /// <summary>x^(1/2): the square root, but +0 for -0 and +infinity for -infinity.</summary>
    internal readonly struct PowHalf : IStep
    {
        public static float Of(float x) => float.IsNegativeInfinity(x) ? -x : float.Sqrt(x) + 0f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x) => Vector128.ConditionalSelect(
            Vector128.Equals(x, Vector128.Create(float.NegativeInfinity)),
            Vector128.Abs(x),
            Vector128.Sqrt(x) + Vector128<float>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x) => Vector256.ConditionalSelect(
            Vector256.Equals(x, Vector256.Create(float.NegativeInfinity)),
            Vector256.Abs(x),
            Vector256.Sqrt(x) + Vector256<float>.Zero);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x) => Vector512.ConditionalSelect(
            Vector512.Equals(x, Vector512.Create(float.NegativeInfinity)),
            Vector512.Abs(x),
            Vector512.Sqrt(x) + Vector512<float>.Zero);
    }
}
