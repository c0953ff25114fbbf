using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Products;

/// <summary>How the tiles of Texts/product.h cover products. The numbers are guesses until somebody measures on hardware; they do not touch a bit.</summary>
/// <param name="IsLarge">128 × 128 instead of 64 × 64.</param>
/// <param name="IsSplit">Each block of k is a work-group's own, and its sums are joined afterwards.</param>
internal readonly record struct Tiling(bool IsLarge, bool IsSplit)
{
    /// <summary>Work-groups along the second and the third axis of a grid.</summary>
    internal const int MostGroups = 65535;

    // More bytes of sums are not worth it.
    private const long MostScratch = 1L << 28;

    // Shorter sides waste too much of a large tile; large tiles are for what gives each multiprocessor one, and blocks are split where small ones do not
    // give it two.
    private const int LongSide = 96;
    private const int GroupsAUnit = 2;

    /// <summary>Lines of a tile.</summary>
    internal int Size => IsLarge ? 128 : 64;

    /// <summary>The tiling of some products.</summary>
    /// <param name="m">Rows of each.</param>
    /// <param name="n">Columns of each.</param>
    /// <param name="batch">Number of products.</param>
    /// <param name="blocks">Blocks of k.</param>
    /// <param name="units">Multiprocessors of the device.</param>
    internal static Tiling Of(int m, int n, int batch, int blocks, int units)
    {
        bool isLarge = m >= LongSide && n >= LongSide && new Tiling(true, false).Groups(m, n) * batch >= units;
        bool isSplit = !isLarge && blocks > 1 && Splits((long)batch * m * n, blocks) && default(Tiling).Groups(m, n) * batch < GroupsAUnit * units;
        return new Tiling(isLarge, isSplit);
    }

    /// <summary>Whether the sums of all blocks may be kept.</summary>
    internal static bool Splits(long elements, int blocks) => blocks <= MostGroups && blocks * elements * sizeof(float) <= MostScratch;

    /// <summary>Blocks of k.</summary>
    internal static int Blocks(int k) => (k + Dots.Block - 1) / Dots.Block;

    /// <summary>The name of a kernel for a type.</summary>
    internal static string Entry(string kernel, DType type) => $"{kernel}_{(type == DType.F32 ? "f32" : type == DType.F16 ? "f16" : "bf16")}";

    /// <summary>Tiles of one product.</summary>
    internal long Groups(int m, int n) => ((m + (long)Size - 1) / Size) * ((n + (long)Size - 1) / Size);
}
