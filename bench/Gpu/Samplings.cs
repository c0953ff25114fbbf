using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Operands that are the same everywhere: a pure function of type, shape and seed, fast enough for gigabytes.</summary>
internal static class Samplings
{
    private const int Period = 1_048_573;

    /// <summary>Fills bytes with noise: a block again and again, of a length that divides no row's.</summary>
    public static void Bytes(Span<byte> bytes, uint seed)
    {
        ulong state = 0x9E3779B97F4A7C15 ^ (((ulong)seed << 32) | seed);
        Span<byte> block = bytes[..Math.Min(bytes.Length, Period)];
        for (int i = 0; i < block.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block[i] = unchecked((byte)(state >> 32));
        }

        for (int first = block.Length; first < bytes.Length; first += Period)
        {
            block[..Math.Min(Period, bytes.Length - first)].CopyTo(bytes[first..]);
        }
    }

    /// <summary>f32 in ±[2⁻⁷, 2) with all bits of the mantissa in use.</summary>
    public static void Floats(Span<byte> bytes, uint seed)
    {
        Bytes(bytes, seed);
        foreach (ref uint bits in MemoryMarshal.Cast<byte, uint>(bytes))
        {
            bits = (bits & 0x83FF_FFFF) | 0x3C00_0000;
        }
    }

    /// <summary>Tame values of a type: reals in ±[2⁻⁷, 2), codes and integers as they come.</summary>
    public static Tensor Tame(DType type, Shape shape, uint seed)
    {
        byte[] bytes = new byte[new TensorType(type, shape).Bytes];
        switch (type)
        {
            case DType.F32:
                Floats(bytes, seed);
                break;
            case DType.F64:
                Bytes(bytes, seed);
                foreach (ref ulong bits in MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan()))
                {
                    bits = (bits & 0x807F_FFFF_FFFF_FFFF) | 0x3F80_0000_0000_0000;
                }

                break;
            case DType.F16:
                Halves(bytes, seed, 0x9FFF, 0x2000);
                break;
            case DType.BF16:
                Halves(bytes, seed, 0x83FF, 0x3C00);
                break;
            default:
                return Wild(type, shape, seed);
        }

        return new Tensor(new TensorType(type, shape), bytes);
    }

    /// <summary>Every bit pattern may come, NaNs made canonical.</summary>
    public static Tensor Wild(DType type, Shape shape, uint seed)
    {
        byte[] bytes = new byte[new TensorType(type, shape).Bytes];
        Bytes(bytes, seed);
        return Tensor.Canonical(new TensorType(type, shape), bytes);
    }

    private static void Halves(Span<byte> bytes, uint seed, ushort keep, ushort set)
    {
        Bytes(bytes, seed);
        foreach (ref ushort bits in MemoryMarshal.Cast<byte, ushort>(bytes))
        {
            bits = (ushort)((bits & keep) | set);
        }
    }
}
