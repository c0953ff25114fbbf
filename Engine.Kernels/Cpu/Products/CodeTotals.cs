using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Tiles sum a'·b' of codes moved to u8 and i8. With za' and zb' the zero points moved alike, the total that the definition means is
//
//    Σ (a' − za')(b' − zb') = Σ a'b' − za'·t − zb'·Σ a',   t = Σ b' − K·zb'
//
//  modulo 2^32, where Σ b' was found when B was packed, and Σ a' is a tile with a panel of ones, made only where a zb' is not 0.
//

/// <summary>What becomes of the totals of a product: zero points that tiles do not know are taken off, and they are stored as they are or as
/// codes, <c>clamp(rne(fl(total) · m), low − zero, high − zero) + zero</c>, m = fl(fl(scale of A · scale of B) / scale). Arrays over columns
/// have room for whole panels.</summary>
internal sealed unsafe class CodeTotals
{
    private readonly long _columns;
    private readonly long _stride;
    private readonly int* _sums;
    private readonly int* _zerosA;
    private readonly int* _zerosB;
    private float* _multipliers;
    private float* _rowScales;
    private float _scale;
    private int _zero;
    private DType _type;

    /// <summary>Totals that are the outputs.</summary>
    /// <param name="zeros">What zero points take off.</param>
    /// <param name="batch">Which batch of B.</param>
    /// <param name="firstRow">Row 0 among the rows of all batches.</param>
    /// <param name="stride">Outputs from one row to the next.</param>
    internal CodeTotals(CodeZeros zeros, long batch, long firstRow, long stride)
    {
        _columns = zeros.Columns;
        _stride = stride;
        _sums = zeros.Sums + (batch * zeros.Room);
        _zerosA = zeros.RowsA == null ? null : zeros.RowsA + firstRow;
        _zerosB = zeros.ZerosB == null ? null : zeros.ZerosB + (batch * zeros.Room);
    }

    /// <summary>Totals without zero points.</summary>
    /// <param name="columns">Number of columns.</param>
    /// <param name="stride">Outputs from one row to the next.</param>
    internal CodeTotals(long columns, long stride)
    {
        _columns = columns;
        _stride = stride;
    }

    /// <summary>Whether tiles can be stored where the outputs lie: nothing is left to be done.</summary>
    internal bool IsDirect => _multipliers == null && _zerosA == null && _zerosB == null;

    /// <summary>Outputs from one row to the next.</summary>
    internal long Stride => _stride;

    /// <summary>Makes the outputs codes.</summary>
    /// <param name="run">The call.</param>
    /// <param name="batches">The totals of every batch of B's scales.</param>
    /// <param name="by">Scales and zero point.</param>
    /// <param name="type">u8 or i8.</param>
    /// <param name="rows">Rows of a batch that have scales of their own; 0 where all batches have the same.</param>
    internal static void Requantise(KernelRun run, ReadOnlySpan<CodeTotals> batches, Requantisation by, DType type, long rows)
    {
        float scale = *Operands.Singles(run, by.Scale);
        int zero = *Operands.Integers(run, by.Zero);
        bool one = Lines.Repeat(by.ScalesA.Map, by.ScalesA.Map.Shape.Rank);
        float* scalesA = Operands.Singles(run, by.ScalesA);
        float* scalesB = Operands.Singles(run, by.ScalesB);
        for (int batch = 0; batch < batches.Length; batch++)
        {
            CodeTotals totals = batches[batch];
            long columns = totals._columns;
            float* multipliers = run.Rent<float>(columns + CodeTile.Width);
            for (long j = 0; j < columns + CodeTile.Width; j++)
            {
                float column = j < columns ? scalesB[(batch * columns) + j] : 0f;
                multipliers[j] = one ? *scalesA * column / scale : column;
            }

            totals._multipliers = multipliers;
            totals._rowScales = one ? null : scalesA + (batch * rows);
            totals._scale = scale;
            totals._zero = zero;
            totals._type = type;
        }
    }

    /// <summary>Takes the tile's totals.</summary>
    /// <param name="totals">Sums of some rows and columns; overwritten.</param>
    /// <param name="between">From one row of sums to the next; room for whole panels.</param>
    /// <param name="sums">Sums of the rows of A, one panel apart, where B has zero points.</param>
    /// <param name="row">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="column">First column.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="y">Where column 0 of the first row goes.</param>
    internal void Store<F>(int* totals, int between, int* sums, long row, int rows, long column, int columns, byte* y)
        where F : unmanaged, IFloats<F>
    {
        if (_multipliers == null)
        {
            StoreTotals<F>(totals, between, sums, row, rows, column, columns, (int*)y + column);
        }
        else
        {
            StoreCodes<F>(totals, between, sums, row, rows, column, columns, y + column);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Total<F>(F total, long column, F zeroA, F sumA)
        where F : unmanaged, IFloats<F>
    {
        if (_zerosA != null)
        {
            total = F.SubtractInt(total, F.MultiplyInt(zeroA, F.Load((float*)(_sums + column))));
        }

        return _zerosB == null ? total : F.SubtractInt(total, F.MultiplyInt(sumA, F.Load((float*)(_zerosB + column))));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StoreTotals<F>(int* totals, int stride, int* sums, long row, int rows, long column, int columns, int* y)
        where F : unmanaged, IFloats<F>
    {
        for (int i = 0; i < rows; i++)
        {
            F zeroA = F.OfInt(_zerosA == null ? 0 : _zerosA[row + i]);
            F sumA = F.OfInt(_zerosB == null ? 0 : sums[i * CodeTile.Width]);
            int* from = totals + (i * stride);
            int* to = y + (i * _stride);
            int j = 0;
            for (; j <= columns - F.Lanes; j += F.Lanes)
            {
                F.Store((float*)(to + j), Total(F.Load((float*)(from + j)), column + j, zeroA, sumA));
            }

            if (j < columns)
            {
                F.Store((float*)(from + j), Total(F.Load((float*)(from + j)), column + j, zeroA, sumA));
                for (; j < columns; j++)
                {
                    to[j] = from[j];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void StoreCodes<F>(int* totals, int stride, int* sums, long row, int rows, long column, int columns, byte* y)
        where F : unmanaged, IFloats<F>
    {
        (long low, long high) = _type.IntegerRange();
        F zero = F.OfInt(_zero);
        F least = F.Of(low - _zero);
        F most = F.Of(high - _zero);
        F scale = F.Of(_scale);
        for (int i = 0; i < rows; i++)
        {
            F zeroA = F.OfInt(_zerosA == null ? 0 : _zerosA[row + i]);
            F sumA = F.OfInt(_zerosB == null ? 0 : sums[i * CodeTile.Width]);
            F rowScale = F.Of(_rowScales == null ? 0f : _rowScales[row + i]);
            int* from = totals + (i * stride);
            byte* to = y + (i * _stride);
            for (int j = 0; j < columns; j += F.Lanes)
            {
                F total = F.FromInt(Total(F.Load((float*)(from + j)), column + j, zeroA, sumA));
                F multiplier = F.Load(_multipliers + column + j);
                multiplier = _rowScales == null ? multiplier : (rowScale * multiplier) / scale;
                F codes = Codes.Saturate(total * multiplier, zero, least, most);
                if (columns - j >= F.Lanes)
                {
                    F.StoreBytes(to + j, codes);
                    continue;
                }

                F.Store((float*)from, codes);
                for (int lane = 0; lane < columns - j; lane++)
                {
                    to[j + lane] = (byte)from[lane];
                }
            }
        }
    }
}
