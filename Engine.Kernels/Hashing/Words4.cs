using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Four words in one vector of 128 bits.</summary>
internal readonly unsafe struct Words4(Vector128<uint> words) : IWords<Words4>
{
    private readonly Vector128<uint> _words = words;

    /// <inheritdoc/>
    public static int Lanes => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator +(Words4 a, Words4 b) => new(a._words + b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator ^(Words4 a, Words4 b) => new(a._words ^ b._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 operator >>>(Words4 a, int count) => new(a._words >>> count);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 RotateRight(Words4 a, [ConstantExpected] byte count) => new(Rotate(a._words, count));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Xor(Words4 a, Words4 b, Words4 c) => new(a._words ^ b._words ^ c._words);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Choose(Words4 mask, Words4 yes, Words4 no) => new(no._words ^ (mask._words & (yes._words ^ no._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Majority(Words4 a, Words4 b, Words4 c) => new((a._words & b._words) | (c._words & (a._words | b._words)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 Splat(uint word) => new(Vector128.Create(word));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 SwapBytes(Words4 a) => new(Swap(a._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 ZipLow(Words4 a, Words4 b) => new(Low(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 ZipHigh(Words4 a, Words4 b) => new(High(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 ZipLowPairs(Words4 a, Words4 b) => new(LowPairs(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 ZipHighPairs(Words4 a, Words4 b) => new(HighPairs(a._words, b._words));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Words4 LoadRows(byte** rows, int i, nint offset) => new(Vector128.Load(rows[i] + offset).AsUInt32());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRows(Words4 a, byte* target) => a._words.AsByte().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Rotate(Vector128<uint> a, [ConstantExpected] byte count)
    {
        if (count == 16 && Ssse3.IsSupported)
        {
            return Ssse3.Shuffle(a.AsByte(), Vector128.Create(0x0504070601000302, 0x0D0C0F0E09080B0A).AsByte()).AsUInt32();
        }

        return count == 8 && Ssse3.IsSupported
            ? Ssse3.Shuffle(a.AsByte(), Vector128.Create(0x0407060500030201, 0x0C0F0E0D080B0A09).AsByte()).AsUInt32()
            : (a >>> count) | (a << (32 - count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Swap(Vector128<uint> a)
        => (Rotate(a, 8) & Vector128.Create(0xFF00FF00)) | (Rotate(a, 24) & Vector128.Create(0x00FF00FFu));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> Low(Vector128<uint> a, Vector128<uint> b) => Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> High(Vector128<uint> a, Vector128<uint> b) => Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> LowPairs(Vector128<uint> a, Vector128<uint> b) => Vector128.Create(a.GetLower(), b.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<uint> HighPairs(Vector128<uint> a, Vector128<uint> b) => Vector128.Create(a.GetUpper(), b.GetUpper());
}
