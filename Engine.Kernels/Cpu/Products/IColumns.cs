using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>How the micro-kernel reads two vectors of columns.</summary>
internal unsafe interface IColumns
{
    static abstract void Load<F>(float* from, out F left, out F right)
        where F : unmanaged, IFloats<F>;
}

/// <summary>f32, one vector after the other.</summary>
internal readonly unsafe struct SingleColumns : IColumns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<F>(float* from, out F left, out F right)
        where F : unmanaged, IFloats<F>
    {
        left = F.Load(from);
        right = F.Load(from + F.Lanes);
    }
}

/// <summary>Finite f16, one vector after the other: the exponent is moved as bits, and its bias is made up for by an exact product.</summary>
internal readonly unsafe struct HalfColumns : IColumns
{
    // Sign, exponent and significand where f32 has them.
    private const int Mask = unchecked((int)0x8FFF_E000);
    private const int Significand = 23 - 10;

    // 2 to the power of 127 - 15.
    private const float Bias = 5.192296858534828e33f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<F>(float* from, out F left, out F right)
        where F : unmanaged, IFloats<F>
    {
        left = Widen<F>((ushort*)from);
        right = Widen<F>((ushort*)from + F.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F Widen<F>(ushort* from)
        where F : unmanaged, IFloats<F>
        => F.And(F.ShiftLeftInt(F.LoadWords(from, signed: true), Significand), F.OfInt(Mask)) * F.Of(Bias);
}

/// <summary>bf16, a column of each vector in one lane: the left one in its low half.</summary>
internal readonly unsafe struct BFloatColumns : IColumns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<F>(float* from, out F left, out F right)
        where F : unmanaged, IFloats<F>
    {
        F both = F.Load(from);
        left = F.ShiftLeftInt(both, 16);
        right = F.And(both, F.OfInt(unchecked((int)0xFFFF_0000)));
    }
}
