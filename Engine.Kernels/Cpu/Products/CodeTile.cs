using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Native;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  The innermost loop of every product of codes: rows of u8 times panels of i8, in groups of four along k, summed in int32 modulo 2^32, so
//  that every order gives the same bits. Codes of the other sign are moved by 128 beforehand; zero points are taken off the totals.
//
//    row      segment 0: group group … | segment 1: …        a group is 4 bytes as they lie; segments may lie anywhere, and overlap,
//                                                            so the windows of a convolution are rows of the image itself
//    panel    [group][16 columns][4 bytes]                   the groups of all segments, one after the other
//

/// <summary>A block of totals: some rows times some panels. Shared with Native/codes.c.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CodeTile
{
    /// <summary>Columns of a panel.</summary>
    internal const int Width = 16;

    /// <summary>First row.</summary>
    internal byte* A;

    /// <summary>Bytes from one row to the next.</summary>
    internal nint Row;

    /// <summary>Where the segments of a row begin, in bytes from the row.</summary>
    internal nint* Segments;

    /// <summary>Number of segments.</summary>
    internal nint Count;

    /// <summary>Groups of four bytes in each segment; what lies behind a segment's own bytes meets zeros of B.</summary>
    internal nint Groups;

    /// <summary>First panel.</summary>
    internal sbyte* B;

    /// <summary>Bytes from one panel to the next.</summary>
    internal nint Panel;

    /// <summary>Where the totals of each column start.</summary>
    internal int* Start;

    /// <summary>First total.</summary>
    internal int* C;

    /// <summary>Totals from one row to the next.</summary>
    internal nint Stride;

    /// <summary>Number of rows.</summary>
    internal nint Rows;

    /// <summary>Number of panels.</summary>
    internal nint Panels;
}

/// <summary>Who computes tiles.</summary>
internal static unsafe class CodeTiles
{
    /// <summary>Computes every total of a tile at a vector width.</summary>
    /// <param name="lanes">Lanes of f32: 16, 8, 4 or 1.</param>
    /// <param name="tile">The tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run(int lanes, CodeTile* tile)
    {
        if (lanes == 16 && NativeKernels.CodeTile != null)
        {
            NativeKernels.CodeTile(tile);
        }
        else if (lanes >= 8 && VnniSums.IsSupported)
        {
            Run<VnniSums>(tile);
        }
        else if (lanes == 16 && WordSums16.IsSupported)
        {
            Run<WordSums16>(tile);
        }
        else if (lanes >= 8 && WordSums8.IsSupported)
        {
            Run<WordSums8>(tile);
        }
        else if (lanes > 1)
        {
            Run<WordSums4>(tile);
        }
        else
        {
            Run<OneSum>(tile);
        }
    }

    /// <summary>Computes every total of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TSums>(CodeTile* tile)
        where TSums : unmanaged, ICodeSums<TSums>
    {
        if (tile->Rows <= 2)
        {
            for (nint row = 0; row < tile->Rows; row++)
            {
                OneRow<TSums>(tile, tile->A + (row * tile->Row), tile->C + (row * tile->Stride));
            }

            return;
        }

        // Row tiles are as equal as they can be; what is missing to six rows repeats the last one.
        const int Most = 6;
        int perPanel = Width / (2 * TSums.Columns);
        nint tiles = (tile->Rows + Most - 1) / Most;
        for (nint column = 0; column < tile->Panels * perPanel; column++)
        {
            (nint panel, nint part) = (column / perPanel, column % perPanel);
            sbyte* b = tile->B + (panel * tile->Panel) + (part * 8 * TSums.Columns);
            int* start = tile->Start + (column * 2 * TSums.Columns);
            int* c = tile->C + (column * 2 * TSums.Columns);
            for (nint t = 0; t < tiles; t++)
            {
                nint first = tile->Rows * t / tiles;
                nint rows = (tile->Rows * (t + 1) / tiles) - first;
                SixRows<TSums>(tile, tile->A + (first * tile->Row), b, start, c + (first * tile->Stride), (int)rows);
            }
        }
    }

    private const int Width = CodeTile.Width;

