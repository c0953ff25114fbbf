using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Where totals start, and where they go when they are complete.</summary>
internal unsafe interface IStore
{
    /// <summary>Totals start at +0: <see cref="Begin"/> is not called.</summary>
    bool Fresh { get; }

    /// <summary>Where the totals of whole vectors can lie all the time, or null where they are handed to <see cref="End"/>.</summary>
    float* Place(long row, long column, out long stride);

    /// <summary>Writes the starting totals of a block of outputs.</summary>
    void Begin(long row, long column, int rows, int columns, float* totals, long stride);

    /// <summary>Takes the complete totals of a block of outputs.</summary>
    void End(long row, long column, int rows, int columns, float* totals, long stride);
}

/// <summary>Starting totals fl(beta·C) + 0 from a matrix behind a map.</summary>
/// <param name="Data">First element of the source, 0 where totals start at +0.</param>
/// <param name="Rows">Its rows; Step goes from one column to the next.</param>
/// <param name="Beta">Factor.</param>
internal sealed unsafe record Start(nint Data, Lines Rows, float Beta)
{
    /// <summary>Writes the starting totals of a block of outputs.</summary>
    internal void Write<TSource>(TSource source, long row, long column, int rows, int columns, float* totals, long stride)
        where TSource : struct, ISource
    {
        for (int i = 0; i < rows; i++)
        {
            long at = Rows.Offset(row + i) + (column * Rows.Step);
            for (int j = 0; j < columns; j++)
            {
                totals[(i * stride) + j] = (Beta * source.Get(at + (j * Rows.Step), row + i)) + 0f;
            }
        }
    }
}

/// <summary>f32 outputs: the totals lie in the output itself.</summary>
/// <param name="y">Row-major output.</param>
/// <param name="columns">Length of its rows.</param>
/// <param name="start">Starting totals, or null.</param>
internal readonly unsafe struct SingleStore(float* y, long columns, Start? start) : IStore
{
    public bool Fresh => start is null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Place(long row, long column, out long stride)
    {
        stride = columns;
        return y + (row * columns) + column;
    }

    public void Begin(long row, long column, int rows, int columns, float* totals, long stride)
        => start!.Write(new SingleSource((float*)start.Data), row, column, rows, columns, totals, stride);

    public void End(long row, long column, int rows, int columns, float* totals, long stride)
    {
        for (int i = 0; i < rows; i++)
        {
            Unsafe.CopyBlockUnaligned(Place(row + i, column, out _), totals + (i * stride), (uint)(columns * sizeof(float)));
        }
    }
}

/// <summary>f16 and bf16 outputs: the finished total is rounded once to storage.</summary>
/// <typeparam name="TSource">How the starting totals are read.</typeparam>
/// <param name="y">Row-major output.</param>
/// <param name="type">f16 or bf16.</param>
/// <param name="columns">Length of its rows.</param>
/// <param name="start">Starting totals, or null.</param>
/// <param name="source">Their elements.</param>
internal readonly unsafe struct NarrowStore<TSource>(ushort* y, DType type, long columns, Start? start, TSource source) : IStore
    where TSource : struct, ISource
{
    public bool Fresh => start is null;

    public float* Place(long row, long column, out long stride)
    {
        stride = 0;
        return null;
    }

    public void Begin(long row, long column, int rows, int columns, float* totals, long stride)
        => start!.Write(source, row, column, rows, columns, totals, stride);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void End(long row, long column, int rows, int columns, float* totals, long stride)
    {
        for (int i = 0; i < rows; i++)
        {
            Narrow.Round(type, totals + (i * stride), y + ((row + i) * Width) + column, columns);
        }
    }

    private long Width => columns;
}
