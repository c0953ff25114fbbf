using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Where the running totals of one call lie.</summary>
/// <param name="C">First total; a row is two vectors for each panel.</param>
/// <param name="Stride">From one row to the next.</param>
/// <param name="Start">What the totals start from: <paramref name="C"/>, or one row of +0.</param>
/// <param name="StartStride">From one row of it to the next; 0 for a row that serves all.</param>
/// <param name="Between">Room for the totals between blocks, contiguous so that rows never collide in the cache.</param>
/// <param name="Alpha">Factor of each block's sum.</param>
internal readonly record struct Totals(nint C, long Stride, nint Start, long StartStride, nint Between, float Alpha);

/// <summary>The totals that the sums of one block enter: where they are read, and where they go.</summary>
internal unsafe ref struct Fold<F>
    where F : unmanaged, IFloats<F>
{
    private readonly long _fromStride;
    private readonly long _toStride;
    private float* _from;
    private float* _to;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Fold(in Totals c, int vectors, bool first, bool end)
    {
        _from = (float*)(first ? c.Start : c.Between);
        _fromStride = first ? c.StartStride : vectors * F.Lanes;
        _to = (float*)(end ? c.C : c.Between);
        _toStride = end ? c.Stride : vectors * F.Lanes;
    }

    /// <summary>Adds two vectors of sums. A NaN is made canonical after every block, which the last one alone would do as well.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Add(F alpha, F left, F right, int vector)
    {
        float* from = _from + (vector * F.Lanes);
        float* to = _to + (vector * F.Lanes);
        F.AddTo(to, from, alpha, left);
        F.AddTo(to + F.Lanes, from + F.Lanes, alpha, right);
    }

    /// <summary>Adds two vectors of sums and goes to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Row(F alpha, F left, F right)
    {
        Add(alpha, left, right, 0);
        Next();
    }

    /// <summary>Goes to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Next()
    {
        _from += _fromStride;
        _to += _toStride;
    }
}
