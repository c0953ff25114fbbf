using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>The order in which elements are chosen (docs/numerics.md, section Selection), as the order of 64-bit keys: −0 equals +0, NaN equals
/// itself and is above everything.</summary>
public static class OrderKeys
{
    private const int Block = 256;

    /// <summary>Keys of consecutive elements of any type.</summary>
    /// <param name="x">Where the elements are.</param>
    /// <param name="slot">Their slot.</param>
    /// <param name="start">The first.</param>
    /// <param name="keys">To be filled.</param>
    public static void Load(ElementReader x, int slot, long start, Span<long> keys)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType type = x.Type(slot).DType;
        if (type.IsSingle())
        {
            Singles(x, slot, start, keys);
        }
        else if (type == DType.F64)
        {
            Doubles(x, slot, start, keys);
        }
        else
        {
            x.Load(slot, start, keys);
            for (int i = 0; i < keys.Length && type == DType.U64; i++)
            {
                keys[i] ^= long.MinValue;
            }
        }
    }

    /// <summary>The key of a real: the bits of the f64, those of a negative one turned around below the sign.</summary>
    public static long Of(double value)
    {
        if (double.IsNaN(value))
        {
            return long.MaxValue;
        }

        long bits = BitConverter.DoubleToInt64Bits(value + 0d);
        return bits < 0 ? bits ^ long.MaxValue : bits;
    }

    private static void Singles(ElementReader x, int slot, long start, Span<long> keys)
    {
        Span<float> block = stackalloc float[Block];
        for (int done = 0; done < keys.Length; done += Block)
        {
            Span<float> part = block[..Math.Min(Block, keys.Length - done)];
            x.Load(slot, start + done, part);
            for (int i = 0; i < part.Length; i++)
            {
                keys[done + i] = Of(part[i]);
            }
        }
    }

    private static void Doubles(ElementReader x, int slot, long start, Span<long> keys)
    {
        Span<double> block = stackalloc double[Block];
        for (int done = 0; done < keys.Length; done += Block)
        {
            Span<double> part = block[..Math.Min(Block, keys.Length - done)];
            x.Load(slot, start + done, part);
            for (int i = 0; i < part.Length; i++)
            {
                keys[done + i] = Of(part[i]);
            }
        }
    }
}
