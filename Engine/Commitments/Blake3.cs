using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace VerifiableCompute.Engine.Commitments;

//
//  BLAKE3: a tree of 1 KiB chunks over one compression function
//
//  Chunk    up to 16 blocks of 64 bytes, each compressed with the value of the one before (the key at first) and the chunk's number
//  Parent   one block: the values of both children, compressed with the key
//  Shape    the left subtree has the largest power of two of chunks that leaves a byte to the right one (that of RFC 6962)
//  Root     the last block of the whole, compressed with the flag Root; once more per further 64 bytes of output, counting
//  Source   O'Connor, Aumasson, Neves, Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere", 2020, sections 2.1 to 2.6
//

/// <summary>BLAKE3 as its authors specify it: hash, keyed hash and derive_key, and the values of single chunks and parents.</summary>
internal static class Blake3
{
    /// <summary>Bytes of a chunk.</summary>
    internal const int ChunkBytes = 1024;

    private const int BlockBytes = 64;

    /// <summary>The mode of a hash and the place of a block, as the compression function takes them.</summary>
    [Flags]
    internal enum Flags : uint
    {
        None = 0,
        ChunkStart = 1,
        ChunkEnd = 2,
        Parent = 4,
        Root = 8,
        KeyedHash = 16,
        DeriveKeyContext = 32,
        DeriveKeyMaterial = 64,
    }

    private static ReadOnlySpan<uint> Start =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    // Row r: the words of the block in the order in which round r takes them, the permutation applied r times.
    private static ReadOnlySpan<byte> Order =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>Hashes bytes.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="output">Filled; the first bytes do not depend on its length.</param>
    internal static void Hash(ReadOnlySpan<byte> input, Span<byte> output) => Subtree(new Words8(Start), input, 0, Flags.None).Root(output);

    /// <summary>Hashes bytes under a key of 32 bytes.</summary>
    internal static void KeyedHash(Digest key, ReadOnlySpan<byte> input, Span<byte> output)
        => Subtree(WordsOf(key), input, 0, Flags.KeyedHash).Root(output);

    /// <summary>The second half of derive_key: hashes key material under a context's key.</summary>
    /// <param name="key">From <see cref="ContextKey"/>.</param>
    /// <param name="material">The bytes.</param>
    /// <param name="output">Filled.</param>
    internal static void DeriveKey(Digest key, ReadOnlySpan<byte> material, Span<byte> output)
        => Subtree(WordsOf(key), material, 0, Flags.DeriveKeyMaterial).Root(output);

    /// <summary>The first half of derive_key: the key of a context string.</summary>
    internal static Digest ContextKey(string context)
        => Subtree(new Words8(Start), Encoding.UTF8.GetBytes(context), 0, Flags.DeriveKeyContext).Value(Flags.Root);

    /// <summary>The value of one chunk in derive_key mode.</summary>
    /// <param name="key">The context's key.</param>
    /// <param name="bytes">At most 1 KiB; empty only if it is the only chunk.</param>
    /// <param name="index">The chunk's number.</param>
    /// <param name="root">Whether it is the only chunk.</param>
    internal static Digest ChunkValue(Digest key, ReadOnlySpan<byte> bytes, ulong index, bool root)
        => Chunk(WordsOf(key), bytes, index, Flags.DeriveKeyMaterial).Value(root ? Flags.Root : Flags.None);

    /// <summary>The value of a parent in derive_key mode.</summary>
    /// <param name="key">The context's key.</param>
    /// <param name="left">The left child's value.</param>
    /// <param name="right">The right child's value.</param>
    /// <param name="root">Whether it is the top.</param>
    internal static Digest ParentValue(Digest key, Digest left, Digest right, bool root)
        => Parent(WordsOf(key), left, right, Flags.DeriveKeyMaterial).Value(root ? Flags.Root : Flags.None);

    private static Node Subtree(in Words8 key, ReadOnlySpan<byte> input, ulong first, Flags mode)
    {
        if (input.Length <= ChunkBytes)
        {
            return Chunk(key, input, first, mode);
        }

        int left = (int)(BitOperations.RoundUpToPowerOf2((uint)((input.Length + ChunkBytes - 1) / ChunkBytes)) / 2) * ChunkBytes;
        return Parent(
            key,
            Subtree(key, input[..left], first, mode).Value(Flags.None),
            Subtree(key, input[left..], first + (ulong)(left / ChunkBytes), mode).Value(Flags.None),
            mode);
    }

