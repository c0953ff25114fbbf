using System;
using System.Buffers.Binary;
using System.Numerics;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>What of SHA-256 is the same for all messages: the state after a tag's block, the schedule of a last block that holds
/// padding only. Source: FIPS 180-4, sections 4.2.2, 5.1.1, 5.3.3 and 6.2.</summary>
internal static class Sha256Block
{
    /// <summary>The round constants.</summary>
    internal static ReadOnlySpan<uint> Constants =>
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];

    /// <summary>The schedule of the block that ends a message of whole blocks, plus the round constants: 64 words.</summary>
    /// <param name="messageBytes">The message's bytes, tag included.</param>
    internal static uint[] Padding(int messageBytes)
    {
        Span<byte> block = stackalloc byte[64];
        block.Clear();
        block[0] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(block[56..], (ulong)messageBytes * 8);
        return Schedule(block);
    }

    /// <summary>The state after the first block of a message.</summary>
    internal static uint[] After(ReadOnlySpan<byte> block)
    {
        uint[] state = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
        foreach (uint word in Schedule(block))
        {
            uint t = h + word + ((e & f) ^ (~e & g)) + (Right(e, 6) ^ Right(e, 11) ^ Right(e, 25));
            uint u = ((a & b) ^ (a & c) ^ (b & c)) + (Right(a, 2) ^ Right(a, 13) ^ Right(a, 22));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t, c, b, a, t + u);
        }

        uint[] change = [a, b, c, d, e, f, g, h];
        for (int i = 0; i < state.Length; i++)
        {
            state[i] += change[i];
        }

        return state;
    }

    /// <summary>The schedule of a block plus the round constants: 64 words.</summary>
    internal static uint[] Schedule(ReadOnlySpan<byte> block)
    {
        uint[] words = new uint[64];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = i < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..])
                : words[i - 16] + words[i - 7]
                    + (Right(words[i - 15], 7) ^ Right(words[i - 15], 18) ^ (words[i - 15] >> 3))
                    + (Right(words[i - 2], 17) ^ Right(words[i - 2], 19) ^ (words[i - 2] >> 10));
        }

        for (int i = 0; i < words.Length; i++)
        {
            words[i] += Constants[i];
        }

        return words;
    }

    private static uint Right(uint word, int count) => BitOperations.RotateRight(word, count);
}
