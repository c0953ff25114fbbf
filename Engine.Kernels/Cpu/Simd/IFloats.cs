namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>A vector of f32 lanes. A kernel is one text over this; each lane does what the definition does to one element, so the number
/// of lanes cannot reach the bits. Lanes also carry int32 bit patterns (the members named Int) and masks (all ones or all zeros).</summary>
internal unsafe interface IFloats<TSelf>
    where TSelf : unmanaged, IFloats<TSelf>
{
    static abstract int Lanes { get; }

    static abstract TSelf Of(float x);

    static abstract TSelf OfInt(int x);

    static abstract TSelf Load(float* from);

    /// <summary>A hint that the cache line will be read soon; the address need not be valid.</summary>
    static abstract void Prefetch(float* from);

    static abstract void Store(float* to, TSelf x);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>To an address: the total at another, and factor·sum added to it in one rounding, any NaN canonical. One method, for micro-kernels
    /// hold it dozens of times, and the compiler pays for each call that it inlines.</summary>
    static abstract void AddTo(float* to, float* from, TSelf factor, TSelf sum);

    /// <summary>Adds the products of the value at an address and two vectors to two sums, each in one rounding.</summary>
    static abstract void Fma(float* x, TSelf left, TSelf right, ref TSelf leftSum, ref TSelf rightSum);

    static abstract TSelf Sqrt(TSelf x);

    /// <summary>The larger; NaN wins (its payload is open); +0 is above −0.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The smaller; NaN wins (its payload is open); −0 is below +0.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>x, with any NaN replaced by the one NaN.</summary>
    static abstract TSelf Canonical(TSelf x);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf x);

    static abstract TSelf Floor(TSelf x);

    static abstract TSelf Ceiling(TSelf x);

    static abstract TSelf Truncate(TSelf x);

    static abstract TSelf Less(TSelf a, TSelf b);

    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>Lanes of <paramref name="a"/> where the mask is set, of <paramref name="b"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    static abstract TSelf And(TSelf a, TSelf b);

    static abstract TSelf Or(TSelf a, TSelf b);

    static abstract TSelf Xor(TSelf a, TSelf b);

    /// <summary>int32 lanes, converted to the nearest f32.</summary>
    static abstract TSelf FromInt(TSelf x);

    /// <summary>Truncated to int32, saturated; NaN gives 0.</summary>
    static abstract TSelf ToInt(TSelf x);

    static abstract TSelf AddInt(TSelf a, TSelf b);

    static abstract TSelf SubtractInt(TSelf a, TSelf b);

    /// <summary>int32 lanes times a power of two.</summary>
    static abstract TSelf ShiftLeftInt(TSelf x, int count);

    /// <summary>The low 32 bits of the products.</summary>
    static abstract TSelf MultiplyInt(TSelf a, TSelf b);

    /// <summary>u8 (or i8, where signed) as int32 lanes.</summary>
    static abstract TSelf LoadBytes(byte* from, bool signed);

    /// <summary>u16 (or i16, where signed) as int32 lanes.</summary>
    static abstract TSelf LoadWords(ushort* from, bool signed);

    /// <summary>The low bytes of int32 lanes.</summary>
    static abstract void StoreBytes(byte* to, TSelf x);

    /// <summary>The low halves of int32 lanes.</summary>
    static abstract void StoreWords(ushort* to, TSelf x);

    /// <summary>A mask of the lanes that hold the same bits.</summary>
    static abstract TSelf EqualInt(TSelf a, TSelf b);
}
