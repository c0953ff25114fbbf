using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>A value: element type, shape and row-major little-endian bytes. The bytes are not copied; whoever gives them away must not
/// change them afterwards.</summary>
public sealed class Tensor
{
    /// <summary>A tensor over existing bytes. The values must be canonical (see <see cref="Canonical"/>).</summary>
    /// <exception cref="ArgumentException">The number of bytes is not what the type implies, or exceeds <see cref="Limits.TensorBytes"/>.</exception>
    public Tensor(TensorType type, ReadOnlyMemory<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (bytes.Length != CheckedBytes(type))
        {
            throw Error.ByteCount(type, bytes.Length);
        }

        Type = type;
        Bytes = bytes;
    }

    /// <summary>Element type and shape.</summary>
    public TensorType Type { get; }

    /// <summary>Row-major little-endian bytes, canonical values.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A tensor of the given elements, copied and canonicalised.</summary>
    /// <typeparam name="T">The .NET type of the elements: float, double, Half (for f16), ushort (for u16, or bf16 bits), bool …</typeparam>
    public static Tensor Of<T>(DType type, Shape shape, params ReadOnlySpan<T> elements)
        where T : unmanaged => Canonical(new TensorType(type, shape), MemoryMarshal.AsBytes(elements));

    /// <summary>A tensor of the given bytes, copied, with every NaN made the canonical one of its type and every bool 0 or 1.</summary>
    public static Tensor Canonical(TensorType type, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (bytes.Length != CheckedBytes(type))
        {
            throw Error.ByteCount(type, bytes.Length);
        }

        byte[] copy = bytes.ToArray();
        Canonicalise(type.DType, copy);
        return new Tensor(type, copy);
    }

    /// <summary>The bytes as elements. Sizes must agree.</summary>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes.Span);

    /// <summary>Whether every NaN is the canonical one of its type, and every bool 0 or 1.</summary>
    public bool IsCanonical()
    {
        if (!Type.DType.IsReal() && Type.DType != DType.Bool)
        {
            return true;
        }

        Span<byte> part = stackalloc byte[4096];
        for (ReadOnlySpan<byte> rest = Bytes.Span; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, part.Length)..])
        {
            ReadOnlySpan<byte> given = rest[..Math.Min(rest.Length, part.Length)];
            given.CopyTo(part);
            Canonicalise(Type.DType, part[..given.Length]);
            if (!part[..given.Length].SequenceEqual(given))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes every NaN the canonical one of its type, and every bool 0 or 1, in place.</summary>
    public static void Canonicalise(DType type, Span<byte> bytes)
    {
        switch (type)
        {
            case DType.F32:
                foreach (ref uint x in MemoryMarshal.Cast<byte, uint>(bytes))
                {
                    x = (x & 0x7FFF_FFFF) > 0x7F80_0000 ? Real.NaNF32Bits : x;
                }

                break;
            case DType.F64:
                foreach (ref ulong x in MemoryMarshal.Cast<byte, ulong>(bytes))
                {
                    x = (x & 0x7FFF_FFFF_FFFF_FFFF) > 0x7FF0_0000_0000_0000 ? Real.NaNF64Bits : x;
                }

                break;
            case DType.F16:
                foreach (ref ushort x in MemoryMarshal.Cast<byte, ushort>(bytes))
                {
                    x = (x & 0x7FFF) > 0x7C00 ? Real.NaNF16 : x;
                }

                break;
            case DType.BF16:
                foreach (ref ushort x in MemoryMarshal.Cast<byte, ushort>(bytes))
                {
                    x = (x & 0x7FFF) > 0x7F80 ? Real.NaNBF16 : x;
                }

                break;
            case DType.Bool:
                foreach (ref byte x in bytes)
                {
                    x = x == 0 ? (byte)0 : (byte)1;
                }

                break;
            default:
                break;
        }
    }

    private static long CheckedBytes(TensorType type)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("tensors are little-endian");
        }

        return type.Elements > Limits.TensorBytes || type.Bytes > Limits.TensorBytes ? throw Error.TensorTooLarge(type) : type.Bytes;
    }
}
