using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>A vector of a product of codes: sums of some columns, or the codes that enter them.</summary>
internal unsafe interface ICodeSums<TSelf>
    where TSelf : unmanaged, ICodeSums<TSelf>
{
    /// <summary>Columns of a vector: 1, 2, 4 or 8.</summary>
    static abstract int Columns { get; }

    /// <summary>Four i8 of each column.</summary>
    static abstract TSelf Load(sbyte* from);

    /// <summary>The same four u8 for each column.</summary>
    static abstract TSelf Four(byte* from);

    /// <summary>The sums with the four products of each column added, exactly, modulo 2^32.</summary>
    static abstract TSelf Add(TSelf sums, TSelf four, TSelf columns);

    /// <summary>The sums of the columns, added to where they start.</summary>
    static abstract void Store(int* to, int* start, TSelf sums);
}

/// <summary>AVX-VNNI: one instruction for 32 products.</summary>
internal readonly unsafe struct VnniSums(Vector256<int> value) : ICodeSums<VnniSums>
{
    private readonly Vector256<int> _v = value;

    public static int Columns => 8;

    internal static bool IsSupported => AvxVnni.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VnniSums Load(sbyte* from) => new(Vector256.Load(from).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VnniSums Four(byte* from) => new(Vector256.Create(Unsafe.ReadUnaligned<int>(from)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VnniSums Add(VnniSums sums, VnniSums four, VnniSums columns)
        => new(AvxVnni.MultiplyWideningAndAdd(sums._v, four._v.AsByte(), columns._v.AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* to, int* start, VnniSums sums) => (sums._v + Vector256.Load(start)).Store(to);
}

/// <summary>AVX-512 without VNNI: codes widened to words, two sums a column.</summary>
internal readonly unsafe struct WordSums16(Vector512<int> value) : ICodeSums<WordSums16>
{
    private readonly Vector512<int> _v = value;

    public static int Columns => 8;

    internal static bool IsSupported => Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums16 Load(sbyte* from) => new(Avx512BW.ConvertToVector512Int16(Vector256.Load(from)).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums16 Four(byte* from)
        => new(Avx512BW.ConvertToVector512Int16(Vector256.Create(Unsafe.ReadUnaligned<int>(from)).AsByte()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums16 Add(WordSums16 sums, WordSums16 four, WordSums16 columns)
        => new(sums._v + Avx512BW.MultiplyAddAdjacent(four._v.AsInt16(), columns._v.AsInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* to, int* start, WordSums16 sums)
    {
        Vector512<long> pairs = sums._v.AsInt64();
        (Vector512.Narrow(pairs + Vector512.ShiftRightLogical(pairs, 32), default).GetLower() + Vector256.Load(start)).Store(to);
    }
}

/// <summary>AVX2: codes widened to words, two sums a column.</summary>
internal readonly unsafe struct WordSums8(Vector256<int> value) : ICodeSums<WordSums8>
{
    private readonly Vector256<int> _v = value;

    public static int Columns => 4;

    internal static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums8 Load(sbyte* from) => new(Avx2.ConvertToVector256Int16(Vector128.Load(from)).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums8 Four(byte* from)
        => new(Avx2.ConvertToVector256Int16(Vector128.Create(Unsafe.ReadUnaligned<int>(from)).AsByte()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums8 Add(WordSums8 sums, WordSums8 four, WordSums8 columns)
        => new(sums._v + Avx2.MultiplyAddAdjacent(four._v.AsInt16(), columns._v.AsInt16()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* to, int* start, WordSums8 sums)
    {
        Vector256<long> pairs = sums._v.AsInt64();
        (Vector256.Narrow(pairs + Vector256.ShiftRightLogical(pairs, 32), default).GetLower() + Vector128.Load(start)).Store(to);
    }
}

/// <summary>Any machine with vectors of 128 bits: products of a u8 and an i8 are exact in words.</summary>
internal readonly unsafe struct WordSums4(Vector128<int> value) : ICodeSums<WordSums4>
{
    private readonly Vector128<int> _v = value;

    public static int Columns => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums4 Load(sbyte* from)
        => new(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(from)).AsSByte()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums4 Four(byte* from) => new(Vector128.WidenLower(Vector128.Create(Unsafe.ReadUnaligned<int>(from)).AsByte()).AsInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordSums4 Add(WordSums4 sums, WordSums4 four, WordSums4 columns)
    {
        Vector128<int> products = (four._v.AsInt16() * columns._v.AsInt16()).AsInt32();
        Vector128<int> even = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(products, 16), 16);
        return new(sums._v + even + Vector128.ShiftRightArithmetic(products, 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* to, int* start, WordSums4 sums)
    {
        to[0] = start[0] + sums._v[0] + sums._v[1];
        to[1] = start[1] + sums._v[2] + sums._v[3];
    }
}

/// <summary>One column at a time, without vectors.</summary>
internal readonly unsafe struct OneSum(int value) : ICodeSums<OneSum>
{
    private readonly int _v = value;

    public static int Columns => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneSum Load(sbyte* from) => new(Unsafe.ReadUnaligned<int>(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneSum Four(byte* from) => new(Unsafe.ReadUnaligned<int>(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneSum Add(OneSum sums, OneSum four, OneSum columns)
    {
        int sum = sums._v;
        for (int shift = 0; shift < 32; shift += 8)
        {
            sum += (byte)(four._v >> shift) * (sbyte)(columns._v >> shift);
        }

        return new(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int* to, int* start, OneSum sums) => *to = sums._v + *start;
}
