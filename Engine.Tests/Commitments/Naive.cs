using System.Security.Cryptography;
using System.Text;

using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Tests.Commitments;

/// <summary>Trees as the header of PlainHasher and RFC 6962 put it, by recursion, sharing nothing with the engine but BLAKE3 itself.</summary>
internal static class Naive
{
    /// <summary>Bytes that differ from leaf to leaf.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        uint state = (uint)seed;
        for (int i = 0; i < count; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }

    /// <summary>Leaves of several lengths, some empty.</summary>
    public static ReadOnlyMemory<byte>[] Leaves(int count)
        => [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)Bytes(i * i % 97 * (i % 7 == 3 ? 31 : 1), i))];

    /// <summary>A tensor's leaves.</summary>
    public static byte[][] Cut(byte[] bytes) => [.. bytes.Chunk(1024)];

    /// <summary>The root of a tensor.</summary>
    public static byte[] TensorRoot(Suite suite, byte[] bytes)
    {
        byte[] tree = bytes.Length == 0 ? new byte[32]
            : suite == Suite.Blake3 ? DeriveKey("VerifiableCompute/1 tensor tree", bytes)
            : TreeHash(Cut(bytes), leaf => Tagged(suite, "tensor leaf", leaf), pair => Tagged(suite, "tensor node", pair));
        return Tagged(suite, "tensor root", [.. BitConverter.GetBytes((ulong)bytes.Length), .. tree]);
    }

    /// <summary>The root of a list.</summary>
    public static byte[] Root(Suite suite, string kind, ReadOnlyMemory<byte>[] leaves)
    {
        byte[] tree = leaves.Length == 0 ? new byte[32]
            : TreeHash(
                [.. leaves.Select(leaf => leaf.ToArray())],
                leaf => Tagged(suite, $"{kind} leaf", leaf),
                pair => Tagged(suite, $"{kind} node", pair));
        return Tagged(suite, $"{kind} root", [.. BitConverter.GetBytes((ulong)leaves.Length), .. tree]);
    }

    /// <summary>RFC 6962, section 2.1: MTH(D[n]) = H(MTH(D[0:k]), MTH(D[k:n])), k the largest power of two below n.</summary>
    public static byte[] TreeHash(byte[][] leaves, Func<byte[], byte[]> leaf, Func<byte[], byte[]> node)
    {
        if (leaves.Length == 1)
        {
            return leaf(leaves[0]);
        }

        int k = 1;
        while (2 * k < leaves.Length)
        {
            k *= 2;
        }

        return node([.. TreeHash(leaves[..k], leaf, node), .. TreeHash(leaves[k..], leaf, node)]);
    }

    private static byte[] Tagged(Suite suite, string tag, byte[] bytes)
    {
        string name = $"VerifiableCompute/1 {tag}";
        byte[] block = SHA256.HashData(Encoding.ASCII.GetBytes(name));
        return suite == Suite.Blake3 ? DeriveKey(name, bytes) : SHA256.HashData([.. block, .. block, .. bytes]);
    }

    private static byte[] DeriveKey(string context, byte[] bytes)
    {
        byte[] digest = new byte[32];
        Blake3.DeriveKey(Blake3.ContextKey(context), bytes, digest);
        return digest;
    }
}
