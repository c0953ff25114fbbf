using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The elements of a factor as exact f32 values: real types widened.</summary>
internal interface ISource
{
    /// <summary>Element <paramref name="index"/> of the source, which belongs to the given row of A or column of B.</summary>
    float Get(long index, long line);
}

/// <summary>f32 as it lies.</summary>
internal readonly unsafe struct SingleSource(float* data) : ISource
{
    internal float* Data => data;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Get(long index, long line) => data[index];
}

/// <summary>bf16, widened exactly.</summary>
internal readonly unsafe struct BFloatSource(ushort* data) : ISource
{
    internal ushort* Data => data;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Get(long index, long line) => Narrow.FromBFloat(data[index]);
}

/// <summary>f16 of a parameter without infinities and NaN, widened exactly: its panels stay f16.</summary>
internal readonly unsafe struct FiniteHalfSource(ushort* data) : ISource
{
    internal ushort* Data => data;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Get(long index, long line) => Narrow.FromHalf(data[index]);
}

/// <summary>f16, widened exactly.</summary>
internal readonly unsafe struct HalfSource(ushort* data) : ISource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Get(long index, long line) => Narrow.FromHalf(data[index]);
}
