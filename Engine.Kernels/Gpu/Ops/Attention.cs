using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Gpu.Products;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Dot, elementwise ops, Softmax and Dot, where nobody else sees the scores, in f32: 64 rows of scores at a time for each work-group, in scratch that
/// it uses again. Few rows (at most eight, or tiles that do not give each multiprocessor one) are made by the kernels of Dot, which cover the device with
/// columns and blocks of k too; chain and softmax are one launch then.</summary>
/// <param name="Scores">The first product, its operands without bytes.</param>
/// <param name="Between">What is done to the scores, if anything is.</param>
/// <param name="Others">The operands of that.</param>
/// <param name="Sums">The second product.</param>
internal sealed record Attention(NodeCall Scores, Chain? Between, ImmutableArray<Operand> Others, NodeCall Sums)
{
    private const string Text = "Attention";
    private const int TileRows = 64;
    private const int FewRows = 8;
    private const int MostOperands = 6;

    // Work-groups that a multiprocessor has room for, and scratch that is not worth more than one for each.
    private const int GroupsAUnit = 2;
    private const long MostScratch = 1L << 28;

    // A row has a work-group of its own where it is long, or rows are too few to give each multiprocessor eight.
    private const int LongRow = 1024;

    /// <summary>The operands of a run: queries, keys, values, then <see cref="Others"/>.</summary>
    internal ImmutableArray<Operand> Operands => [Scores.Inputs[0], Scores.Inputs[1], Sums.Inputs[1], .. Others];

    private TensorType Type => Scores.Node.Outputs[0];

    private int M => (int)Type.Shape[^2];

    private int N => (int)Type.Shape[^1];

    private int Rows => (int)Type.Shape.Product(0, Type.Shape.Rank - 1);

    private int Batch => Rows / M;

    // Only f32 arithmetic of what the step before gave and an operand, or a choice between these by a truth value.
    private bool IsQuick => Between is not null && Enumerable.Range(0, Between.Steps.Count / Chain.StepInts).All(step =>
    {
        int[] words = [.. Between.Steps.Skip(step * Chain.StepInts).Take(Chain.StepInts)];
        DType[] types = [.. words[1..4].Where(source => source >= 0).Select(source => Others[source].Type.DType)];
        return (DType)words[4] == DType.F32
            && (Step.IsArithmetic(words[0]) ? types is [DType.F32] : Step.IsChoice(words[0]) && words[1] >= 0 && types is [DType.Bool, DType.F32]);
    });

    /// <summary>What runs it, or null where the kernels cannot.</summary>
    internal GpuOp? Op()
    {
        long width = Sums.Inputs[1].Type.Shape[^2];
        bool fits = Product.Fits(Type.Shape[^2], Type.Shape[^1], Scores.Inputs[0].Type.Shape[^1]) && Product.Fits(0, width, 0)
            && Type.Shape[^1] <= Warps.LongestRow && (Between is null || (!Between.HasFunctions && Others.Length <= MostOperands))
            && Operands.Skip(3).All(operand => operand.Type.Shape.Rank > 0 && operand.Type.Shape[^1] == Type.Shape[^1]);
        return fits ? Run : null;
    }

