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
