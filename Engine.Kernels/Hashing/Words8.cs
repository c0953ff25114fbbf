using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Eight words in one vector of 256 bits.</summary>
internal readonly unsafe struct Words8(Vector256<uint> words) : IWords<Words8>
{
    private readonly Vector256<uint> _words = words;

    /// <inheritdoc/>
    public static int Lanes => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator +(Words8 a, Words8 b) => new(a._words + b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator ^(Words8 a, Words8 b) => new(a._words ^ b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 operator >>>(Words8 a, int count) => new(a._words >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 RotateRight(Words8 a, [ConstantExpected] byte count) => new(Rotate(a._words, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Xor(Words8 a, Words8 b, Words8 c) => new(a._words ^ b._words ^ c._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Choose(Words8 mask, Words8 yes, Words8 no) => new(no._words ^ (mask._words & (yes._words ^ no._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Majority(Words8 a, Words8 b, Words8 c) => new((a._words & b._words) | (c._words & (a._words | b._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 Splat(uint word) => new(Vector256.Create(word));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 SwapBytes(Words8 a) => new(Swap(a._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 ZipLow(Words8 a, Words8 b) => new(Low(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 ZipHigh(Words8 a, Words8 b) => new(High(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 ZipLowPairs(Words8 a, Words8 b) => new(LowPairs(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 ZipHighPairs(Words8 a, Words8 b) => new(HighPairs(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words8 LoadRows(byte** rows, int i, nint offset) => new(Load(rows, i, offset));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRows(Words8 a, byte* target)
    {
        a._words.GetLower().AsByte().Store(target);
        a._words.GetUpper().AsByte().Store(target + 128);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Load(byte** rows, int i, nint offset)
        => Vector256.Create(Vector128.Load(rows[i] + offset), Vector128.Load(rows[i + 4] + offset)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Rotate(Vector256<uint> a, [ConstantExpected] byte count)
    {
        if (Avx512F.VL.IsSupported)
        {
            return Avx512F.VL.RotateRight(a, count);
        }

        if (count == 16 && Avx2.IsSupported)
        {
            return Avx2.Shuffle(a.AsByte(), Vector256.Create(Vector128.Create(0x0504070601000302, 0x0D0C0F0E09080B0A)).AsByte()).AsUInt32();
        }

        return count == 8 && Avx2.IsSupported
            ? Avx2.Shuffle(a.AsByte(), Vector256.Create(Vector128.Create(0x0407060500030201, 0x0C0F0E0D080B0A09)).AsByte()).AsUInt32()
            : (a >>> count) | (a << (32 - count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Swap(Vector256<uint> a) => Avx2.IsSupported
        ? Avx2.Shuffle(a.AsByte(), Vector256.Create(Vector128.Create(0x0405060700010203, 0x0C0D0E0F08090A0B)).AsByte()).AsUInt32()
        : Vector256.Create(Words4.Swap(a.GetLower()), Words4.Swap(a.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> Low(Vector256<uint> a, Vector256<uint> b) => Avx2.IsSupported
        ? Avx2.UnpackLow(a, b)
        : Vector256.Create(Words4.Low(a.GetLower(), b.GetLower()), Words4.Low(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> High(Vector256<uint> a, Vector256<uint> b) => Avx2.IsSupported
        ? Avx2.UnpackHigh(a, b)
        : Vector256.Create(Words4.High(a.GetLower(), b.GetLower()), Words4.High(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> LowPairs(Vector256<uint> a, Vector256<uint> b) => Avx2.IsSupported
        ? Avx2.UnpackLow(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector256.Create(Words4.LowPairs(a.GetLower(), b.GetLower()), Words4.LowPairs(a.GetUpper(), b.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> HighPairs(Vector256<uint> a, Vector256<uint> b) => Avx2.IsSupported
        ? Avx2.UnpackHigh(a.AsUInt64(), b.AsUInt64()).AsUInt32()
        : Vector256.Create(Words4.HighPairs(a.GetLower(), b.GetLower()), Words4.HighPairs(a.GetUpper(), b.GetUpper()));
}
