using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Kernels of codes times windows of codes, less their zero points: a product whose rows B are the windows. Groups of few kernels have a
/// work-item for each total.</summary>
internal static class ConvInteger
{
    private const int Axes = 3;
    private const int FewKernels = 8;
    private const int GroupSize = 256;
    private const long Farthest = 1 << 30;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.ConvInteger op, GpuDescription device)
        => Of(call, op.Window, op.Groups, device, new CodeProduct(A: 1, ZerosA: 3, B: 0, ZerosB: 2));

    /// <summary>Totals, or what is made of them: A are the kernels, B is the image.</summary>
    internal static GpuOp? Of(NodeCall call, Window window, long groups, GpuDescription device, CodeProduct product)
    {
        Shape x = call.Inputs[product.B].Type.Shape;
        Shape y = call.Node.Outputs[0].Shape;
        bool fits = window.Axes <= Axes && Enumerable.Range(0, window.Axes).All(axis => Reach(window, axis) < Farthest && x[axis + 2] < Farthest);
        if (!fits)
        {
            return null;
        }

        long m = y[1] / groups;
        (string Text, int Tile)? tiles = m < FewKernels ? null : CodeProduct.Tiles(
            nameof(ConvInteger), device, x[0] * groups, m, y.Product(2, y.Rank));
        return run => Run(run, window, groups, product, tiles);
    }

    private static void Run(GpuRun run, Window window, long groups, CodeProduct product, (string Text, int Tile)? tiles)
    {
        Shape x = run.Operand(product.B).Type.Shape;
        Shape w = run.Operand(product.A).Type.Shape;
        Shape y = run.Type(0).Shape;
        long m = y[1] / groups;
        long n = y.Product(2, y.Rank);
        long batch = x[0] * groups;
        (GpuBuffer kernels, long w0) = run.Contiguous(product.A);
        (GpuBuffer image, long x0) = run.Contiguous(product.B);
        List<GpuArgument> arguments =
        [
            kernels, image, .. product.Arguments(run, m, n, w.Product(1, w.Rank), groups), w0, x0, (int)w[1],
            .. new[] { [.. x.Extents[2..]], window.Output, window.Kernel }.SelectMany(list => Padded(list, 1)),
            .. new[] { window.Strides, window.Dilations }.SelectMany(list => Padded(list, 1)), .. Padded(window.PadsBegin, 0),
        ];
        if (tiles is (string text, int tile))
        {
            run.LaunchFollowed(text, "conv_codes", CodeProduct.Grid(tile, batch, m, n), [.. arguments]);
            return;
        }

        arguments.Add((int)y.Elements);
        run.LaunchFollowed(nameof(ConvInteger), "conv_codes_each", new GpuGrid((y.Elements + GroupSize - 1) / GroupSize), [.. arguments]);
    }

    // As many axes as the kernel has, the first ones of no effect.
    private static IEnumerable<GpuArgument> Padded(ImmutableArray<long> list, int neutral)
        => Enumerable.Repeat<long>(neutral, Axes - list.Length).Concat(list).Select(number => (GpuArgument)(int)number);

    // How far from X's first element a tap may lie.
    private static long Reach(Window window, int axis)
        => (window.Output[axis] * window.Strides[axis]) + (window.Kernel[axis] * window.Dilations[axis]) + System.Math.Abs(window.PadsBegin[axis]);
}
