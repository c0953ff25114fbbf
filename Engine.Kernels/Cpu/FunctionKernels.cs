using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>
/// The elementary functions over spans. The bits are those of <see cref="Functions"/> at every width: the same
/// generic text runs, and lanes it cannot decide are handed to the scalar function.
/// </summary>
public static class FunctionKernels
{
    /// <summary>The width in bits that is fastest on this machine; it does not reach the results.</summary>
    public static int BestWidth => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : 128;

    /// <summary>y[i] = f(x[i]). The spans are of one length and the same memory, or disjoint.</summary>
    public static void Apply(Function function, ReadOnlySpan<float> x, Span<float> y) =>
        Apply(function, x, y, BestWidth);

    /// <summary>y[i] = f(x[i]) with vectors of 128, 256 or 512 bits. Spans: the same, or disjoint.</summary>
    public static void Apply(Function function, ReadOnlySpan<float> x, Span<float> y, int width)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException("The result must be as long as the argument.", nameof(y));
        }

        switch (function)
        {
            case Function.Exp: Run<FastExp, QuickExp>(x, y, width); break;
            case Function.Log: Run<FastLog>(x, y, width); break;
            case Function.Tanh: Run<FastTanh, QuickTanh>(x, y, width); break;
            case Function.Erf: Run<FastErf, QuickErf>(x, y, width); break;
            case Function.Erfc: Run<FastErfc, QuickErfc>(x, y, width); break;
            case Function.Sqrt: Map<SqrtMap>(x, y, width); break;
            case Function.Rsqrt: Run<FastRsqrt>(x, y, width); break;
            case Function.Reciprocal: Map<ReciprocalMap>(x, y, width); break;
            case Function.Sin: Run<FastSin>(x, y, width); break;
            case Function.Cos: Run<FastCos>(x, y, width); break;
            case Function.Expm1: Run<FastExpm1>(x, y, width); break;
            case Function.Log1p: Run<FastLog1p>(x, y, width); break;
            case Function.Exp2: Run<FastExp2>(x, y, width); break;
            case Function.Log2: Run<FastLog2>(x, y, width); break;
            case Function.Atan: Run<FastAtan>(x, y, width); break;
            case Function.Tan: Run<FastTan>(x, y, width); break;
            case Function.Asin: Run<FastAsin>(x, y, width); break;
            case Function.Acos: Run<FastAcos>(x, y, width); break;
            case Function.Sinh: Run<FastSinh>(x, y, width); break;
            case Function.Cosh: Run<FastCosh>(x, y, width); break;
            case Function.Asinh: Run<FastAsinh>(x, y, width); break;
            case Function.Acosh: Run<FastAcosh>(x, y, width); break;
            case Function.Atanh: Run<FastAtanh>(x, y, width); break;
            default: throw new ArgumentOutOfRangeException(nameof(function));
        }
    }

    /// <summary>z[i] = x[i]^y[i]. The result may be the memory of either argument.</summary>
    public static void Pow(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z, int width)
    {
        if (x.Length != z.Length || y.Length != z.Length)
        {
            throw new ArgumentException("The result must be as long as the arguments.", nameof(z));
        }

        switch (width)
        {
            case 128: PowLoop<Doubles2>(x, y, z); break;
            case 256: PowLoop<Doubles4>(x, y, z); break;
            case 512: PowLoop<Doubles8>(x, y, z); break;
            default: throw new ArgumentOutOfRangeException(nameof(width));
        }
    }

    /// <summary>z[i] = x[i]^y. The exponents 0, 1, 2, 3, -1, 1/2 and -1/2 have texts of their own.</summary>
    public static void Pow(ReadOnlySpan<float> x, float y, Span<float> z, int width)
    {
        if (x.Length != z.Length)
        {
            throw new ArgumentException("The result must be as long as the argument.", nameof(z));
        }

        switch (y)
        {
            case 0f: z.Fill(1f); break;
            case 1f: Map<SameMap>(x, z, width); break;
            case 2f: Map<SquareMap>(x, z, width); break;
            case -1f: Map<ReciprocalMap>(x, z, width); break;
            case 0.5f: Map<PowHalf>(x, z, width); break;
            case -0.5f: Run<PowMinusHalf>(x, z, width); break;
            case 3f: Run<PowThree>(x, z, width); break;
            default: PowByOne(x, y, z, width); break;
        }
    }

    /// <summary>y[i] = f(x[i]) by the enclosure, lanes that it cannot decide by the integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Loop<TFast, TLanes>(ReadOnlySpan<float> x, Span<float> y)
        where TFast : struct, IFastFunction
        where TLanes : struct, IFloatLanes<TLanes>
    {
        Debug.Assert(x.Length == y.Length, "Checked by the caller.");
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        int whole = x.Length - (x.Length % TLanes.Count);
        for (int i = 0; i < whole; i += TLanes.Count)
        {
            TFast.Enclose(TLanes.Load(ref Unsafe.Add(ref source, i)), out TLanes low, out TLanes high);
            if (!TLanes.TryStore(low, high, ref Unsafe.Add(ref target, i)))
            {
                Patch<TFast, TLanes>(low, high, x.Slice(i, TLanes.Count), y.Slice(i, TLanes.Count));
            }
        }

        // Few are left: one more vector costs as much as they would one by one.
        if (whole < x.Length)
        {
            Span<float> some = stackalloc float[8];
            some.Fill(1f);
            x[whole..].CopyTo(some);
            ref float first = ref MemoryMarshal.GetReference(some);
            TFast.Enclose(TLanes.Load(ref first), out TLanes low, out TLanes high);
            if (!TLanes.TryStore(low, high, ref first))
            {
                Patch<TFast, TLanes>(low, high, some[..TLanes.Count], some[..TLanes.Count]);
            }

            some[..(x.Length - whole)].CopyTo(y[whole..]);
        }
    }

    private static void PowByOne(ReadOnlySpan<float> x, float y, Span<float> z, int width)
    {
        Span<float> exponents = stackalloc float[256];
        exponents.Fill(y);
        for (int i = 0; i < x.Length; i += exponents.Length)
        {
            int count = int.Min(exponents.Length, x.Length - i);
            Pow(x.Slice(i, count), exponents[..count], z.Slice(i, count), width);
        }
    }

    private static unsafe void Map<TMap>(ReadOnlySpan<float> x, Span<float> y, int width)
        where TMap : struct, IMap1
    {
        fixed (float* from = x, to = y)
        {
            switch (width)
            {
                case 128: Singles.Loop<Floats4, TMap>(default, from, to, x.Length); break;
                case 256: Singles.Loop<Floats8, TMap>(default, from, to, x.Length); break;
                case 512: Singles.Loop<Floats16, TMap>(default, from, to, x.Length); break;
                default: throw new ArgumentOutOfRangeException(nameof(width));
            }
        }
    }

    private static unsafe void Run<TFast, TQuick>(ReadOnlySpan<float> x, Span<float> y, int width)
        where TFast : struct, IFastFunction
        where TQuick : struct, IQuickFunction
    {
        if (width == 512 && QuickFunctions.IsSupported)
        {
            fixed (float* from = x, to = y)
            {
                QuickFunctions.Loop<TQuick, SameMap, SecondMap>(default, default, from, to, x.Length);
            }
        }
        else
        {
            Run<TFast>(x, y, width);
        }
    }

    private static void Run<TFast>(ReadOnlySpan<float> x, Span<float> y, int width)
        where TFast : struct, IFastFunction
    {
        switch (width)
        {
            case 128: Loop<TFast, Doubles2>(x, y); break;
            case 256: Loop<TFast, Doubles4>(x, y); break;
            case 512: Loop<TFast, Doubles8>(x, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(width));
        }
    }

    // A lane whose ends agree keeps what they say, whatever lies beside it: so a check of all results is a check of what each step decided.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Patch<TFast, TLanes>(TLanes low, TLanes high, ReadOnlySpan<float> x, Span<float> y)
        where TFast : struct, IFastFunction
        where TLanes : struct, IFloatLanes<TLanes>
    {
        Span<float> lower = stackalloc float[8];
        Span<float> upper = stackalloc float[8];
        TLanes.TryStore(low, low, ref MemoryMarshal.GetReference(lower));
        TLanes.TryStore(high, high, ref MemoryMarshal.GetReference(upper));
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = lower[i].Equals(upper[i]) ? lower[i] : TFast.Exact(x[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PowLoop<TLanes>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z)
        where TLanes : struct, IFloatLanes<TLanes>
    {
        ref float bases = ref MemoryMarshal.GetReference(x);
        ref float exponents = ref MemoryMarshal.GetReference(y);
        ref float target = ref MemoryMarshal.GetReference(z);
        int whole = z.Length - (z.Length % TLanes.Count);
        for (int i = 0; i < whole; i += TLanes.Count)
        {
            TLanes some = TLanes.Load(ref Unsafe.Add(ref bases, i));
            TLanes powers = TLanes.Load(ref Unsafe.Add(ref exponents, i));
            FastPower.Enclose(some, powers, out TLanes low, out TLanes high);
            if (!TLanes.TryStore(low, high, ref Unsafe.Add(ref target, i)))
            {
                PatchPow(x.Slice(i, TLanes.Count), y.Slice(i, TLanes.Count), z.Slice(i, TLanes.Count));
            }
        }

        PatchPow(x[whole..], y[whole..], z[whole..]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PatchPow(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<float> z)
    {
        for (int i = 0; i < x.Length; i++)
        {
            z[i] = Functions.Pow(x[i], y[i]);
        }
    }

    /// <summary>x^(-1/2), which is rsqrt but for -0 and -infinity.</summary>
    private readonly struct PowMinusHalf : IFastFunction
    {
        public static Function Which => Function.Rsqrt;

        public static float Exact(float x) => Functions.Pow(x, -0.5f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Enclose<T>(T x, out T low, out T high)
            where T : struct, IDoubles<T>
        {
            T below = T.Equal(x, T.Splat(double.NegativeInfinity));
            x = T.Choose(below, T.Splat(double.PositiveInfinity), x) + T.Splat(0.0);
            FastRsqrt.Enclose(x, out low, out high);
        }
    }

    /// <summary>x^3: the square is exact; the product is rounded to odd, so that rounding it again is rounding once.</summary>
    private readonly struct PowThree : IFastFunction
    {
        public static Function Which => Function.Sqrt;

        public static float Exact(float x) => Functions.Pow(x, 3f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Enclose<T>(T x, out T low, out T high)
            where T : struct, IDoubles<T>
        {
            T square = x * x;
            T cube = square * x;
            T rest = T.Fma(square, x, T.Splat(0.0) - cube);
            T beyond = ((cube ^ rest) >>> 63) & T.SplatBits(1);
            T odd = T.SubtractBits(cube, beyond) | T.SplatBits(1);
            T inexact = T.Less(rest, T.Splat(0.0)) | T.Less(T.Splat(0.0), rest);
            low = T.Choose(inexact, odd, cube);
            high = low;
        }
    }

    /// <summary>x^(1/2): the square root, but +0 for -0 and +infinity for -infinity.</summary>
    private readonly struct PowHalf : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F>
            => F.Select(F.Equal(x, F.Of(float.NegativeInfinity)), F.Of(float.PositiveInfinity), F.Sqrt(x) + F.Of(0f));
    }
}
