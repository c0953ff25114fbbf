using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  Same bits as the members of Engine/Ops of the same names: each text is the definition's line, lane by lane.
//

/// <summary>As Ops.Add.</summary>
internal readonly struct AddMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => a + b;
}

/// <summary>As Ops.Sub.</summary>
internal readonly struct SubMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => a - b;
}

/// <summary>As Ops.Mul.</summary>
internal readonly struct MulMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => a * b;
}

/// <summary>As Ops.Div.</summary>
internal readonly struct DivMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => a / b;
}

/// <summary>As Ops.Max.</summary>
internal readonly struct MaxMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.Max(a, b);
}

/// <summary>As Ops.Min.</summary>
internal readonly struct MinMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.Min(a, b);
}

/// <summary>As Ops.Equal; a truth value is an int32 of 0 or 1.</summary>
internal readonly struct EqualMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.And(F.Equal(a, b), F.OfInt(1));
}

/// <summary>As Ops.Less; a truth value is an int32 of 0 or 1.</summary>
internal readonly struct LessMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.And(F.Less(a, b), F.OfInt(1));
}

/// <summary>As Ops.LessOrEqual; a truth value is an int32 of 0 or 1.</summary>
internal readonly struct LessOrEqualMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.And(F.LessOrEqual(a, b), F.OfInt(1));
}

/// <summary>As Ops.Greater; a truth value is an int32 of 0 or 1.</summary>
internal readonly struct GreaterMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.And(F.Less(b, a), F.OfInt(1));
}

/// <summary>As Ops.GreaterOrEqual; a truth value is an int32 of 0 or 1.</summary>
internal readonly struct GreaterOrEqualMap : IMap2
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Apply<F>(F a, F b)
        where F : unmanaged, IFloats<F> => F.And(F.LessOrEqual(b, a), F.OfInt(1));
}
