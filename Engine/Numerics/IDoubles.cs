namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// Some doubles side by side. The fast approximations are written once against this interface; one lane of it
/// is their scalar meaning, two, four or eight are a SIMD kernel. Every operation is exact or IEEE-rounded, so
/// all widths give the same bits.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
/// <remarks>A comparison gives a mask: all bits of a lane set where it holds, none where it does not.</remarks>
public interface IDoubles<TSelf>
    where TSelf : struct, IDoubles<TSelf>
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>Lane by lane, rounded.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>Lane by lane, rounded.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>Lane by lane, rounded.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>Lane by lane, rounded.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>Bits set in both.</summary>
    static abstract TSelf operator &(TSelf a, TSelf b);

    /// <summary>Bits set in either.</summary>
    static abstract TSelf operator |(TSelf a, TSelf b);

    /// <summary>Bits set in one only.</summary>
    static abstract TSelf operator ^(TSelf a, TSelf b);

    /// <summary>Bits shifted left within each lane.</summary>
    static abstract TSelf operator <<(TSelf a, int count);

    /// <summary>Bits shifted right within each lane, zeros coming in.</summary>
    static abstract TSelf operator >>>(TSelf a, int count);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Splat(double value);

    /// <summary>The same 64 bits in every lane.</summary>
    static abstract TSelf SplatBits(long bits);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    /// <summary>Square root, rounded.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>The sign bit cleared.</summary>
    static abstract TSelf Abs(TSelf a);

    /// <summary>The lanes as 64-bit integers, added; a carry out of a lane is lost.</summary>
    static abstract TSelf AddBits(TSelf a, TSelf b);

    /// <summary>The lanes as 64-bit integers, subtracted; a borrow into a lane is lost.</summary>
    static abstract TSelf SubtractBits(TSelf a, TSelf b);

    /// <summary>A mask of a &lt; b.</summary>
    static abstract TSelf Less(TSelf a, TSelf b);

    /// <summary>A mask of a == b; no lane with a NaN is equal.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>yes where the mask is set, no elsewhere.</summary>
    static abstract TSelf Choose(TSelf mask, TSelf yes, TSelf no);
}
