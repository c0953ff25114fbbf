using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>SHA-256 of one message per lane. Source: FIPS 180-4, section 6.2.</summary>
/// <typeparam name="T">The vector.</typeparam>
internal static unsafe class Sha256Lanes<T>
    where T : unmanaged, IWords<T>
{
    private const int BlockBytes = 64;

    /// <summary>Hashes whole blocks of every row and a last block that is the same for all.</summary>
    /// <param name="rows">Where each lane's blocks begin.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="start">8 words: the state before the first block.</param>
    /// <param name="last">64 words: the schedule of the last block plus the round constants; null for none.</param>
    /// <param name="digests">Receives 32 bytes per lane.</param>
    [SkipLocalsInit]
    internal static void Hash(byte** rows, int blocks, uint* start, uint* last, byte* digests)
    {
        byte* memory = stackalloc byte[(24 * sizeof(T)) + 64];
        T* w = Blocks<T>.Align(memory);
        T* h = w + 16;
        for (int i = 0; i < 8; i++)
        {
            h[i] = T.Splat(start[i]);
        }

        for (int block = 0; block < blocks; block++)
        {
            Blocks<T>.Load(rows, block * (nint)BlockBytes, w);
            for (int i = 0; i < 16; i++)
            {
                w[i] = T.SwapBytes(w[i]);
            }

            Compress(h, w);
        }

        if (last is not null)
        {
            CompressKnown(h, last);
        }

        for (int i = 0; i < 8; i++)
        {
            h[i] = T.SwapBytes(h[i]);
        }

        Blocks<T>.Store(h, digests);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(T* state, T* w)
    {
        uint* k = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Sha256Block.Constants));
        (T a, T b, T c, T d) = (state[0], state[1], state[2], state[3]);
        (T e, T f, T g, T h) = (state[4], state[5], state[6], state[7]);
        for (int turn = 0; turn < 3; turn++, k += 16)
        {
            Turn(a, b, c, ref d, e, f, g, ref h, w, 0, k);
            Turn(h, a, b, ref c, d, e, f, ref g, w, 1, k);
            Turn(g, h, a, ref b, c, d, e, ref f, w, 2, k);
            Turn(f, g, h, ref a, b, c, d, ref e, w, 3, k);
            Turn(e, f, g, ref h, a, b, c, ref d, w, 4, k);
            Turn(d, e, f, ref g, h, a, b, ref c, w, 5, k);
            Turn(c, d, e, ref f, g, h, a, ref b, w, 6, k);
            Turn(b, c, d, ref e, f, g, h, ref a, w, 7, k);
            Turn(a, b, c, ref d, e, f, g, ref h, w, 8, k);
            Turn(h, a, b, ref c, d, e, f, ref g, w, 9, k);
            Turn(g, h, a, ref b, c, d, e, ref f, w, 10, k);
            Turn(f, g, h, ref a, b, c, d, ref e, w, 11, k);
            Turn(e, f, g, ref h, a, b, c, ref d, w, 12, k);
            Turn(d, e, f, ref g, h, a, b, ref c, w, 13, k);
            Turn(c, d, e, ref f, g, h, a, ref b, w, 14, k);
            Turn(b, c, d, ref e, f, g, h, ref a, w, 15, k);
        }

        for (int i = 0; i < 16; i += 8)
        {
            Round(a, b, c, ref d, e, f, g, ref h, w[i] + T.Splat(k[i]));
            Round(h, a, b, ref c, d, e, f, ref g, w[i + 1] + T.Splat(k[i + 1]));
            Round(g, h, a, ref b, c, d, e, ref f, w[i + 2] + T.Splat(k[i + 2]));
            Round(f, g, h, ref a, b, c, d, ref e, w[i + 3] + T.Splat(k[i + 3]));
            Round(e, f, g, ref h, a, b, c, ref d, w[i + 4] + T.Splat(k[i + 4]));
            Round(d, e, f, ref g, h, a, b, ref c, w[i + 5] + T.Splat(k[i + 5]));
            Round(c, d, e, ref f, g, h, a, ref b, w[i + 6] + T.Splat(k[i + 6]));
            Round(b, c, d, ref e, f, g, h, ref a, w[i + 7] + T.Splat(k[i + 7]));
        }

        Add(state, a, b, c, d, e, f, g, h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompressKnown(T* state, uint* k)
    {
        (T a, T b, T c, T d) = (state[0], state[1], state[2], state[3]);
        (T e, T f, T g, T h) = (state[4], state[5], state[6], state[7]);
        for (int i = 0; i < 64; i += 8)
        {
            Round(a, b, c, ref d, e, f, g, ref h, T.Splat(k[i]));
            Round(h, a, b, ref c, d, e, f, ref g, T.Splat(k[i + 1]));
            Round(g, h, a, ref b, c, d, e, ref f, T.Splat(k[i + 2]));
            Round(f, g, h, ref a, b, c, d, ref e, T.Splat(k[i + 3]));
            Round(e, f, g, ref h, a, b, c, ref d, T.Splat(k[i + 4]));
            Round(d, e, f, ref g, h, a, b, ref c, T.Splat(k[i + 5]));
            Round(c, d, e, ref f, g, h, a, ref b, T.Splat(k[i + 6]));
            Round(b, c, d, ref e, f, g, h, ref a, T.Splat(k[i + 7]));
        }

        Add(state, a, b, c, d, e, f, g, h);
    }

    // A round, and the word of the schedule that takes the place of the one it used: work that does not wait for the round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(T a, T b, T c, ref T d, T e, T f, T g, ref T h, T* w, int i, uint* k)
    {
        Round(a, b, c, ref d, e, f, g, ref h, w[i] + T.Splat(k[i]));
        T before = w[(i + 1) & 15];
        T after = w[(i + 14) & 15];
        w[i] += w[(i + 9) & 15]
            + T.Xor(T.RotateRight(before, 7), T.RotateRight(before, 18), before >>> 3)
            + T.Xor(T.RotateRight(after, 17), T.RotateRight(after, 19), after >>> 10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(T a, T b, T c, ref T d, T e, T f, T g, ref T h, T word)
    {
        h += word + T.Choose(e, f, g) + T.Xor(T.RotateRight(e, 6), T.RotateRight(e, 11), T.RotateRight(e, 25));
        d += h;
        h += T.Majority(a, b, c) + T.Xor(T.RotateRight(a, 2), T.RotateRight(a, 13), T.RotateRight(a, 22));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* state, T a, T b, T c, T d, T e, T f, T g, T h)
    {
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
