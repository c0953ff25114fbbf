using System.Numerics;
using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>y = f(a, b) on integers, wrapping.</summary>
internal interface IIntegerMap
{
    T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>As Ops.Add.</summary>
internal readonly struct IntegerAdd : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a + b);
}

/// <summary>As Ops.Sub.</summary>
internal readonly struct IntegerSub : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a - b);
}

/// <summary>As Ops.Mul.</summary>
internal readonly struct IntegerMul : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a * b);
}

/// <summary>As Ops.Max.</summary>
internal readonly struct IntegerMax : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a > b ? a : b;
}

/// <summary>As Ops.Min.</summary>
internal readonly struct IntegerMin : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a < b ? a : b;
}
