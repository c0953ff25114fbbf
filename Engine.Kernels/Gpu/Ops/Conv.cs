using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Kernels times windows, plus a bias, in f32, f16 and bf16 over up to three spatial axes. Kernels of one tap that take every element are
/// products of matrices; other windows are read where they lie, by tiles, or one element a work-item where a group has few kernels.</summary>
internal static class Conv
{
    private const int Axes = 3;
    private const int GroupSize = 256;
    private const long MostReach = 1L << 30;
    private const long MostTaps = 1L << 20;

    // Bits of the kernels' layout.
    private const int WideKernels = 2;
    private const int Split = 16;

    // Guesses: a group of fewer kernels leaves a tile empty; planes of fewer elements are better taken together for all images.
    private const int FewKernels = 16;
    private const int SmallPlane = 64;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.Conv op)
    {
        Shape x = call.Inputs[0].Type.Shape;
        Shape w = call.Inputs[1].Type.Shape;
        Window window = op.Window;
        bool reaches = Enumerable.Range(0, window.Axes).All(axis =>
            Math.Abs(window.PadsBegin[axis]) + (window.Output[axis] * window.Strides[axis]) + (window.Kernel[axis] * window.Dilations[axis]) < MostReach);
        bool suits = call.Node.Outputs[0].DType.IsSingle() && window.Axes <= Axes && window.Taps <= MostTaps && reaches && x.Elements > 0
            && op.Groups <= Tiling.MostGroups && w.Elements / w[0] <= MostReach;
        return suits ? run => Run(run, op) : null;
    }

    private static void Run(GpuRun run, Engine.Ops.Conv op)
    {
        Shape x = run.Operand(0).Type.Shape;
        Shape y = run.Type(0).Shape;
        int groups = (int)op.Groups;
        int rows = (int)y[1] / groups;
        int plane = (int)y.Product(2, y.Rank);
        int images = (int)y[0];
        int depth = (int)run.Operand(1).Type.Shape.Product(1, y.Rank);
        Matrices kernels = MatricesOf(run, 1, depth, 1, 0, (long)rows * depth);
        Matrices? bias = run.Operands == 3 ? MatricesOf(run, 2, 1, 0, 0, rows) : null;
        Matrices taken = MatricesOf(run, 0, 1, plane, x[1] * plane, (long)depth * plane);
        Product product = new(run.Type(0).DType, images * groups, groups, rows, plane, depth, kernels, taken, bias, 1, 1);
        if (TakesEveryElement(op.Window, x) && (plane >= SmallPlane || images == 1))
        {
            product.Run(run, run.Output(0));
        }
        else
        {
            Run(run, op, product, images);
        }
    }

    private static void Run(GpuRun run, Engine.Ops.Conv op, Product product, int images)
    {
        GpuBuffer y = run.Output(0);
        Shape x = run.Operand(0).Type.Shape;
        Shape shape = run.Type(0).Shape;
        int blocks = Tiling.Blocks(product.K);
        bool isDirect = product.M < FewKernels;
        Tiling tiling = Tiling.Of(product.M, images * product.N, product.Inner, blocks, run.Device.Description.Units);
        string kernel = isDirect ? "direct" : tiling.IsLarge ? "large" : "small";
        bool isSplit = !isDirect && tiling.IsSplit;
        long groups = isDirect ? (shape.Elements + GroupSize - 1) / GroupSize : tiling.Groups(product.M, images * product.N);
        long sums = shape.Elements * sizeof(float);
        GpuBuffer totals = isSplit ? run.Rent(blocks * sums) : !isDirect && blocks > 1 ? run.Room(sums) : y;
        int layout = (product.A.IsWide ? WideKernels : 0) | (isSplit ? Split : 0);
        GpuGrid grid = isDirect ? new GpuGrid(groups) : new GpuGrid(groups, isSplit ? blocks : 1, product.Inner);
        GpuArgument[] arguments =
        [
            product.B.Buffer, product.A.Buffer, (product.C ?? product.A).Buffer, y, totals, run.Table(Taps(op.Window)),
            product.B.Origin, product.A.Origin, product.C?.Origin ?? 0L, product.C is null ? 0 : 1, layout,
            (int)shape[1], (int)x[1], product.Inner, images,
            .. Three(shape.Extents[2..], 1), .. Three(x.Extents[2..], 1), .. Three(op.Window.Strides.AsSpan(), 1),
            .. Three(op.Window.PadsBegin.AsSpan(), 0), (int)op.Window.Taps,
        ];
        if (isSplit)
        {
            run.Launch("Conv", Tiling.Entry(kernel, product.Type), grid, arguments);
            product.Fold(run, totals, blocks, y);
        }
        else
        {
            run.LaunchFollowed("Conv", Tiling.Entry(kernel, product.Type), grid, arguments);
        }
    }

    private static Matrices MatricesOf(GpuRun run, int slot, long row, long column, long outer, long inner)
    {
        (GpuBuffer buffer, long origin) = run.Contiguous(slot);
        return new Matrices(buffer, origin, row, column, outer, inner);
    }

    private static bool TakesEveryElement(Window window, Shape x)
        => window.Taps == 1 && window.Strides.All(stride => stride == 1) && window.PadsBegin.All(pad => pad == 0)
            && window.Output.AsSpan().SequenceEqual(x.Extents[2..]);

    // Distances of each tap from the first one, row-major, three for each.
    private static int[] Taps(Window window)
    {
        int missing = Axes - window.Axes;
        List<int> taps = [];
        for (long tap = 0; tap < window.Taps; tap++)
        {
            int[] place = new int[Axes];
            long rest = tap;
            for (int axis = window.Axes - 1; axis >= 0; axis--)
            {
                (rest, long at) = Math.DivRem(rest, window.Kernel[axis]);
                place[missing + axis] = (int)(at * window.Dilations[axis]);
            }

            taps.AddRange(place);
        }

        return [.. taps];
    }

    // Axes that are missing are the first ones.
    private static GpuArgument[] Three(ReadOnlySpan<long> extents, long missing)
    {
        GpuArgument[] three = new GpuArgument[Axes];
        for (int axis = 0; axis < Axes; axis++)
        {
            int from = axis - (Axes - extents.Length);
            three[axis] = (int)(from < 0 ? missing : extents[from]);
        }

        return three;
    }
}
