using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Sixteen words in one vector of 512 bits.</summary>
internal readonly unsafe struct Words16(Vector512<uint> words) : IWords<Words16>
{
    private readonly Vector512<uint> _words = words;

    /// <inheritdoc/>
    public static int Lanes => 16;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator +(Words16 a, Words16 b) => new(a._words + b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator ^(Words16 a, Words16 b) => new(a._words ^ b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 operator >>>(Words16 a, int count) => new(a._words >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 RotateRight(Words16 a, [ConstantExpected] byte count) => new(Avx512F.IsSupported
        ? Avx512F.RotateRight(a._words, count)
        : (a._words >>> count) | (a._words << (32 - count)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Xor(Words16 a, Words16 b, Words16 c) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(a._words, b._words, c._words, 0x96)
        : a._words ^ b._words ^ c._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Choose(Words16 mask, Words16 yes, Words16 no) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(mask._words, yes._words, no._words, 0xCA)
        : no._words ^ (mask._words & (yes._words ^ no._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Majority(Words16 a, Words16 b, Words16 c) => new(Avx512F.IsSupported
        ? Avx512F.TernaryLogic(a._words, b._words, c._words, 0xE8)
        : (a._words & b._words) | (c._words & (a._words | b._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 Splat(uint word) => new(Vector512.Create(word));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 SwapBytes(Words16 a) => new(Avx512BW.IsSupported
        ? Avx512BW.Shuffle(
            a._words.AsByte(),
            Vector512.Create(Vector256.Create(Vector128.Create(0x0405060700010203, 0x0C0D0E0F08090A0B))).AsByte()).AsUInt32()
        : Vector512.Create(Words8.Swap(a._words.GetLower()), Words8.Swap(a._words.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 ZipLow(Words16 a, Words16 b) => new(Avx512F.IsSupported
        ? Avx512F.UnpackLow(a._words, b._words)
        : Vector512.Create(
            Words8.Low(a._words.GetLower(), b._words.GetLower()), Words8.Low(a._words.GetUpper(), b._words.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 ZipHigh(Words16 a, Words16 b) => new(Avx512F.IsSupported
        ? Avx512F.UnpackHigh(a._words, b._words)
        : Vector512.Create(
            Words8.High(a._words.GetLower(), b._words.GetLower()), Words8.High(a._words.GetUpper(), b._words.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 ZipLowPairs(Words16 a, Words16 b) => new(Avx512F.IsSupported
        ? Avx512F.UnpackLow(a._words.AsUInt64(), b._words.AsUInt64()).AsUInt32()
        : Vector512.Create(
            Words8.LowPairs(a._words.GetLower(), b._words.GetLower()), Words8.LowPairs(a._words.GetUpper(), b._words.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 ZipHighPairs(Words16 a, Words16 b) => new(Avx512F.IsSupported
        ? Avx512F.UnpackHigh(a._words.AsUInt64(), b._words.AsUInt64()).AsUInt32()
        : Vector512.Create(
            Words8.HighPairs(a._words.GetLower(), b._words.GetLower()), Words8.HighPairs(a._words.GetUpper(), b._words.GetUpper())));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words16 LoadRows(byte** rows, int i, nint offset)
        => new(Vector512.Create(Words8.Load(rows, i, offset), Words8.Load(rows, i + 8, offset)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRows(Words16 a, byte* target)
    {
        Words8.StoreRows(new(a._words.GetLower()), target);
        Words8.StoreRows(new(a._words.GetUpper()), target + 256);
    }
}
