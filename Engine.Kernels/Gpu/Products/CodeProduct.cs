using System.Collections.Generic;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Products;

/// <summary>Which operand is what in a product of rows of codes A with rows of codes B; −1 where there is none. Y is codes where it has a zero
/// point.</summary>
/// <param name="A">Codes.</param>
/// <param name="ZerosA">Zero points of their rows.</param>
/// <param name="B">Codes.</param>
/// <param name="ZerosB">Zero points of their rows.</param>
/// <param name="ScalesA">Scales of the rows of A.</param>
/// <param name="ScalesB">Scales of the rows of B.</param>
/// <param name="ScaleY">The scale of Y.</param>
/// <param name="ZeroY">The zero point of Y.</param>
/// <param name="Bias">What is added to each total of a row of A.</param>
internal readonly record struct CodeProduct(
    int A, int ZerosA, int B, int ZerosB, int ScalesA = -1, int ScalesB = -1, int ScaleY = -1, int ZeroY = -1, int Bias = -1)
{
    /// <summary>Totals from which on a tile of the matrix units is worth its size, rows and columns.</summary>
    internal const int LeastOfMatrixUnits = 48;

    private const int MostGroups = 65535;

    /// <summary>The text for a product of m rows with n, with tiles of four codes a step or of the matrix units.</summary>
    /// <returns>Its name, and rows and columns of a tile; null where there are more tiles than a grid has.</returns>
    internal static (string Text, int Tile)? Tiles(string text, GpuDescription device, long batch, long m, long n)
    {
        bool matrixUnits = device.Capability >= 80 && m >= LeastOfMatrixUnits && n >= LeastOfMatrixUnits;
        int tile = matrixUnits ? 128 : 64;
        return batch > MostGroups || (m + tile - 1) / tile > MostGroups ? null : (matrixUnits ? text + "Mma" : text, tile);
    }

    /// <summary>The grid of a product.</summary>
    internal static GpuGrid Grid(int tile, long batch, long m, long n) => new((n + tile - 1) / tile, (int)((m + tile - 1) / tile), (int)batch);

    /// <summary>The arguments that codes.h calls OUTPUT.</summary>
    /// <param name="run">The run.</param>
    /// <param name="m">Rows of A.</param>
    /// <param name="n">Rows of B.</param>
    /// <param name="k">Codes of a row.</param>
    /// <param name="batches">How many matrices A has, for a batch that counts on.</param>
    internal List<GpuArgument> Arguments(GpuRun run, long m, long n, long k, long batches)
    {
        List<GpuArgument> arguments =
            [run.Output(0), (int)run.Type(0).DType, (int)m, (int)n, (int)k, (int)batches, Flip(run, A), Flip(run, B)];
        foreach (int slot in (int[])[ZerosA, ZerosB, ScalesA, ScalesB, ScaleY, ZeroY, Bias])
        {
            (GpuBuffer? buffer, long offset, int step) = slot < 0 ? (null, 0, 0) : Row(run, slot);
            arguments.AddRange([GpuArgument.Of(buffer), offset, step]);
        }

        return arguments;
    }

    // What turns a word of codes into signed ones.
    private static uint Flip(GpuRun run, int slot) => run.Operand(slot).Type.DType == DType.U8 ? 0x80808080 : 0;

    // Numbers in a row: the first, and the step, 0 where all are the same element.
    private static (GpuBuffer Buffer, long Offset, int Step) Row(GpuRun run, int slot)
    {
        AffineView map = run.Operand(slot).Map;
        if (AffineCopy.Merge(map) is [(long extent, long stride)] && (extent == 1 || stride == 0))
        {
            return (run.Source(slot), map.Offset, 0);
        }

        (GpuBuffer buffer, long offset) = run.Contiguous(slot);
        return (buffer, offset, 1);
    }
}
