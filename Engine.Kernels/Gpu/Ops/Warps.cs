namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>How kernels that fold rows share their work: see Texts/folds.h.</summary>
internal static class Warps
{
    /// <summary>Terms of a block of a fold.</summary>
    internal const int Block = 4096;

    /// <summary>The longest row that one work-group folds: its blocks are one block of terms again.</summary>
    internal const long LongestRow = (long)Block * Block;

    /// <summary>Warps of a work-group.</summary>
    internal const int OfGroup = 8;

    /// <summary>Blocks of so many terms.</summary>
    internal static long Blocks(long terms) => (terms + Block - 1) / Block;

    /// <summary>Warps that fold a row: all of a work-group where it has more than a block.</summary>
    internal static int For(long terms) => terms > Block ? OfGroup : 1;

    /// <summary>What kernels for rows that have one warp, or all of a work-group, are called.</summary>
    internal static string Length(long terms) => For(terms) > 1 ? "long" : "short";

    /// <summary>Work-groups for rows that have so many warps each.</summary>
    internal static GpuGrid Grid(long rows, int warps) => new(((rows * warps) + OfGroup - 1) / OfGroup);
}