    // All blocks but the last are compressed here; the last waits, for it may be the root.
    private static Node Chunk(in Words8 key, ReadOnlySpan<byte> bytes, ulong index, Flags mode)
    {
        Words8 value = key;
        Span<uint> state = stackalloc uint[16];
        Flags place = Flags.ChunkStart;
        while (bytes.Length > BlockBytes)
        {
            Compress(value, new Words16(bytes[..BlockBytes]), index, BlockBytes, mode | place, state);
            value = new Words8(state[..8]);
            place = Flags.None;
            bytes = bytes[BlockBytes..];
        }

        return new Node(value, new Words16(bytes), index, (uint)bytes.Length, mode | place | Flags.ChunkEnd);
    }

    private static Node Parent(in Words8 key, Digest left, Digest right, Flags mode)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        left.Span.CopyTo(block);
        right.Span.CopyTo(block[Digest.Bytes..]);
        return new Node(key, new Words16(block), 0, BlockBytes, mode | Flags.Parent);
    }

    private static void Compress(in Words8 value, in Words16 block, ulong counter, uint length, Flags flags, Span<uint> state)
    {
        ReadOnlySpan<uint> h = value;
        ReadOnlySpan<uint> m = block;
        (uint v0, uint v1, uint v2, uint v3) = (h[0], h[1], h[2], h[3]);
        (uint v4, uint v5, uint v6, uint v7) = (h[4], h[5], h[6], h[7]);
        (uint v8, uint v9, uint v10, uint v11) = (Start[0], Start[1], Start[2], Start[3]);
        (uint v12, uint v13, uint v14, uint v15) = ((uint)(counter & uint.MaxValue), (uint)(counter >> 32), length, (uint)flags);
        for (ReadOnlySpan<byte> order = Order; order.Length > 0; order = order[16..])
        {
            Mix(ref v0, ref v4, ref v8, ref v12, m[order[0]], m[order[1]]);
            Mix(ref v1, ref v5, ref v9, ref v13, m[order[2]], m[order[3]]);
            Mix(ref v2, ref v6, ref v10, ref v14, m[order[4]], m[order[5]]);
            Mix(ref v3, ref v7, ref v11, ref v15, m[order[6]], m[order[7]]);
            Mix(ref v0, ref v5, ref v10, ref v15, m[order[8]], m[order[9]]);
            Mix(ref v1, ref v6, ref v11, ref v12, m[order[10]], m[order[11]]);
            Mix(ref v2, ref v7, ref v8, ref v13, m[order[12]], m[order[13]]);
            Mix(ref v3, ref v4, ref v9, ref v14, m[order[14]], m[order[15]]);
        }

        ReadOnlySpan<uint> upper = [v8, v9, v10, v11, v12, v13, v14, v15];
        ReadOnlySpan<uint> lower = [v0, v1, v2, v3, v4, v5, v6, v7];
        for (int i = 0; i < 8; i++)
        {
            state[i] = lower[i] ^ upper[i];
            state[i + 8] = upper[i] ^ h[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        unchecked
        {
            a += b + x;
            d = BitOperations.RotateRight(d ^ a, 16);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 12);
            a += b + y;
            d = BitOperations.RotateRight(d ^ a, 8);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 7);
        }
    }

    private static Words8 WordsOf(Digest key)
    {
        Words8 words = default;
        Read(key.Span, words);
        return words;
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        }
    }

    [InlineArray(8)]
    private struct Words8
    {
        private uint _first;

        internal Words8(ReadOnlySpan<uint> words) => words.CopyTo(this);
    }

    /// <summary>A block; a short one is filled with zeros.</summary>
    [InlineArray(16)]
    private struct Words16
    {
        private uint _first;

        internal Words16(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length == BlockBytes)
            {
                Read(bytes, this);
                return;
            }

            Span<byte> block = stackalloc byte[BlockBytes];
            bytes.CopyTo(block);
            block[bytes.Length..].Clear();
            Read(block, this);
        }
    }

    /// <summary>A chunk or parent before its last compression.</summary>
    private readonly struct Node(in Words8 value, in Words16 block, ulong counter, uint length, Flags flags)
    {
        private readonly Words8 _value = value;
        private readonly Words16 _block = block;

        internal Digest Value(Flags root)
        {
            Span<uint> state = stackalloc uint[16];
            Compress(_value, _block, counter, length, flags | root, state);
            Span<byte> bytes = stackalloc byte[Digest.Bytes];
            Write(state[..8], bytes);
            return new Digest(bytes);
        }

        internal void Root(Span<byte> output)
        {
            Span<uint> state = stackalloc uint[16];
            Span<byte> bytes = stackalloc byte[BlockBytes];
            for (ulong turn = 0; output.Length > 0; turn++)
            {
                Compress(_value, _block, turn, length, flags | Flags.Root, state);
                Write(state, bytes);
                int count = Math.Min(output.Length, BlockBytes);
                bytes[..count].CopyTo(output);
                output = output[count..];
            }
        }

        private static void Write(ReadOnlySpan<uint> words, Span<byte> bytes)
        {
            for (int i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], words[i]);
            }
        }
    }
}