    private void Run(GpuRun run)
    {
        Matrices[] sides = Matrices.Of(run, [0, 1, 2], out int inner);
        (GpuBuffer program, int steps) = Program(run);
        int tiles = Batch * ((M + TileRows - 1) / TileRows);
        int units = run.Device.Description.Units;
        if ((M <= FewRows || tiles < units) && Type.Elements <= GpuStage.MostElements && Type.Bytes <= run.Device.Description.LargestBuffer)
        {
            GpuBuffer scores = run.Rent(Type.Bytes);
            float alpha = ((Engine.Ops.Dot)Scores.Node.Op).Alpha;
            Product first = new(DType.F32, Batch, inner, M, N, (int)Scores.Inputs[0].Type.Shape[^1], sides[0], sides[1], null, alpha, 0);
            first.Run(run, scores);
            bool isLong = N > LongRow || Rows < FewRows * units;
            run.Launch(
                Text,
                isLong ? "weigh_long" : "weigh_short",
                Warps.Grid(Rows, isLong ? Warps.OfGroup : 1),
                [scores, Rows, N, steps, .. ChainOf(run, program)]);
            Matrices weights = Matrices.Of(scores, Products.Rows.Of(AffineView.Identity(Type.Shape)), inner);
            new Product(DType.F32, Batch, inner, M, Width(run), N, weights, sides[2], null, ((Engine.Ops.Dot)Sums.Node.Op).Alpha, 0).Run(run, run.Output(0));
            return;
        }

        RunTiles(run, sides, inner, tiles, program, steps);
    }

    private void RunTiles(GpuRun run, Matrices[] sides, int inner, int tiles, GpuBuffer program, int steps)
    {
        int pitch = (N + 3) & ~3;
        long tileBytes = (long)TileRows * pitch * sizeof(float);
        GpuDescription device = run.Device.Description;
        long room = Math.Min(Math.Max(device.Units * tileBytes, MostScratch), device.LargestBuffer);
        int groups = (int)Math.Clamp(room / tileBytes, 1, Math.Max(1, Math.Min(tiles, device.Units * GroupsAUnit)));
        int layout = sides.Select((side, slot) => (side.IsAlongColumns ? 1 << (2 * slot) : 0) | (side.IsWide ? 2 << (2 * slot) : 0)).Sum();
        run.Launch(
            Text,
            "attention",
            new GpuGrid(groups),
            [
                sides[0].Buffer, sides[1].Buffer, sides[2].Buffer, run.Output(0), run.Rent(groups * tileBytes),
                M, N, (int)Scores.Inputs[0].Type.Shape[^1], Width(run), tiles, pitch,
                ((Engine.Ops.Dot)Scores.Node.Op).Alpha, ((Engine.Ops.Dot)Sums.Node.Op).Alpha, layout,
                .. sides.SelectMany(side => new GpuArgument[] { side.Origin, side.Row, side.Column }),
                inner,
                .. sides.SelectMany(side => new GpuArgument[] { side.Outer, side.Inner }),
                steps, .. ChainOf(run, program),
            ]);
    }

    private static int Width(GpuRun run) => (int)run.Type(0).Shape[^1];

    // The steps, and where rows of operands begin: see Texts/Attention.cl.
    private (GpuBuffer Program, int Steps) Program(GpuRun run)
    {
        if (Between is null)
        {
            return (run.Output(0), 0);
        }

        List<int> program = [.. Between.Steps];
        foreach (Operand operand in Others)
        {
            AffineView map = operand.Map;
            List<(long Extent, long Stride)> axes = AffineCopy.Merge(new AffineView(new Shape(map.Shape.Extents[..^1]), 0, map.Strides[..^1]));
            program.AddRange([(int)operand.Type.DType, (int)map.Offset, N == 1 ? 0 : (int)map.Strides[^1], axes.Count]);
            for (int axis = 0; axis < Limits.Rank; axis++)
            {
                (long extent, long stride) = axis < axes.Count ? axes[^(axis + 1)] : (1, 0);
                program.AddRange([(int)extent, extent == 1 ? 0 : (int)stride]);
            }
        }

        return (run.Table([.. program]), Between.Steps.Count / Chain.StepInts);
    }

    // Number of operands, whether it is quick, the program, and a buffer for each operand that there may be.
    private GpuArgument[] ChainOf(GpuRun run, GpuBuffer program)
    {
        IEnumerable<GpuBuffer> buffers = Enumerable.Range(3, MostOperands).Select(slot => slot < run.Operands ? run.Source(slot) : program);
        return [Others.Length, IsQuick ? 1 : 0, program, .. buffers.Select(buffer => (GpuArgument)buffer)];
    }
}
