using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Where a definition puts the elements of a range of its output. Values are rounded once to the storage type; NaN is stored as
/// the canonical one; integers wrap.</summary>
public readonly ref struct ElementWriter
{
    private readonly Span<byte> _bytes;

    /// <summary>A writer over the bytes of a range.</summary>
    public ElementWriter(DType type, Span<byte> bytes)
    {
        Type = type;
        _bytes = bytes;
        Count = bytes.Length / type.Size();
    }

    /// <summary>Element type.</summary>
    public DType Type { get; }

    /// <summary>Number of elements in the range.</summary>
    public int Count { get; }

    /// <summary>The raw bytes of the range.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>The part of the range that starts at element <paramref name="start"/> and has <paramref name="count"/> elements.</summary>
    public ElementWriter Slice(int start, int count)
        => new(Type, _bytes.Slice(start * Type.Size(), count * Type.Size()));

    /// <summary>Stores a value computed in f32 in an f32, f16 or bf16 element, rounded once to nearest even.</summary>
    public void Set(int index, float value)
    {
        switch (Type)
        {
            case DType.F32:
                MemoryMarshal.Cast<byte, float>(_bytes)[index] = Real.Canonical(value);
                break;
            case DType.F16:
                MemoryMarshal.Cast<byte, ushort>(_bytes)[index] = Real.ToF16(value);
                break;
            case DType.BF16:
                MemoryMarshal.Cast<byte, ushort>(_bytes)[index] = Real.ToBF16(value);
                break;
            default:
                throw Error.ElementKind(0, Type, "f32, f16 or bf16");
        }
    }

    /// <summary>Stores an f64 value.</summary>
    public void Set(int index, double value)
    {
        if (Type != DType.F64)
        {
            throw Error.ElementKind(0, Type, "f64");
        }

        MemoryMarshal.Cast<byte, double>(_bytes)[index] = Real.Canonical(value);
    }

    /// <summary>Stores the low bits of an integer; a bool is stored as (value ≠ 0).</summary>
    public void Set(int index, long value)
    {
        switch (Type)
        {
            case DType.Bool:
                _bytes[index] = value == 0 ? (byte)0 : (byte)1;
                break;
            case DType.U8 or DType.I8:
                _bytes[index] = unchecked((byte)value);
                break;
            case DType.U16 or DType.I16:
                MemoryMarshal.Cast<byte, ushort>(_bytes)[index] = unchecked((ushort)value);
                break;
            case DType.U32 or DType.I32:
                MemoryMarshal.Cast<byte, uint>(_bytes)[index] = unchecked((uint)value);
                break;
            case DType.U64 or DType.I64:
                MemoryMarshal.Cast<byte, long>(_bytes)[index] = value;
                break;
            default:
                throw Error.ElementKind(0, Type, "an integer type or bool");
        }
    }

    /// <summary>Stores the bits of a 16-bit element, canonical already.</summary>
    public void SetBits(int index, ushort bits) => MemoryMarshal.Cast<byte, ushort>(_bytes)[index] = bits;

    /// <summary>Stores a truth value.</summary>
    public void Set(int index, bool value) => Set(index, value ? 1L : 0L);

    /// <summary>Stores a value of the type that <see cref="ElementReader.Load{T}(int, long)"/> gives.</summary>
    public void Store<T>(int index, T value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Set(index, (float)(object)value);
        }
        else if (typeof(T) == typeof(double))
        {
            Set(index, (double)(object)value);
        }
        else if (typeof(T) == typeof(long))
        {
            Set(index, (long)(object)value);
        }
        else
        {
            throw new NotSupportedException($"elements are stored from float, double or long, not {typeof(T)}");
        }
    }
}
