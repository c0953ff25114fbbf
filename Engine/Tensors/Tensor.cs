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
    public bool IsCanonical() => IsCanonical(Type.DType, Bytes.Span);

    /// <summary>Whether in consecutive elements of a type every NaN is the canonical one, and every bool 0 or 1.</summary>
    public static bool IsCanonical(DType type, ReadOnlySpan<byte> bytes)
    {
        Span<byte> part = stackalloc byte[4096];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, part.Length)..])
        {
            ReadOnlySpan<byte> given = bytes[..Math.Min(bytes.Length, part.Length)];
            if (!MayNotBeCanonical(type, given))
            {
                continue;
            }

            given.CopyTo(part);
            Canonicalise(type, part[..given.Length]);
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

    // Whether there is any NaN, or any bool but 0 and 1. An absolute value plus what lies between the largest infinity and the sign reaches the sign
    // exactly where it is a NaN; so a word is looked at whole.
    private static bool MayNotBeCanonical(DType type, ReadOnlySpan<byte> bytes)
    {
        (ulong Mask, ulong Addend, ulong Sign) lanes = type switch
        {
            DType.F32 => (0x7FFF_FFFF_7FFF_FFFF, 0x007F_FFFF_007F_FFFF, 0x8000_0000_8000_0000),
            DType.F64 => (0x7FFF_FFFF_FFFF_FFFF, 0x000F_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000),
            DType.F16 => (0x7FFF_7FFF_7FFF_7FFF, 0x03FF_03FF_03FF_03FF, 0x8000_8000_8000_8000),
            DType.BF16 => (0x7FFF_7FFF_7FFF_7FFF, 0x007F_007F_007F_007F, 0x8000_8000_8000_8000),
            DType.Bool => (0xFEFE_FEFE_FEFE_FEFE, 0, 0xFEFE_FEFE_FEFE_FEFE),
            _ => (0UL, 0UL, 0UL),
        };
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        (ulong mask, ulong addend, ulong sign) = lanes;
        if (mask == 0)
        {
            return false;
        }

        ulong found = 0;
        foreach (ulong word in words)
        {
            found |= (word & mask) + addend;
        }

        return (found & sign) != 0 || words.Length * sizeof(ulong) < bytes.Length;
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
