using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>y = f(a, b) on integers, wrapping.</summary>
internal interface IIntegerMap
{
    T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T>;

    Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>As Ops.Add.</summary>
internal readonly struct IntegerAdd : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a + b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a + b;
}

/// <summary>As Ops.Sub.</summary>
internal readonly struct IntegerSub : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a - b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a - b;
}

/// <summary>As Ops.Mul.</summary>
internal readonly struct IntegerMul : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => unchecked(a * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a * b;
}

/// <summary>As Ops.Max.</summary>
internal readonly struct IntegerMax : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => Vector512.Max(a, b);
}

/// <summary>As Ops.Min.</summary>
internal readonly struct IntegerMin : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => Vector512.Min(a, b);
}

/// <summary>As Ops.And.</summary>
internal readonly struct IntegerAnd : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a & b;
}

/// <summary>As Ops.Or.</summary>
internal readonly struct IntegerOr : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a | b;
}

/// <summary>As Ops.Xor.</summary>
internal readonly struct IntegerXor : IIntegerMap
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply<T>(Vector512<T> a, Vector512<T> b)
        where T : unmanaged, IBinaryInteger<T> => a ^ b;
}

/// <summary>A truth value of two integers.</summary>
internal interface IIntegerTest
{
    bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>As Ops.Equal.</summary>
internal readonly struct IntegerEqual : IIntegerTest
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a == b;
}

/// <summary>As Ops.Less.</summary>
internal readonly struct IntegerLess : IIntegerTest
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a < b;
}

/// <summary>As Ops.LessOrEqual.</summary>
internal readonly struct IntegerLessOrEqual : IIntegerTest
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a <= b;
}

/// <summary>As Ops.Greater.</summary>
internal readonly struct IntegerGreater : IIntegerTest
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a > b;
}

/// <summary>As Ops.GreaterOrEqual.</summary>
internal readonly struct IntegerGreaterOrEqual : IIntegerTest
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds<T>(T a, T b)
        where T : unmanaged, IBinaryInteger<T> => a >= b;
}
