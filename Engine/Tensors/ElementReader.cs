using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Where a definition pulls elements from: memory when it runs, opened leaves when it is checked. A slot is the position of an
/// input in its node; slot <c>Slots + o</c> is output o of the node itself, which may be read once it is complete (see
/// <c>Op.AuxiliaryFrom</c>), or as far as it is complete (see <c>Op.StepElements</c>). What an element depends on is what its evaluation pulls.</summary>
public abstract class ElementReader
{
    private const int Chunk = 256;

    /// <summary>Number of inputs of the node.</summary>
    public abstract int Slots { get; }

    /// <summary>Element type and shape of an input or own output.</summary>
    public abstract TensorType Type(int slot);

    /// <summary>Pulls the raw bytes of consecutive elements, row-major from <paramref name="start"/>, into the destination.</summary>
    public abstract void Read(int slot, long start, Span<byte> destination);

    /// <summary>Consecutive elements of any type as <typeparamref name="T"/>: float for f32, f16 and bf16 (widened exactly),
    /// double for f64, long for the others (sign- or zero-extended, u64 as its bit pattern).</summary>
    public void Load<T>(int slot, long start, Span<T> destination)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Single(slot, start, MemoryMarshal.Cast<T, float>(destination));
        }
        else if (typeof(T) == typeof(double))
        {
            Double(slot, start, MemoryMarshal.Cast<T, double>(destination));
        }
        else if (typeof(T) == typeof(long))
        {
            Integer(slot, start, MemoryMarshal.Cast<T, long>(destination));
        }
        else
        {
            throw new NotSupportedException($"elements are read as float, double or long, not {typeof(T)}");
        }
    }

    /// <summary>One element as <typeparamref name="T"/>, as in <see cref="Load{T}(int, long, Span{T})"/>.</summary>
    public T Load<T>(int slot, long index)
        where T : unmanaged
    {
        Span<T> one = stackalloc T[1];
        Load(slot, index, one);
        return one[0];
    }

    private void Single(int slot, long start, Span<float> destination)
    {
        DType type = Type(slot).DType;
        if (type == DType.F32)
        {
            Read(slot, start, MemoryMarshal.AsBytes(destination));
            return;
        }

        Span<ushort> raw = stackalloc ushort[Chunk];
        while (!destination.IsEmpty)
        {
            Span<ushort> part = raw[..Math.Min(Chunk, destination.Length)];
            Read(slot, start, MemoryMarshal.AsBytes(part));
            for (int i = 0; i < part.Length; i++)
            {
                destination[i] = type switch
                {
                    DType.F16 => Real.FromF16(part[i]),
                    DType.BF16 => Real.FromBF16(part[i]),
                    _ => throw Error.ElementKind(slot, type, "f32, f16 or bf16"),
                };
            }

            destination = destination[part.Length..];
            start += part.Length;
        }
    }

    private void Double(int slot, long start, Span<double> destination)
    {
        if (Type(slot).DType != DType.F64)
        {
            throw Error.ElementKind(slot, Type(slot).DType, "f64");
        }

        Read(slot, start, MemoryMarshal.AsBytes(destination));
    }

    private void Integer(int slot, long start, Span<long> destination)
    {
        DType type = Type(slot).DType;
        if (type.IsReal())
        {
            throw Error.ElementKind(slot, type, "an integer type or bool");
        }

        int size = type.Size();
        Span<byte> raw = stackalloc byte[Chunk * sizeof(long)];
        while (!destination.IsEmpty)
        {
            int count = Math.Min(Chunk, destination.Length);
            Span<byte> part = raw[..(count * size)];
            Read(slot, start, part);
            for (int i = 0; i < count; i++)
            {
                destination[i] = Extend(type, part[(i * size)..]);
            }

            destination = destination[count..];
            start += count;
        }
    }

    private static long Extend(DType type, ReadOnlySpan<byte> raw) => type switch
    {
        DType.U8 or DType.Bool => raw[0],
        DType.I8 => unchecked((sbyte)raw[0]),
        DType.U16 => MemoryMarshal.Read<ushort>(raw),
        DType.I16 => MemoryMarshal.Read<short>(raw),
        DType.I32 => MemoryMarshal.Read<int>(raw),
        DType.U32 => MemoryMarshal.Read<uint>(raw),
        _ => MemoryMarshal.Read<long>(raw),
    };
}
