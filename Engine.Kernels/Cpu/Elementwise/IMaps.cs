using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>y = f(x), lane by lane; a NaN's payload is open, the store makes it canonical.</summary>
internal interface IMap1
{
    F Apply<F>(F x)
        where F : unmanaged, IFloats<F>;
}

/// <summary>y = f(a, b), lane by lane.</summary>
internal interface IMap2
{
    F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F>;
}

/// <summary>y = f(x) for a block of at most <see cref="Blocks.Elements"/> elements; x and y may be the same.</summary>
internal unsafe interface IBlockMap
{
    void Apply<F>(float* x, float* y, int count, float* room)
        where F : unmanaged, IFloats<F>;
}
