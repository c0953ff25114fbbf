using System.Runtime.CompilerServices;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Matrices of bytes with rows and columns exchanged, eight by eight in registers.</summary>
internal static unsafe class CodeTranspose
{
    /// <summary>to[column][row] = from[row][column], with some bits flipped.</summary>
    /// <param name="from">The matrix.</param>
    /// <param name="fromStride">From one of its rows to the next.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="to">The result.</param>
    /// <param name="toStride">From one of its rows to the next.</param>
    /// <param name="flip">Bits to flip.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run(byte* from, long fromStride, long rows, long columns, byte* to, long toStride, byte flip)
    {
        ulong flips = flip * 0x0101_0101_0101_0101ul;
        long row = 0;
        for (; row <= rows - 8; row += 8)
        {
            byte* block = from + (row * fromStride);
            long column = 0;
            for (; column <= columns - 8; column += 8)
            {
                Eight(block + column, fromStride, to + (column * toStride) + row, toStride, flips);
            }

            Rest(block, fromStride, 0, 8, column, columns, to + row, toStride, flip);
        }

        Rest(from, fromStride, row, rows, 0, columns, to, toStride, flip);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rest(
        byte* from, long fromStride, long row, long rows, long column, long columns, byte* to, long toStride, byte flip)
    {
        for (long i = row; i < rows; i++)
        {
            for (long j = column; j < columns; j++)
            {
                to[(j * toStride) + i] = (byte)(from[(i * fromStride) + j] ^ flip);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(byte* from, long fromStride, byte* to, long toStride, ulong flips)
    {
        ulong r0 = Row(from, flips), r1 = Row(from + fromStride, flips);
        ulong r2 = Row(from + (2 * fromStride), flips), r3 = Row(from + (3 * fromStride), flips);
        ulong r4 = Row(from + (4 * fromStride), flips), r5 = Row(from + (5 * fromStride), flips);
        ulong r6 = Row(from + (6 * fromStride), flips), r7 = Row(from + (7 * fromStride), flips);
        Exchange(ref r0, ref r4, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref r1, ref r5, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref r2, ref r6, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref r3, ref r7, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref r0, ref r2, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref r1, ref r3, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref r4, ref r6, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref r5, ref r7, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref r0, ref r1, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref r2, ref r3, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref r4, ref r5, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref r6, ref r7, 8, 0x00FF_00FF_00FF_00FF);
        Unsafe.WriteUnaligned(to, r0);
        Unsafe.WriteUnaligned(to + toStride, r1);
        Unsafe.WriteUnaligned(to + (2 * toStride), r2);
        Unsafe.WriteUnaligned(to + (3 * toStride), r3);
        Unsafe.WriteUnaligned(to + (4 * toStride), r4);
        Unsafe.WriteUnaligned(to + (5 * toStride), r5);
        Unsafe.WriteUnaligned(to + (6 * toStride), r6);
        Unsafe.WriteUnaligned(to + (7 * toStride), r7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Row(byte* from, ulong flips) => Unsafe.ReadUnaligned<ulong>(from) ^ flips;

    // The upper parts of a for the lower ones of b.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange(ref ulong a, ref ulong b, int bits, ulong lower)
    {
        ulong other = ((a >> bits) ^ b) & lower;
        a ^= other << bits;
        b ^= other;
    }
}
