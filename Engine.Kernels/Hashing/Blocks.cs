using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Between rows of bytes, one per lane, and vectors that hold the same word of every row.</summary>
/// <typeparam name="T">The vector.</typeparam>
internal static unsafe class Blocks<T>
    where T : unmanaged, IWords<T>
{
    /// <summary>Loads 64 bytes of every row as 16 words each.</summary>
    /// <param name="rows">Where each lane's row begins.</param>
    /// <param name="offset">Offset of the 64 bytes in each row.</param>
    /// <param name="words">Receives word j of all rows at j.</param>
    /// <param name="swap">Whether the bytes of every word are to be reversed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Load(byte** rows, nint offset, T* words, bool swap)
    {
        for (int j = 0; j < 16; j += 4)
        {
            T a = T.LoadRows(rows, 0, offset + (4 * j));
            T b = T.LoadRows(rows, 1, offset + (4 * j));
            T c = T.LoadRows(rows, 2, offset + (4 * j));
            T d = T.LoadRows(rows, 3, offset + (4 * j));
            if (swap)
            {
                (a, b, c, d) = (T.SwapBytes(a), T.SwapBytes(b), T.SwapBytes(c), T.SwapBytes(d));
            }

            Transpose(a, b, c, d, words + j);
        }
    }

    /// <summary>Has the 64 bytes of every row fetched into the cache that the rows of the next group will have at the same offset: sixteen streams are
    /// more than the processor sees coming. No address faults.</summary>
    /// <param name="rows">Where each lane's row begins.</param>
    /// <param name="offset">Offset of the 64 bytes, from the row of this group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Fetch(byte** rows, nint offset)
    {
        for (int i = 0; Sse.IsSupported && i < T.Lanes; i++)
        {
            Sse.Prefetch0(rows[i] + offset);
        }
    }

    /// <summary>Stores 8 words of every lane as 32 bytes, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store(T* words, byte* target)
    {
        T* rows = stackalloc T[4];
        for (int j = 0; j < 8; j += 4)
        {
            Transpose(words[j], words[j + 1], words[j + 2], words[j + 3], rows);
            for (int i = 0; i < 4; i++)
            {
                T.StoreRows(rows[i], target + (32 * i) + (4 * j));
            }
        }
    }

    /// <summary>An address at a multiple of 64, in memory that is 64 bytes longer than needed.</summary>
    internal static T* Align(byte* memory) => (T*)(((nuint)memory + 63) & ~(nuint)63);

    // The words of each 128 bits are a 4 x 4 matrix over the arguments.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(T a, T b, T c, T d, T* result)
    {
        T ab = T.ZipLow(a, b);
        T cd = T.ZipLow(c, d);
        result[0] = T.ZipLowPairs(ab, cd);
        result[1] = T.ZipHighPairs(ab, cd);
        ab = T.ZipHigh(a, b);
        cd = T.ZipHigh(c, d);
        result[2] = T.ZipLowPairs(ab, cd);
        result[3] = T.ZipHighPairs(ab, cd);
    }
}
