using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Scales of the rows and columns of a quantised product, and the bias of its rows: what turns an int32 total into a code,
/// <c>clamp(rne(fl(total) · fl(fl(rows · columns) / scale)), low − zero, high − zero) + zero</c>.</summary>
/// <param name="Rows">One f32 scale a row, taken modulo their number.</param>
/// <param name="RowCount">Their number.</param>
/// <param name="Columns">f32 scales of the columns, with room for a vector behind them.</param>
/// <param name="ColumnStep">1, or 0 where one scale serves all columns.</param>
/// <param name="RowsPerBatch">Rows after which the next set of column scales applies, or 0 for one set.</param>
/// <param name="Scale">Of the output.</param>
/// <param name="Zero">Zero point of the output.</param>
/// <param name="Type">u8 or i8.</param>
/// <param name="Bias">int32 starting totals of the rows, modulo their number, or 0.</param>
internal sealed record Requantisation(
    nint Rows, long RowCount, nint Columns, int ColumnStep, long RowsPerBatch, float Scale, int Zero, DType Type, nint Bias);

/// <summary>8-bit outputs of a quantised product.</summary>
/// <param name="y">Row-major output.</param>
/// <param name="columns">Length of its rows.</param>
/// <param name="by">How totals become codes.</param>
internal readonly unsafe struct CodeStore<TFloats>(byte* y, long columns, Requantisation by) : IStore
    where TFloats : unmanaged, IFloats<TFloats>
{
    public bool Fresh => by.Bias == 0;

    public float* Place(long row, long column, out long stride)
    {
        stride = 0;
        return null;
    }

    public void Begin(long row, long column, int rows, int columns, float* totals, long stride)
        => Biases.Write((int*)by.Bias, by.RowCount, row, rows, columns, totals, stride);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void End(long row, long column, int rows, int columns, float* totals, long stride)
    {
        (long low, long high) = by.Type.IntegerRange();
        TFloats zero = TFloats.OfInt(by.Zero);
        int* codes = stackalloc int[16];
        for (int i = 0; i < rows; i++)
        {
            TFloats rowScale = TFloats.Of(((float*)by.Rows)[(row + i) % by.RowCount]);
            long set = by.RowsPerBatch == 0 ? 0 : (row + i) / by.RowsPerBatch * Width;
            float* columnScales = (float*)by.Columns + ((set + column) * by.ColumnStep);
            byte* to = y + ((row + i) * Width) + column;
            for (int j = 0; j < columns; j += TFloats.Lanes)
            {
                TFloats columnScale = by.ColumnStep == 0 ? TFloats.Of(*columnScales) : TFloats.Load(columnScales + j);
                TFloats multiplier = (rowScale * columnScale) / TFloats.Of(by.Scale);
                TFloats value = TFloats.FromInt(TFloats.Load(totals + (i * stride) + j)) * multiplier;
                TFloats.Store((float*)codes, Codes.Saturate(value, zero, low, high));
                int count = int.Min(TFloats.Lanes, columns - j);
                for (int lane = 0; lane < count; lane++)
                {
                    to[j + lane] = (byte)codes[lane];
                }
            }
        }
    }

    private long Width => columns;
}

/// <summary>int32 outputs of a product of codes: the totals lie in the output itself.</summary>
/// <param name="y">Row-major output.</param>
/// <param name="columns">Length of its rows.</param>
internal readonly unsafe struct IntegerStore(int* y, long columns) : IStore
{
    public bool Fresh => true;

    public float* Place(long row, long column, out long stride)
    {
        stride = columns;
        return (float*)(y + (row * columns) + column);
    }

    public void Begin(long row, long column, int rows, int columns, float* totals, long stride)
    {
    }

    public void End(long row, long column, int rows, int columns, float* totals, long stride)
    {
        for (int i = 0; i < rows; i++)
        {
            int* to = (int*)Place(row + i, column, out _);
            for (int j = 0; j < columns; j++)
            {
                to[j] = ((int*)totals)[(i * stride) + j];
            }
        }
    }
}

/// <summary>int32 starting totals.</summary>
internal static unsafe class Biases
{
    internal static void Write(int* bias, long biases, long row, int rows, int columns, float* totals, long stride)
    {
        for (int i = 0; i < rows; i++)
        {
            int start = bias[(row + i) % biases];
            for (int j = 0; j < columns; j++)
            {
                ((int*)totals)[(i * stride) + j] = start;
            }
        }
    }
}
