using System.Diagnostics.CodeAnalysis;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>A vector of 32-bit words, one of each message that is hashed side by side.</summary>
/// <typeparam name="T">The vector.</typeparam>
internal unsafe interface IWords<T>
    where T : unmanaged, IWords<T>
{
    /// <summary>The number of words, a multiple of four.</summary>
    static abstract int Lanes { get; }

    /// <summary>The sum modulo 2^32.</summary>
    static abstract T operator +(T a, T b);

    /// <summary>Exclusive or.</summary>
    static abstract T operator ^(T a, T b);

    /// <summary>Shifts right by a constant.</summary>
    static abstract T operator >>>(T a, int count);

    /// <summary>Rotates right by a constant.</summary>
    static abstract T RotateRight(T a, [ConstantExpected] byte count);

    /// <summary>Exclusive or of three.</summary>
    static abstract T Xor(T a, T b, T c);

    /// <summary>Bits of <paramref name="yes"/> where the mask is 1, else of <paramref name="no"/>.</summary>
    static abstract T Choose(T mask, T yes, T no);

    /// <summary>Bits that at least two have.</summary>
    static abstract T Majority(T a, T b, T c);

    /// <summary>The word in every lane.</summary>
    static abstract T Splat(uint word);

    /// <summary>The four bytes of every word in reverse order.</summary>
    static abstract T SwapBytes(T a);

    /// <summary>Within every 128 bits: the lower two words of each, alternating.</summary>
    static abstract T ZipLow(T a, T b);

    /// <summary>Within every 128 bits: the upper two words of each, alternating.</summary>
    static abstract T ZipHigh(T a, T b);

    /// <summary>Within every 128 bits: the lower 64 bits of each.</summary>
    static abstract T ZipLowPairs(T a, T b);

    /// <summary>Within every 128 bits: the upper 64 bits of each.</summary>
    static abstract T ZipHighPairs(T a, T b);

    /// <summary>16 bytes at an offset in rows i, i + 4, i + 8 and so on.</summary>
    static abstract T LoadRows(byte** rows, int i, nint offset);

    /// <summary>Stores each 128 bits, a row of 32 bytes apart, four rows apart: the reverse of <see cref="LoadRows"/>.</summary>
    static abstract void StoreRows(T a, byte* target);
}
