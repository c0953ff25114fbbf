using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Kinds of f32 values, all finite.</summary>
internal enum Values
{
    /// <summary>Uniform in [-1, 1) on a grid of 2^-23.</summary>
    Uniform,

    /// <summary>Uniform times a power of two between 2^-20 and 2^20: cancellation and absorption.</summary>
    Wide,

    /// <summary>Integers between -8 and 8: exact sums and exact zeros.</summary>
    Small,

    /// <summary>Half of them +0 or -0, the others uniform.</summary>
    Sparse,
}

/// <summary>Random numbers of one case of one row: a pure function of row name and case number.</summary>
internal sealed class Draw(string row, uint index)
{
    private const ulong Seed = 1;

    private readonly Philox _scalars = new(Seed, Stream(row), index);
    private readonly uint _stream = Stream(row + "/tensors");
    private long _used;
    private ulong _tensors;

    /// <summary>An integer between two bounds, both included.</summary>
    public int Integer(int low, int high) => low + (int)(_scalars.Word(_used++) % (uint)(high - low + 1));

    /// <summary>An extent between two bounds, both included; every power of two is as likely as the next.</summary>
    public int Extent(int low, int high)
    {
        int bits = Integer(32 - int.LeadingZeroCount(low), 32 - int.LeadingZeroCount(high));
        return Integer(Math.Max(low, 1 << (bits - 1)), Math.Min(high, (1 << bits) - 1));
    }

    /// <summary>True this often in a hundred.</summary>
    public bool Chance(int percent) => Integer(1, 100) <= percent;

    /// <summary>One of these.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Integer(0, choices.Length - 1)];

    /// <summary>A number in [low, high).</summary>
    public float Real(float low, float high) => low + (_scalars.Uniform(_used++) * (high - low));

    /// <summary>An f32 tensor of a kind of values.</summary>
    public Tensor Floats(Values values, params ReadOnlySpan<long> extents)
        => Floats(extents, word => values switch
        {
            Values.Wide => Unit(word) * MathF.ScaleB(1f, ((int)(word & 63) % 41) - 20),
            Values.Small => (int)((word >> 8) % 17) - 8,
            Values.Sparse => (word & 1) == 0 ? ((word & 2) == 0 ? 0f : -0f) : Unit(word),
            _ => Unit(word),
        });

    /// <summary>An f32 tensor of a function of random words.</summary>
    public Tensor Floats(ReadOnlySpan<long> extents, Func<uint, float> value)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        byte[] bytes = new byte[type.Bytes];
        uint[] words = Words(type.Elements);
        Span<float> elements = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = value(words[i]);
        }

        return new Tensor(type, bytes);
    }

    /// <summary>A tensor of u8 or i8 codes; narrow ones leave out the highest bit of the magnitude.</summary>
    public Tensor Codes(DType type, bool narrow, params ReadOnlySpan<long> extents)
    {
        TensorType tensorType = new(type, new Shape(extents));
        byte[] bytes = MemoryMarshal.AsBytes<uint>(Words((tensorType.Elements + 3) / 4))[..(int)tensorType.Elements].ToArray();
        for (int i = 0; narrow && i < bytes.Length; i++)
        {
            bytes[i] = unchecked((byte)(type == DType.I8 ? (sbyte)bytes[i] >> 1 : bytes[i] >> 1));
        }

        return new Tensor(tensorType, bytes);
    }

    /// <summary>A code of a type, as a zero point.</summary>
    public long Zero(DType type)
    {
        (long low, long high) = type.IntegerRange();
        return Chance(30) ? Pick(0, low, high) : Integer((int)low, (int)high);
    }

    /// <summary>A scale: a power of two, which makes exact ties likely, or any number of that size.</summary>
    public float Scale(int exponent) => MathF.ScaleB(Chance(50) ? 1f : Real(0.5f, 1f), exponent);

    /// <summary>Random words.</summary>
    public uint[] Words(long count)
    {
        ulong key = Seed + (++_tensors << 32) + index;
        uint[] words = new uint[(count + 3) / 4 * 4];
        for (int i = 0; i < words.Length; i += 4)
        {
            (words[i], words[i + 1], words[i + 2], words[i + 3]) = Philox.Block(
                ((uint)i >> 2, 0, 0, _stream), ((uint)(key & uint.MaxValue), (uint)(key >> 32)));
        }

        return words;
    }

    private static float Unit(uint word) => ((int)(word >> 8) - (1 << 23)) * (1f / (1 << 23));

    private static uint Stream(string name)
        => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
