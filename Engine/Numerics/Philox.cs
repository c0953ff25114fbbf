using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>Philox4x32-10: the only source of random numbers. A number is a pure function of seed, stream, position and element index;
/// there is no state. Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</summary>
/// <param name="seed">The key.</param>
/// <param name="stream">Stream id: u32 little-endian of the first 4 bytes of SHA-256 of the stream's name.</param>
/// <param name="position">Step or token position within the stream.</param>
public readonly struct Philox(ulong seed, uint stream, uint position)
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The stream id of a name: u32 little-endian of the first 4 bytes of its SHA-256, as UTF-8.</summary>
    public static uint Stream(string name)
        => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>The random bits of elements 4·block … 4·block + 3.</summary>
    public (uint A, uint B, uint C, uint D) Block(long block) => Block(
        ((uint)((ulong)block & uint.MaxValue), (uint)((ulong)block >> 32), position, stream),
        ((uint)(seed & uint.MaxValue), (uint)(seed >> 32)));

    /// <summary>The 32 random bits of an element: word (element mod 4) of block (element div 4).</summary>
    public uint Word(long element)
    {
        (uint a, uint b, uint c, uint d) = Block(element >> 2);
        return (element & 3) switch
        {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
    }

    /// <summary>A number in [0, 1) on the grid of 2^-24: (word &gt;&gt; 8)·2^-24.</summary>
    public float Uniform(long element) => (Word(element) >> 8) * (1f / (1 << 24));

    /// <summary>The block function: 128 random bits of a counter and a key.</summary>
    public static (uint A, uint B, uint C, uint D) Block((uint A, uint B, uint C, uint D) counter, (uint A, uint B) key)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter.A;
            ulong product1 = (ulong)Multiplier1 * counter.C;
            counter = (
                (uint)(product1 >> 32) ^ counter.B ^ key.A,
                (uint)(product1 & uint.MaxValue),
                (uint)(product0 >> 32) ^ counter.D ^ key.B,
                (uint)(product0 & uint.MaxValue));
            key = unchecked((key.A + Weyl0, key.B + Weyl1));
        }

        return counter;
    }
}
