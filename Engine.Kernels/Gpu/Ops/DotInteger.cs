using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows of codes A times rows of codes B, less their zero points. Few rows of A have a kernel of their own.</summary>
internal static class DotInteger
{
    private const int FewRows = 8;
    private const int ThinRows = 4;

    internal static GpuOp? Of(NodeCall call, GpuDescription device) => Of(call, device, new CodeProduct(A: 0, ZerosA: 2, B: 1, ZerosB: 3));

    /// <summary>Totals, or what is made of them.</summary>
    internal static GpuOp? Of(NodeCall call, GpuDescription device, CodeProduct product)
    {
        Shape shape = call.Node.Outputs[0].Shape;
        return CodeProduct.Tiles(nameof(DotInteger), device, shape.Product(0, shape.Rank - 2), shape[^2], shape[^1]) is (string text, int tile)
            ? run => Run(run, product, text, tile)
            : null;
    }

    private static void Run(GpuRun run, CodeProduct product, string text, int tile)
    {
        Shape shape = run.Type(0).Shape;
        long batch = shape.Product(0, shape.Rank - 2);
        int[] slots = [product.A, product.B];
        Rows[] rows = [.. slots.Select(slot => Rows.Of(run.Operand(slot).Map))];
        GpuBuffer[] sources = [.. slots.Select(run.Source)];
        long inner = Rows.InnerOf(rows);
        for (int side = 0; side < slots.Length; side++)
        {
            if (!rows[side].Fits(inner))
            {
                Operand operand = run.Operand(slots[side]);
                rows[side] = Rows.Of(AffineView.Identity(operand.Type.Shape));
                (sources[side], long offset) = run.Contiguous(slots[side]);
                rows[side] = rows[side] with { Offset = offset };
            }
        }

        long k = run.Operand(product.A).Type.Shape[^1];
        (long aOuter, long aInner) = rows[0].Steps(inner);
        (long bOuter, long bInner) = rows[1].Steps(inner);
        GpuArgument[] arguments =
        [
            sources[0], sources[1], .. product.Arguments(run, shape[^2], shape[^1], k, batch),
            rows[0].Offset, rows[0].Row, rows[0].Column, rows[1].Offset, rows[1].Row, rows[1].Column,
            (int)inner, aOuter, aInner, bOuter, bInner,
        ];
        if (shape[^2] > FewRows)
        {
            run.LaunchFollowed(text, "dot_codes", CodeProduct.Grid(tile, batch, shape[^2], shape[^1]), arguments);
            return;
        }

        int columns = rows[1].Column == 1 ? 8 : 32;
        GpuGrid groups = new((shape[^1] + columns - 1) / columns, (int)(shape[^2] + ThinRows - 1) / ThinRows, (int)batch);
        run.LaunchFollowed(nameof(DotInteger), "dot_codes_thin", groups, arguments);
    }
}
