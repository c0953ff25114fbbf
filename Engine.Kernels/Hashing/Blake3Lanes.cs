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

    /// <summary>Compresses the blocks of every row, one after the other.</summary>
    /// <param name="rows">Where each lane's blocks begin.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="next">Bytes from each row to the row that this lane will be given next; 0: unknown.</param>
    /// <param name="length">Bytes of the last block that count; the others must be 0.</param>
    /// <param name="counters">Each lane's counter: the lower words of all, then the upper ones.</param>
    /// <param name="key">8 words.</param>
    /// <param name="flags">The flags of every block.</param>
    /// <param name="first">Further flags of the first.</param>
    /// <param name="last">Further flags of the last.</param>
    /// <param name="digests">Receives 32 bytes per lane.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Hash(byte** rows, int blocks, nint next, uint length, uint* counters, uint* key, uint flags, uint first, uint last, byte* digests)
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
            if (next != 0)
            {
                Blocks<T>.Fetch(rows, next + (block * (nint)BlockBytes));
            }

            Blocks<T>.Load(rows, block * (nint)BlockBytes, m, swap: false);
            uint all = flags | (block == 0 ? first : 0) | (block == blocks - 1 ? last : 0);
            (T v0, T v1, T v2, T v3, T v4, T v5, T v6, T v7) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]);
            (T v12, T v13, T v14, T v15) = (((T*)counters)[0], ((T*)counters)[1], T.Splat(block == blocks - 1 ? length : BlockBytes), T.Splat(all));
            (T v8, T v9, T v10, T v11) = (T.Splat(Start[0]), T.Splat(Start[1]), T.Splat(Start[2]), T.Splat(Start[3]));
            byte* order = orders;
            for (int round = 0; round < Rounds; round++, order += 16)
            {
                v0 = v0 + m[order[0]] + v4;
                v1 = v1 + m[order[2]] + v5;
                v2 = v2 + m[order[4]] + v6;
                v3 = v3 + m[order[6]] + v7;
                v12 = T.RotateRight(v12 ^ v0, 16);
                v13 = T.RotateRight(v13 ^ v1, 16);
                v14 = T.RotateRight(v14 ^ v2, 16);
                v15 = T.RotateRight(v15 ^ v3, 16);
                v8 = v8 + v12;
                v4 = T.RotateRight(v4 ^ v8, 12);
                v9 = v9 + v13;
                v5 = T.RotateRight(v5 ^ v9, 12);
                v10 = v10 + v14;
                v6 = T.RotateRight(v6 ^ v10, 12);
                v11 = v11 + v15;
                v7 = T.RotateRight(v7 ^ v11, 12);
                v0 = v0 + m[order[1]] + v4;
                v1 = v1 + m[order[3]] + v5;
                v2 = v2 + m[order[5]] + v6;
                v3 = v3 + m[order[7]] + v7;
                v12 = T.RotateRight(v12 ^ v0, 8);
                v13 = T.RotateRight(v13 ^ v1, 8);
                v14 = T.RotateRight(v14 ^ v2, 8);
                v15 = T.RotateRight(v15 ^ v3, 8);
                v8 = v8 + v12;
                v4 = T.RotateRight(v4 ^ v8, 7);
                v9 = v9 + v13;
                v5 = T.RotateRight(v5 ^ v9, 7);
                v10 = v10 + v14;
                v6 = T.RotateRight(v6 ^ v10, 7);
                v11 = v11 + v15;
                v7 = T.RotateRight(v7 ^ v11, 7);
                v0 = v0 + m[order[8]] + v5;
                v1 = v1 + m[order[10]] + v6;
                v2 = v2 + m[order[12]] + v7;
                v3 = v3 + m[order[14]] + v4;
                v15 = T.RotateRight(v15 ^ v0, 16);
                v12 = T.RotateRight(v12 ^ v1, 16);
                v13 = T.RotateRight(v13 ^ v2, 16);
                v14 = T.RotateRight(v14 ^ v3, 16);
                v10 = v10 + v15;
                v5 = T.RotateRight(v5 ^ v10, 12);
                v11 = v11 + v12;
                v6 = T.RotateRight(v6 ^ v11, 12);
                v8 = v8 + v13;
                v7 = T.RotateRight(v7 ^ v8, 12);
                v9 = v9 + v14;
                v4 = T.RotateRight(v4 ^ v9, 12);
                v0 = v0 + m[order[9]] + v5;
                v1 = v1 + m[order[11]] + v6;
                v2 = v2 + m[order[13]] + v7;
                v3 = v3 + m[order[15]] + v4;
                v15 = T.RotateRight(v15 ^ v0, 8);
                v12 = T.RotateRight(v12 ^ v1, 8);
                v13 = T.RotateRight(v13 ^ v2, 8);
                v14 = T.RotateRight(v14 ^ v3, 8);
                v10 = v10 + v15;
                v5 = T.RotateRight(v5 ^ v10, 7);
                v11 = v11 + v12;
                v6 = T.RotateRight(v6 ^ v11, 7);
                v8 = v8 + v13;
                v7 = T.RotateRight(v7 ^ v8, 7);
                v9 = v9 + v14;
                v4 = T.RotateRight(v4 ^ v9, 7);
            }

            (h[0], h[1], h[2], h[3]) = (v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11);
            (h[4], h[5], h[6], h[7]) = (v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15);
        }

        Blocks<T>.Store(h, digests);
    }
}
