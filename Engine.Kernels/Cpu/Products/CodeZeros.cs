using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>What zero points take off the totals of a product, for all its batches (see <see cref="CodeProduct"/>).</summary>
internal sealed unsafe class CodeZeros
{
    private readonly long _batches;

    /// <param name="run">The call.</param>
    /// <param name="panels">B.</param>
    /// <param name="order">Order within its lines.</param>
    /// <param name="zerosA">Zero points of all rows of A, or one for all.</param>
    /// <param name="typeA">u8 or i8.</param>
    /// <param name="zerosB">Zero points of all lines of B.</param>
    /// <param name="typeB">u8 or i8.</param>
    internal CodeZeros(KernelRun run, CodePanels panels, CodeOrder order, Operand zerosA, DType typeA, Operand zerosB, DType typeB)
    {
        int* rows = Operands.Integers(run, zerosA);
        bool one = Lines.Repeat(zerosA.Map, zerosA.Map.Shape.Rank);
        for (long i = 0; i < zerosA.Type.Elements; i++)
        {
            rows[i] += typeA == DType.I8 ? 128 : 0;
        }

        RowsA = one ? null : rows;
        ZeroA = *rows;
        int* lines = Operands.Integers(run, zerosB);
        Start = run.Rent<int>(panels.Batches * panels.Room);
        ZerosB = run.Rent<int>(panels.Batches * panels.Room);
        _batches = panels.Batches;
        Columns = panels.Columns;
        Room = panels.Room;
        Sums = run.Rent<int>(panels.Batches * panels.Room);
        int depth = (int)(order.Segments * order.Length);
        bool any = false;
        for (long batch = 0; batch < panels.Batches; batch++)
        {
            for (long j = 0; j < panels.Room; j++)
            {
                long at = (batch * panels.Room) + j;
                bool there = j < panels.Columns;
                int zero = there ? lines[(batch * panels.Columns) + j] - (typeB == DType.U8 ? 128 : 0) : 0;
                any |= zero != 0;
                ZerosB[at] = zero;
                Sums[at] = panels.Sums(batch)[j] - (depth * zero);
                Start[at] = one ? -ZeroA * Sums[at] : 0;
            }
        }

        if (any)
        {
            Ones = Panel(run, order);
            None = run.Rent<int>(CodeTile.Width);
            new Span<int>(None, CodeTile.Width).Clear();
        }
        else
        {
            ZerosB = null;
        }
    }

    /// <summary>Zero points of the rows of A as u8, or null where one serves all.</summary>
    internal int* RowsA { get; }

    /// <summary>That one.</summary>
    internal int ZeroA { get; }

    /// <summary>Starting totals of the columns.</summary>
    internal int* Start { get; }

    /// <summary>Zero points of the columns as i8, or null where all are 0.</summary>
    internal int* ZerosB { get; }

    /// <summary>Columns of a batch.</summary>
    internal long Columns { get; }

    /// <summary>The same, rounded up to whole panels: what the arrays over columns have for each batch.</summary>
    internal long Room { get; }

    /// <summary>Sums of the columns, less their zero points.</summary>
    internal int* Sums { get; }

    /// <summary>Starting totals of 0 for one panel.</summary>
    internal int* None { get; }

    /// <summary>A panel whose first column is ones, or null where <see cref="ZerosB"/> is.</summary>
    internal sbyte* Ones { get; }

    /// <summary>Adds a bias of the columns of all batches, if there is one.</summary>
    internal void Add(int* bias)
    {
        for (long batch = 0; bias != null && batch < _batches; batch++)
        {
            for (long j = 0; j < Columns; j++)
            {
                Start[(batch * Room) + j] += bias[(batch * Columns) + j];
            }
        }
    }

    private static sbyte* Panel(KernelRun run, CodeOrder order)
    {
        sbyte* ones = run.Rent<sbyte>(order.Bytes * CodeTile.Width);
        for (long k = 0; k < order.Bytes; k++)
        {
            (long group, long part) = (k / 4, k % 4);
            for (int column = 0; column < CodeTile.Width; column++)
            {
                bool code = column == 0 && (group % order.Groups * 4) + part < order.Length;
                ones[(group * 4 * CodeTile.Width) + (4 * column) + part] = code ? (sbyte)1 : (sbyte)0;
            }
        }

        return ones;
    }
}
