using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  Same bits as the members of Engine/Ops of the same names: each text is the definition's line, lane by lane.
//

/// <summary>As Ops.Abs.</summary>
internal readonly struct AbsMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.And(x, F.OfInt(0x7FFF_FFFF));
}

/// <summary>As Ops.Neg.</summary>
internal readonly struct NegMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Xor(x, F.OfInt(unchecked((int)0x8000_0000)));
}

/// <summary>As Ops.Relu.</summary>
internal readonly struct ReluMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Max(x, F.Of(0f));
}

/// <summary>As Ops.LeakyRelu.</summary>
internal readonly struct LeakyReluMap(float alpha) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Select(F.Less(x, F.Of(0f)), F.Of(alpha) * x, x);
}

/// <summary>As Ops.ThresholdedRelu.</summary>
internal readonly struct ThresholdedReluMap(float alpha) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Select(F.LessOrEqual(x, F.Of(alpha)), F.Of(0f), x);
}

/// <summary>As Ops.HardSigmoid.</summary>
internal readonly struct HardSigmoidMap(float alpha, float beta) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Max(F.Of(0f), F.Min(F.Of(1f), (F.Of(alpha) * x) + F.Of(beta)));
}

/// <summary>As Ops.HardSwish.</summary>
internal readonly struct HardSwishMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => x * F.Max(F.Of(0f), F.Min(F.Of(1f), (x * F.Of(1f / 6f)) + F.Of(0.5f)));
}

/// <summary>As Ops.Softsign.</summary>
internal readonly struct SoftsignMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => x / (F.Of(1f) + F.And(x, F.OfInt(0x7FFF_FFFF)));
}

/// <summary>As Ops.Sign.</summary>
internal readonly struct SignMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Select(F.Less(F.Of(0f), x), F.Of(1f), F.Select(F.Less(x, F.Of(0f)), F.Of(-1f), x));
}

/// <summary>As Ops.Ceil.</summary>
internal readonly struct CeilMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Ceiling(x);
}

/// <summary>As Ops.Floor.</summary>
internal readonly struct FloorMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Floor(x);
}

/// <summary>As Ops.Round.</summary>
internal readonly struct RoundMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Round(x);
}

/// <summary>As Ops.Sqrt.</summary>
internal readonly struct SqrtMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Sqrt(x);
}

/// <summary>As Ops.Reciprocal.</summary>
internal readonly struct ReciprocalMap : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Of(1f) / x;
}

/// <summary>As Ops.Clip.</summary>
internal readonly struct ClipMap(float low, float high) : IMap1
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F x)
        where F : unmanaged, IFloats<F> => F.Min(F.Max(x, F.Of(low)), F.Of(high));
}
