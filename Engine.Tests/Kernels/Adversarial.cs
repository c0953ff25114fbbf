using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>What a tensor's values are like.</summary>
internal enum Values
{
    /// <summary>Uniform in (-1, 1).</summary>
    Plain,

    /// <summary>Large terms that cancel, with small ones between them.</summary>
    Cancelling,

    /// <summary>Halves of small integers: sums, quotients and roundings that are exact ties.</summary>
    Ties,

    /// <summary>So small that products underflow or become subnormal; zeros of both signs.</summary>
    Tiny,

    /// <summary>Any finite value of any size.</summary>
    Finite,

    /// <summary>Everything: NaN, infinities, zeros, subnormals, the largest numbers.</summary>
    Wild,
}

/// <summary>The one source of test values: reproducible, and made of what breaks kernels.</summary>
internal sealed class Adversarial(ulong seed)
{
    private static readonly float[] Specials =
    [
        BitConverter.UInt32BitsToSingle(0x7FC0_0000), float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon,
        1e-38f, -1e-39f, float.MaxValue, -float.MaxValue, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, 16777216f, 16777217f, -2147483648f, 2147483648f, 255.5f,
    ];

    private ulong _state = seed;

    /// <summary>SplitMix64.</summary>
    public ulong Next()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>An integer from 0 to below the bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>One of several.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A tensor of canonical values of any type.</summary>
    public Tensor Tensor(DType type, Shape shape, Values values)
    {
        byte[] bytes = new byte[shape.Elements * type.Size()];
        for (int i = 0; i < shape.Elements; i++)
        {
            Span<byte> at = bytes.AsSpan(i * type.Size(), type.Size());
            if (type == DType.F64)
            {
                double value = Single(values) * (1 + (Below(1 << 20) * 1e-12));
                MemoryMarshal.Write(at, in value);
            }
            else if (type.IsSingle())
            {
                Write(type, Single(values), at);
            }
            else
            {
                ulong value = Below(4) == 0 ? Pick<ulong>(0, 1, 127, 128, 255, ulong.MaxValue, 1UL << 31, 1UL << 63) : Next();
                MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value))[..at.Length].CopyTo(at);
            }
        }

        return Engine.Tensors.Tensor.Canonical(new TensorType(type, shape), bytes);
    }

    /// <summary>One f32.</summary>
    public float Single(Values values)
    {
        float plain = ((Next() >> 40) * (2f / (1 << 24))) - 1f;
        return values switch
        {
            Values.Plain => plain,
            Values.Cancelling => Below(3) switch
            {
                0 => Pick(1e8f, -1e8f, 3e4f, -3e4f),
                1 => plain,
                _ => plain * 1e-6f,
            },
            Values.Ties => (Below(1024) - 512) * 0.5f,
            Values.Tiny => Below(8) == 0 ? Pick(0f, -0f, 1f) : plain * Pick(1e-20f, 1e-30f, 1e-38f, 1e-42f),
            Values.Finite => AnyFinite(),
            _ => Below(24) == 0 ? Specials[Below(Specials.Length)] : Below(4) == 0 ? AnyFinite() : plain,
        };
    }

    private static void Write(DType type, float value, Span<byte> at)
    {
        if (type == DType.F32)
        {
            MemoryMarshal.Write(at, in value);
            return;
        }

        ushort bits = type == DType.F16 ? BitConverter.HalfToUInt16Bits((Half)value) : (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        MemoryMarshal.Write(at, in bits);
    }

    private float AnyFinite()
    {
        float value = BitConverter.UInt32BitsToSingle((uint)Next());
        return float.IsFinite(value) ? value : 1f;
    }
}
