using System.Numerics;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

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

/// <summary>Elementwise loops over integers.</summary>
internal static unsafe class IntegerLoops
{
    /// <summary>y = f(a, b); false for types that are no integers.</summary>
    internal static bool Binary<TMap>(KernelRun run, TMap map)
        where TMap : struct, IIntegerMap => run.Call.Inputs[0].Type.DType switch
        {
            DType.U8 => Binary<TMap, byte>(run, map),
            DType.I8 => Binary<TMap, sbyte>(run, map),
            DType.U16 => Binary<TMap, ushort>(run, map),
            DType.I16 => Binary<TMap, short>(run, map),
            DType.U32 => Binary<TMap, uint>(run, map),
            DType.I32 => Binary<TMap, int>(run, map),
            DType.U64 => Binary<TMap, ulong>(run, map),
            DType.I64 => Binary<TMap, long>(run, map),
            _ => false,
        };

    private static bool Binary<TMap, T>(KernelRun run, TMap map)
        where TMap : struct, IIntegerMap
        where T : unmanaged, IBinaryInteger<T>
    {
        Operand first = run.Call.Inputs[0];
        Blocks a = new(run, first);
        Blocks b = new(run, run.Call.Inputs[1]);
        T* y = run.Output<T>(0);
        T* room = run.Rent<T>(run.Workers * 2L * Blocks.Elements);
        Singles.ForBlocks(run, first.Type.Elements, (start, count, worker) =>
        {
            T* own = room + (worker * 2L * Blocks.Elements);
            Loop(map, a.Stored(start, count, own), b.Stored(start, count, own + Blocks.Elements), y + start, count);
        });
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TMap, T>(TMap map, T* a, T* b, T* y, int count)
        where TMap : struct, IIntegerMap
        where T : unmanaged, IBinaryInteger<T>
    {
        for (int i = 0; i < count; i++)
        {
            y[i] = map.Apply(a[i], b[i]);
        }
    }
}
