using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>The one source of nasty values: canonical NaN, infinities, signed zeros, subnormals, products that underflow, cancellation,
/// exact ties, extremes of integers, and ordinary numbers between them. A pure function of seed and index.</summary>
internal sealed class Adversarial(ulong seed)
{
    private static readonly uint[] Specials32 =
    [
        0x7FC00000, 0x7F800000, 0xFF800000, 0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x80800000,
        0x7F7FFFFF, 0xFF7FFFFF, 0x3F800000, 0xBF800000, 0x3F800001, 0x3F7FFFFF, 0x4B800000, 0xCB800000, 0x33800000, 0x1F800000, 0x9F800000,
        0x3F000000, 0x3FC00000, 0x40200000, 0xC0200000, 0x42B17218, 0xC2CFF1B5,
    ];

    private readonly Philox _random = new(seed, stream: 0xAD, position: 0);
    private long _next;

    /// <summary>How nasty the reals are.</summary>
    internal enum Mood
    {
        /// <summary>Numbers of ordinary size, with cancellation and ties.</summary>
        Tame,

        /// <summary>Finite, subnormals, underflow and overflow included.</summary>
        Finite,

        /// <summary>Everything, NaN and infinities included.</summary>
        Wild,

        /// <summary>Large terms that cancel, with small ones between them.</summary>
        Cancelling,

        /// <summary>Halves of small integers: sums, quotients and roundings that are exact ties.</summary>
        Ties,

        /// <summary>So small that products underflow or become subnormal; zeros of both signs.</summary>
        Tiny,
    }

    /// <summary>32 random bits.</summary>
    public uint Word() => _random.Word(_next++);

    /// <summary>A number in 0 … below − 1.</summary>
    public int Below(int below) => (int)(((ulong)Word() * (ulong)below) >> 32);

    /// <summary>One of the given.</summary>
    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A tensor of nasty values.</summary>
    public Tensor Tensor(DType type, Shape shape, Mood mood = Mood.Wild)
    {
        TensorType full = new(type, shape);
        byte[] bytes = new byte[full.Bytes];
        for (int i = 0; i < shape.Elements; i++)
        {
            ulong bits = type switch
            {
                DType.F32 => BitConverter.SingleToUInt32Bits(Single(mood)),
                DType.F64 => BitConverter.DoubleToUInt64Bits(Double(mood)),
                DType.F16 => Real.ToF16(Single(mood)),
                DType.BF16 => Real.ToBF16(Single(mood)),
                DType.Bool => Word() & 1,
                _ => Integer(),
            };
            MemoryMarshal.AsBytes<ulong>([bits])[..type.Size()].CopyTo(bytes.AsSpan(i * type.Size()));
        }

        return Engine.Tensors.Tensor.Canonical(full, bytes);
    }

    /// <summary>A nasty f32.</summary>
    public float Single(Mood mood)
    {
        if (mood is Mood.Cancelling or Mood.Ties or Mood.Tiny)
        {
            return Special(mood, ((Word() >> 8) * (1f / (1 << 23))) - 1f);
        }

        float value = Below(8) switch
        {
            0 when mood != Mood.Tame => BitConverter.UInt32BitsToSingle(Specials32[Below(Specials32.Length)]),
            1 when mood != Mood.Tame => BitConverter.UInt32BitsToSingle(Word()),
            2 when mood != Mood.Tame => BitConverter.UInt32BitsToSingle((Word() & 0x807FFFFF) | 0x1F800000),
            3 => (Below(513) - 256) * 0.5f,
            4 => ((Below(65537) - 32768) * (1f / 65536f)) + 1f,
            _ => ((Word() >> 8) * (1f / (1 << 23))) - 1f,
        };
        bool allowed = float.IsFinite(value) || mood == Mood.Wild;
        return allowed ? Real.Canonical(value) : 1f;
    }

    private float Special(Mood mood, float plain) => mood switch
    {
        Mood.Cancelling => Below(3) switch
        {
            0 => Of(1e8f, -1e8f, 3e4f, -3e4f),
            1 => plain,
            _ => plain * 1e-6f,
        },
        Mood.Ties => (Below(1024) - 512) * 0.5f,
        _ => Below(8) == 0 ? Of(0f, -0f, 1f) : plain * Of(1e-20f, 1e-30f, 1e-38f, 1e-42f),
    };

    private double Double(Mood mood)
    {
        double value = Below(4) switch
        {
            0 when mood != Mood.Tame => BitConverter.UInt64BitsToDouble(((ulong)Word() << 32) | Word()),
            1 => Single(mood),
            _ => ((((ulong)Word() << 21) ^ Word()) * (1d / (1UL << 52))) - 1d,
        };
        return double.IsFinite(value) || mood == Mood.Wild ? Real.Canonical(value) : 1d;
    }

    private ulong Integer() => Below(5) switch
    {
        0 => Of<ulong>(0, 1, ulong.MaxValue, 0x80, 0x7F, 0xFF, 0x8000, 0x7FFF, 0x80000000, 0x7FFFFFFF, 0x8000000000000000, 0x7FFFFFFFFFFFFFFF),
        1 => ((ulong)Word() << 32) | Word(),
        _ => unchecked((ulong)(Below(41) - 20)),
    };
}
