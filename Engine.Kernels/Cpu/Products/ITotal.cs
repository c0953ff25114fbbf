using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>How the sum of a block of 256 products enters the running total of an output element.</summary>
internal interface ITotal
{
    static abstract F Add<F>(F total, F block, F alpha)
        where F : unmanaged, IFloats<F>;

    static abstract F Finish<F>(F total)
        where F : unmanaged, IFloats<F>;
}

/// <summary>Real totals: tot = fma(alpha, s, tot); for alpha = 1 that is tot + s.</summary>
internal readonly struct RealTotal : ITotal
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Add<F>(F total, F block, F alpha)
        where F : unmanaged, IFloats<F> => F.Fma(alpha, block, total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Finish<F>(F total)
        where F : unmanaged, IFloats<F> => F.Canonical(total);
}
