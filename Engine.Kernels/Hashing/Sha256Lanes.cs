using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>SHA-256 of one message per lane. Source: FIPS 180-4, section 6.2.</summary>
/// <typeparam name="T">The vector.</typeparam>
internal static unsafe class Sha256Lanes<T>
    where T : unmanaged, IWords<T>
{
    private const int BlockBytes = 64;

    /// <summary>Hashes whole blocks of every row, and a last block that is the same for all.</summary>
    /// <param name="rows">Where each lane's blocks begin.</param>
    /// <param name="blocks">The number of blocks.</param>
    /// <param name="next">Bytes from each row to the row that this lane will be given next; 0: unknown.</param>
    /// <param name="start">8 words: the state before the first block.</param>
    /// <param name="last">64 words: the schedule of the last block plus the round constants; null: there is none.</param>
    /// <param name="digests">Receives 32 bytes per lane.</param>
    [SkipLocalsInit]
    internal static void Hash(byte** rows, int blocks, nint next, uint* start, uint* last, byte* digests)
    {
        byte* memory = stackalloc byte[(80 * sizeof(T)) + 64];
        T* w = Blocks<T>.Align(memory);
        T* h = w + 64;
        T* state = h + 8;
        uint* k = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Sha256Block.Constants));
        for (int i = 0; i < 8; i++)
        {
            h[i] = T.Splat(start[i]);
            state[i] = h[i];
        }

        for (int block = 0; block < blocks; block++)
        {
            if (next != 0)
            {
                Blocks<T>.Fetch(rows, next + (block * (nint)BlockBytes));
            }

            Blocks<T>.Load(rows, block * (nint)BlockBytes, w, swap: true);
            FirstRounds(state, w, k);
            LastRounds(state, w + 48, k + 48);
            Add(h, state);
        }

        if (last != null)
        {
            KnownRounds(state, last);
            Add(h, state);
        }

        for (int i = 0; i < 8; i++)
        {
            h[i] = T.SwapBytes(h[i]);
        }

        Blocks<T>.Store(h, digests);
    }

    // Rounds 0 to 47, which also make the words of the last 48. One method holds no more: the compiler keeps 1,024 variables in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstRounds(T* state, T* w, uint* k)
    {
        (T a, T b, T c, T d) = (state[0], state[1], state[2], state[3]);
        (T e, T f, T g, T h) = (state[4], state[5], state[6], state[7]);
        for (int i = 0; i < 48; i += 8, w += 8, k += 8)
        {
            h = Half(e, f, g, h, w[0] + T.Splat(k[0]));
            d += h;
            h = Full(a, b, c, h);
            Extend(w);
            g = Half(d, e, f, g, w[1] + T.Splat(k[1]));
            c += g;
            g = Full(h, a, b, g);
            Extend(w + 1);
            f = Half(c, d, e, f, w[2] + T.Splat(k[2]));
            b += f;
            f = Full(g, h, a, f);
            Extend(w + 2);
            e = Half(b, c, d, e, w[3] + T.Splat(k[3]));
            a += e;
            e = Full(f, g, h, e);
            Extend(w + 3);
            d = Half(a, b, c, d, w[4] + T.Splat(k[4]));
            h += d;
            d = Full(e, f, g, d);
            Extend(w + 4);
            c = Half(h, a, b, c, w[5] + T.Splat(k[5]));
            g += c;
            c = Full(d, e, f, c);
            Extend(w + 5);
            b = Half(g, h, a, b, w[6] + T.Splat(k[6]));
            f += b;
            b = Full(c, d, e, b);
            Extend(w + 6);
            a = Half(f, g, h, a, w[7] + T.Splat(k[7]));
            e += a;
            a = Full(b, c, d, a);
            Extend(w + 7);
        }

        (state[0], state[1], state[2], state[3]) = (a, b, c, d);
        (state[4], state[5], state[6], state[7]) = (e, f, g, h);
    }

    // Rounds 48 to 63.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LastRounds(T* state, T* w, uint* k)
    {
        (T a, T b, T c, T d) = (state[0], state[1], state[2], state[3]);
        (T e, T f, T g, T h) = (state[4], state[5], state[6], state[7]);
        for (int i = 0; i < 16; i += 8, w += 8, k += 8)
        {
            h = Half(e, f, g, h, w[0] + T.Splat(k[0]));
            d += h;
            h = Full(a, b, c, h);
            g = Half(d, e, f, g, w[1] + T.Splat(k[1]));
            c += g;
            g = Full(h, a, b, g);
            f = Half(c, d, e, f, w[2] + T.Splat(k[2]));
            b += f;
            f = Full(g, h, a, f);
            e = Half(b, c, d, e, w[3] + T.Splat(k[3]));
            a += e;
            e = Full(f, g, h, e);
            d = Half(a, b, c, d, w[4] + T.Splat(k[4]));
            h += d;
            d = Full(e, f, g, d);
            c = Half(h, a, b, c, w[5] + T.Splat(k[5]));
            g += c;
            c = Full(d, e, f, c);
            b = Half(g, h, a, b, w[6] + T.Splat(k[6]));
            f += b;
            b = Full(c, d, e, b);
            a = Half(f, g, h, a, w[7] + T.Splat(k[7]));
            e += a;
            a = Full(b, c, d, a);
        }

        (state[0], state[1], state[2], state[3]) = (a, b, c, d);
        (state[4], state[5], state[6], state[7]) = (e, f, g, h);
    }

    // All rounds of a block with a known schedule.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void KnownRounds(T* state, uint* k)
    {
        (T a, T b, T c, T d) = (state[0], state[1], state[2], state[3]);
        (T e, T f, T g, T h) = (state[4], state[5], state[6], state[7]);
        for (int i = 0; i < 64; i += 8, k += 8)
        {
            h = Half(e, f, g, h, T.Splat(k[0]));
            d += h;
            h = Full(a, b, c, h);
            g = Half(d, e, f, g, T.Splat(k[1]));
            c += g;
            g = Full(h, a, b, g);
            f = Half(c, d, e, f, T.Splat(k[2]));
            b += f;
            f = Full(g, h, a, f);
            e = Half(b, c, d, e, T.Splat(k[3]));
            a += e;
            e = Full(f, g, h, e);
            d = Half(a, b, c, d, T.Splat(k[4]));
            h += d;
            d = Full(e, f, g, d);
            c = Half(h, a, b, c, T.Splat(k[5]));
            g += c;
            c = Full(d, e, f, c);
            b = Half(g, h, a, b, T.Splat(k[6]));
            f += b;
            b = Full(c, d, e, b);
            a = Half(f, g, h, a, T.Splat(k[7]));
            e += a;
            a = Full(b, c, d, a);
        }

        (state[0], state[1], state[2], state[3]) = (a, b, c, d);
        (state[4], state[5], state[6], state[7]) = (e, f, g, h);
    }

    // The first half of a round: what is added to d.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Half(T e, T f, T g, T h, T word)
        => h + word + T.Choose(e, f, g) + T.Xor(T.RotateRight(e, 6), T.RotateRight(e, 11), T.RotateRight(e, 25));

    // The second half: what takes the place of h.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Full(T a, T b, T c, T half)
        => half + T.Majority(a, b, c) + T.Xor(T.RotateRight(a, 2), T.RotateRight(a, 13), T.RotateRight(a, 22));

    // The word of the schedule 16 rounds later: work that does not wait for the round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(T* w)
    {
        T before = w[1];
        T after = w[14];
        w[16] = w[0] + w[9]
            + T.Xor(T.RotateRight(before, 7), T.RotateRight(before, 18), before >>> 3)
            + T.Xor(T.RotateRight(after, 17), T.RotateRight(after, 19), after >>> 10);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* h, T* state)
    {
        for (int i = 0; i < 8; i++)
        {
            h[i] += state[i];
            state[i] = h[i];
        }
    }
}
