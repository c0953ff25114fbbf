using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>BLAKE3's compression of one message per lane.</summary>
/// <typeparam name="T">The vector.</typeparam>
internal static unsafe class Blake3Lanes<T>
    where T : unmanaged, IWords<T>
{
    private const int Rounds = 7;
    private const uint BlockBytes = 64;

    private static ReadOnlySpan<uint> Start => [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A];

    // Row r: the words of the block in the order in which round r takes them.
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

    /// <summary>Compresses whole blocks of every row, one after the other.</summary>
    /// <param name="rows">Where each lane's blocks begin.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="counters">Each lane's counter: the lower words of all, then the upper ones.</param>
    /// <param name="key">8 words.</param>
    /// <param name="flags">The flags of every block.</param>
    /// <param name="first">Further flags of the first.</param>
    /// <param name="last">Further flags of the last.</param>
    /// <param name="digests">Receives 32 bytes per lane.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Hash(byte** rows, int blocks, uint* counters, uint* key, uint flags, uint first, uint last, byte* digests)
    {
        byte* memory = stackalloc byte[(24 * sizeof(T)) + 64];
        T* m = Blocks<T>.Align(memory);
        T* h = m + 16;
        byte* orders = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Order));
        for (int i = 0; i < 8; i++)
        {
            h[i] = T.Splat(key[i]);
        }

        for (int block = 0; block < blocks; block++)
        {
            Blocks<T>.Load(rows, block * (nint)BlockBytes, m);
            uint all = flags | (block == 0 ? first : 0) | (block == blocks - 1 ? last : 0);
            (T v0, T v1, T v2, T v3, T v4, T v5, T v6, T v7) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]);
            (T v8, T v9, T v10, T v11) = (T.Splat(Start[0]), T.Splat(Start[1]), T.Splat(Start[2]), T.Splat(Start[3]));
            (T v12, T v13, T v14, T v15) = (((T*)counters)[0], ((T*)counters)[1], T.Splat(BlockBytes), T.Splat(all));
            byte* order = orders;
            for (int round = 0; round < Rounds; round++, order += 16)
            {
                v0 += v4 + m[order[0]];
                v1 += v5 + m[order[2]];
                v2 += v6 + m[order[4]];
                v3 += v7 + m[order[6]];
                Mix16(ref v0, ref v4, ref v8, ref v12);
                Mix16(ref v1, ref v5, ref v9, ref v13);
                Mix16(ref v2, ref v6, ref v10, ref v14);
                Mix16(ref v3, ref v7, ref v11, ref v15);
                v0 += v4 + m[order[1]];
                v1 += v5 + m[order[3]];
                v2 += v6 + m[order[5]];
                v3 += v7 + m[order[7]];
                Mix8(ref v0, ref v4, ref v8, ref v12);
                Mix8(ref v1, ref v5, ref v9, ref v13);
                Mix8(ref v2, ref v6, ref v10, ref v14);
                Mix8(ref v3, ref v7, ref v11, ref v15);
                v0 += v5 + m[order[8]];
                v1 += v6 + m[order[10]];
                v2 += v7 + m[order[12]];
                v3 += v4 + m[order[14]];
                Mix16(ref v0, ref v5, ref v10, ref v15);
                Mix16(ref v1, ref v6, ref v11, ref v12);
                Mix16(ref v2, ref v7, ref v8, ref v13);
                Mix16(ref v3, ref v4, ref v9, ref v14);
                v0 += v5 + m[order[9]];
                v1 += v6 + m[order[11]];
                v2 += v7 + m[order[13]];
                v3 += v4 + m[order[15]];
                Mix8(ref v0, ref v5, ref v10, ref v15);
                Mix8(ref v1, ref v6, ref v11, ref v12);
                Mix8(ref v2, ref v7, ref v8, ref v13);
                Mix8(ref v3, ref v4, ref v9, ref v14);
            }

            (h[0], h[1], h[2], h[3]) = (v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11);
            (h[4], h[5], h[6], h[7]) = (v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15);
        }

        Blocks<T>.Store(h, digests);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix16(ref T a, ref T b, ref T c, ref T d)
    {
        d = T.RotateRight(d ^ a, 16);
        c += d;
        b = T.RotateRight(b ^ c, 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix8(ref T a, ref T b, ref T c, ref T d)
    {
        d = T.RotateRight(d ^ a, 8);
        c += d;
        b = T.RotateRight(b ^ c, 7);
    }
}
