using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Products;

/// <summary>Products of matrices, <c>alpha·A·Bᵀ + beta·C</c>, results in row-major order: a kernel of Texts/Dot.cl chosen by shape. The bits are the same
/// whatever is chosen.</summary>
/// <param name="Type">Type of all elements.</param>
/// <param name="Batch">Number of products.</param>
/// <param name="Inner">Extent of the batch's inner axis.</param>
/// <param name="M">Rows of A.</param>
/// <param name="N">Rows of B.</param>
/// <param name="K">Columns of both.</param>
/// <param name="A">Matrices A.</param>
/// <param name="B">Matrices B.</param>
/// <param name="C">Matrices C, M rows, N columns, if there are any.</param>
/// <param name="Alpha">Factor of the product.</param>
/// <param name="Beta">Factor of C.</param>
internal sealed record Product(DType Type, int Batch, int Inner, int M, int N, int K, Matrices A, Matrices B, Matrices? C, float Alpha, float Beta)
{
    private const string Text = "Dot";
    private const long MostLength = 1L << 30;
    private const int GroupSize = 256;
    private const int PlainTile = 16;

    // What the kernel for few rows makes in a work-group.
    private const int FewRows = 8;
    private const int Columns = 128;

    // Bits of the kernels' layout.
    private const int AlongA = 1;
    private const int WideA = 2;
    private const int AlongB = 4;
    private const int WideB = 8;
    private const int Split = 16;
    private const int Turned = 32;
    private const int WideC = 64;

    /// <summary>Whether kernels can count so far.</summary>
    internal static bool Fits(long m, long n, long k) => m <= MostLength && n <= MostLength && k <= MostLength;

    /// <summary>Queues the kernels.</summary>
    internal void Run(GpuRun run, GpuBuffer y)
    {
        if (!Type.IsSingle())
        {
            RunPlain(run, y);
            return;
        }

        int blocks = Tiling.Blocks(K);
        if (blocks == 0)
        {
            Fold(run, y, 0, y);
        }
        else if (Math.Min(M, N) <= FewRows && (blocks == 1 || Tiling.Splits((long)Batch * M * N, blocks)))
        {
            int split = blocks > 1 ? Split : 0;
            if (M <= FewRows)
            {
                Run(run, "skinny", (N + (long)Columns - 1) / Columns, split, y);
            }
            else
            {
                Product turned = this with { M = N, N = M, A = B, B = A, C = C?.Turned };
                turned.Run(run, "skinny", (M + (long)Columns - 1) / Columns, split | Turned, y);
            }
        }
        else
        {
            Tiling tiling = Tiling.Of(M, N, Batch, blocks, run.Device.Description.Units);
            Run(run, tiling.IsLarge ? "large" : "small", tiling.Groups(M, N), tiling.IsSplit ? Split : 0, y);
        }
    }

    /// <summary>Joins the sums of blocks to totals; without any the totals are what they start from.</summary>
    /// <param name="run">The run.</param>
    /// <param name="sums">Sums [blocks, batch, M, N].</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="y">Where the totals go.</param>
    internal void Fold(GpuRun run, GpuBuffer sums, int blocks, GpuBuffer y)
    {
        int count = Batch * M * N;
        run.LaunchFollowed(
            Text,
            Tiling.Entry("fold", Type),
            new GpuGrid((count + (long)GroupSize - 1) / GroupSize),
            sums,
            (C ?? A).Buffer,
            y,
            count,
            blocks,
            M,
            N,
            Alpha,
            Beta,
            C is null ? 0 : 1,
            C?.Origin ?? 0,
            C?.Row ?? 0,
            C?.Column ?? 0,
            Inner,
            C?.Outer ?? 0,
            C?.Inner ?? 0);
    }

    private void Run(GpuRun run, string kernel, long groups, int layout, GpuBuffer y)
    {
        int blocks = Tiling.Blocks(K);
        bool isSplit = (layout & Split) != 0;
        long sums = (isSplit ? blocks : 1L) * Batch * M * N * sizeof(float);
        GpuBuffer totals = isSplit ? run.Rent(sums) : blocks > 1 ? run.Room(sums) : y;
        layout |= (A.IsAlongColumns ? AlongA : 0) | (A.IsWide ? WideA : 0) | (B.IsAlongColumns ? AlongB : 0) | (B.IsWide ? WideB : 0)
            | (C is { Column: 1, IsWide: true } ? WideC : 0);
        for (int first = 0; first < Batch; first += Tiling.MostGroups)
        {
            GpuGrid grid = new(groups, isSplit ? blocks : 1, Math.Min(Tiling.MostGroups, Batch - first));
            GpuArgument[] arguments = [A.Buffer, B.Buffer, (C ?? A).Buffer, y, totals, .. Sizes, first, Batch, layout, .. Places];
            if (isSplit)
            {
                run.Launch(Text, Tiling.Entry(kernel, Type), grid, arguments);
            }
            else
            {
                run.LaunchFollowed(Text, Tiling.Entry(kernel, Type), grid, arguments);
            }
        }

        if (isSplit)
        {
            Product whole = (layout & Turned) == 0 ? this : this with { M = N, N = M, C = C?.Turned };
            whole.Fold(run, totals, blocks, y);
        }
    }

    private void RunPlain(GpuRun run, GpuBuffer y)
    {
        string kernel = Type == DType.F64 ? "plain_f64" : $"plain{8 * Type.Size()}";
        long groups = ((M + (long)PlainTile - 1) / PlainTile) * ((N + (long)PlainTile - 1) / PlainTile);
        for (int first = 0; first < Batch; first += Tiling.MostGroups)
        {
            run.Launch(
                Text,
                kernel,
                new GpuGrid(groups, 1, Math.Min(Tiling.MostGroups, Batch - first)),
                [A.Buffer, B.Buffer, (C ?? A).Buffer, y, .. Sizes, first, .. Places]);
        }
    }

    private GpuArgument[] Sizes => [M, N, K, Alpha, Beta, C is null ? 0 : 1];

    private GpuArgument[] Places =>
    [
        A.Origin, A.Row, A.Column, B.Origin, B.Row, B.Column, C?.Origin ?? 0L, C?.Row ?? 0L, C?.Column ?? 0L,
        Inner, A.Outer, A.Inner, B.Outer, B.Inner, C?.Outer ?? 0L, C?.Inner ?? 0L,
    ];
}
