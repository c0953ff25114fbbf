using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>What loops over many short rows need: the ragged end of a row as one vector, and the lanes of a vector made one number.</summary>
internal static unsafe class RowLoops
{
    private static ReadOnlySpan<float> Positions => [0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f, 10f, 11f, 12f, 13f, 14f, 15f];

    /// <summary>y = f(x) over a row; y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Map<F, TMap>(TMap map, float* x, float* y, int count)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap1
    {
        int i = 0;
        for (; i <= count - F.Lanes; i += F.Lanes)
        {
            F.Store(y + i, F.Canonical(map.Apply(F.Load(x + i))));
        }

        if (i < count)
        {
            Store(y + i, count - i, F.Canonical(map.Apply(Load<F>(x + i, count - i))));
        }
    }

    /// <summary>A mask of the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F First<F>(int count)
        where F : unmanaged, IFloats<F>
        => F.Less(F.Load((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Positions))), F.Of(count));

    /// <summary>Fewer elements than lanes, and +0 in the other lanes; nothing beyond the elements is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static F Load<F>(float* from, int count)
        where F : unmanaged, IFloats<F>
    {
        if (typeof(F) == typeof(Floats16) && Avx512F.IsSupported)
        {
            return Unsafe.BitCast<Vector512<float>, F>(
                Avx512F.MaskLoad(from, Unsafe.BitCast<F, Vector512<float>>(First<F>(count)), Vector512<float>.Zero));
        }

        if (typeof(F) == typeof(Floats8) && Avx.IsSupported)
        {
            return Unsafe.BitCast<Vector256<float>, F>(Avx.MaskLoad(from, Unsafe.BitCast<F, Vector256<float>>(First<F>(count))));
        }

        if (typeof(F) == typeof(Floats4) && Avx.IsSupported)
        {
            return Unsafe.BitCast<Vector128<float>, F>(Avx.MaskLoad(from, Unsafe.BitCast<F, Vector128<float>>(First<F>(count))));
        }

        return LoadSlowly<F>(from, count);
    }

    /// <summary>Stores the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store<F>(float* to, int count, F x)
        where F : unmanaged, IFloats<F>
    {
        if (typeof(F) == typeof(Floats16) && Avx512F.IsSupported)
        {
            Avx512F.MaskStore(to, Unsafe.BitCast<F, Vector512<float>>(First<F>(count)), Unsafe.BitCast<F, Vector512<float>>(x));
        }
        else if (typeof(F) == typeof(Floats8) && Avx.IsSupported)
        {
            Avx.MaskStore(to, Unsafe.BitCast<F, Vector256<float>>(First<F>(count)), Unsafe.BitCast<F, Vector256<float>>(x));
        }
        else if (typeof(F) == typeof(Floats4) && Avx.IsSupported)
        {
            Avx.MaskStore(to, Unsafe.BitCast<F, Vector128<float>>(First<F>(count)), Unsafe.BitCast<F, Vector128<float>>(x));
        }
        else
        {
            StoreSlowly(to, count, x);
        }
    }

    /// <summary>The lanes made one number: the upper half onto the lower, until one is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Across<F, TMap>(TMap map, F x)
        where F : unmanaged, IFloats<F>
        where TMap : struct, IMap2
    {
        if (typeof(F) == typeof(Floats1))
        {
            return Unsafe.BitCast<F, float>(x);
        }

        Vector128<float> four;
        if (typeof(F) == typeof(Floats4))
        {
            four = Unsafe.BitCast<F, Vector128<float>>(x);
        }
        else
        {
            Vector256<float> eight = typeof(F) == typeof(Floats16)
                ? Folded(map, Unsafe.BitCast<F, Vector512<float>>(x))
                : Unsafe.BitCast<F, Vector256<float>>(x);
            four = Unsafe.BitCast<Floats4, Vector128<float>>(map.Apply(new Floats4(eight.GetLower()), new Floats4(eight.GetUpper())));
        }

        four = Folded(map, four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Folded(map, four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Folded<TMap>(TMap map, Vector512<float> x)
        where TMap : struct, IMap2
        => Unsafe.BitCast<Floats8, Vector256<float>>(map.Apply(new Floats8(x.GetLower()), new Floats8(x.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Folded<TMap>(TMap map, Vector128<float> a, Vector128<float> b)
        where TMap : struct, IMap2
        => Unsafe.BitCast<Floats4, Vector128<float>>(map.Apply(new Floats4(a), new Floats4(b)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static F LoadSlowly<F>(float* from, int count)
        where F : unmanaged, IFloats<F>
    {
        float* room = stackalloc float[16];
        new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(room, 16));
        return F.Load(room);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreSlowly<F>(float* to, int count, F x)
        where F : unmanaged, IFloats<F>
    {
        float* room = stackalloc float[16];
        F.Store(room, x);
        new ReadOnlySpan<float>(room, count).CopyTo(new Span<float>(to, count));
    }
}