    // Six rows times two vectors of columns.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixRows<TSums>(CodeTile* tile, byte* a, sbyte* b, int* start, int* c, int rows)
        where TSums : unmanaged, ICodeSums<TSums>
    {
        TSums s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default;
        TSums s30 = default, s31 = default, s40 = default, s41 = default, s50 = default, s51 = default;
        nint row1 = int.Min(1, rows - 1) * tile->Row;
        nint row2 = int.Min(2, rows - 1) * tile->Row;
        nint row3 = int.Min(3, rows - 1) * tile->Row;
        nint row4 = int.Min(4, rows - 1) * tile->Row;
        nint row5 = int.Min(5, rows - 1) * tile->Row;
        for (nint segment = 0; segment < tile->Count; segment++)
        {
            byte* at = a + tile->Segments[segment];
            for (nint group = tile->Groups; group > 0; group--)
            {
                TSums left = TSums.Load(b);
                TSums right = TSums.Load(b + (4 * TSums.Columns));
                TSums four = TSums.Four(at);
                s00 = TSums.Add(s00, four, left);
                s01 = TSums.Add(s01, four, right);
                four = TSums.Four(at + row1);
                s10 = TSums.Add(s10, four, left);
                s11 = TSums.Add(s11, four, right);
                four = TSums.Four(at + row2);
                s20 = TSums.Add(s20, four, left);
                s21 = TSums.Add(s21, four, right);
                four = TSums.Four(at + row3);
                s30 = TSums.Add(s30, four, left);
                s31 = TSums.Add(s31, four, right);
                four = TSums.Four(at + row4);
                s40 = TSums.Add(s40, four, left);
                s41 = TSums.Add(s41, four, right);
                four = TSums.Four(at + row5);
                s50 = TSums.Add(s50, four, left);
                s51 = TSums.Add(s51, four, right);
                at += 4;
                b += 4 * Width;
            }
        }

        // Rows that repeat the last one are stored over it: the same totals.
        Store(c, start, s00, s01);
        Store(c + (int.Min(1, rows - 1) * tile->Stride), start, s10, s11);
        Store(c + (int.Min(2, rows - 1) * tile->Stride), start, s20, s21);
        Store(c + (int.Min(3, rows - 1) * tile->Stride), start, s30, s31);
        Store(c + (int.Min(4, rows - 1) * tile->Stride), start, s40, s41);
        Store(c + (int.Min(5, rows - 1) * tile->Stride), start, s50, s51);
    }

    // One row times all panels, eight vectors at a time while there are as many, so that the sums do not wait for each other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow<TSums>(CodeTile* tile, byte* a, int* c)
        where TSums : unmanaged, ICodeSums<TSums>
    {
        int perPanel = Width / TSums.Columns;
        nint vectors = tile->Panels * perPanel;
        for (nint first = 0; first < vectors; first += 8)
        {
            nint last = vectors - 1;
            sbyte* b0 = Vector<TSums>(tile, perPanel, first);
            sbyte* b1 = Vector<TSums>(tile, perPanel, nint.Min(first + 1, last));
            sbyte* b2 = Vector<TSums>(tile, perPanel, nint.Min(first + 2, last));
            sbyte* b3 = Vector<TSums>(tile, perPanel, nint.Min(first + 3, last));
            sbyte* b4 = Vector<TSums>(tile, perPanel, nint.Min(first + 4, last));
            sbyte* b5 = Vector<TSums>(tile, perPanel, nint.Min(first + 5, last));
            sbyte* b6 = Vector<TSums>(tile, perPanel, nint.Min(first + 6, last));
            sbyte* b7 = Vector<TSums>(tile, perPanel, nint.Min(first + 7, last));
            TSums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            nint k = 0;
            for (nint segment = 0; segment < tile->Count; segment++)
            {
                byte* at = a + tile->Segments[segment];
                for (nint group = tile->Groups; group > 0; group--)
                {
                    TSums four = TSums.Four(at);
                    s0 = TSums.Add(s0, four, TSums.Load(b0 + k));
                    s1 = TSums.Add(s1, four, TSums.Load(b1 + k));
                    s2 = TSums.Add(s2, four, TSums.Load(b2 + k));
                    s3 = TSums.Add(s3, four, TSums.Load(b3 + k));
                    s4 = TSums.Add(s4, four, TSums.Load(b4 + k));
                    s5 = TSums.Add(s5, four, TSums.Load(b5 + k));
                    s6 = TSums.Add(s6, four, TSums.Load(b6 + k));
                    s7 = TSums.Add(s7, four, TSums.Load(b7 + k));
                    at += 4;
                    k += 4 * Width;
                }
            }

            StoreOne(tile->Start, c, first, s0);
            StoreOne(tile->Start, c, nint.Min(first + 1, last), s1);
            StoreOne(tile->Start, c, nint.Min(first + 2, last), s2);
            StoreOne(tile->Start, c, nint.Min(first + 3, last), s3);
            StoreOne(tile->Start, c, nint.Min(first + 4, last), s4);
            StoreOne(tile->Start, c, nint.Min(first + 5, last), s5);
            StoreOne(tile->Start, c, nint.Min(first + 6, last), s6);
            StoreOne(tile->Start, c, nint.Min(first + 7, last), s7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreOne<TSums>(int* start, int* c, nint vector, TSums sums)
        where TSums : unmanaged, ICodeSums<TSums>
        => TSums.Store(c + (vector * TSums.Columns), start + (vector * TSums.Columns), sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static sbyte* Vector<TSums>(CodeTile* tile, int perPanel, nint vector)
        where TSums : unmanaged, ICodeSums<TSums>
        => tile->B + (vector / perPanel * tile->Panel) + (vector % perPanel * 4 * TSums.Columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSums>(int* c, int* start, TSums left, TSums right)
        where TSums : unmanaged, ICodeSums<TSums>
    {
        TSums.Store(c, start, left);
        TSums.Store(c + TSums.Columns, start + TSums.Columns, right);
    }
}
