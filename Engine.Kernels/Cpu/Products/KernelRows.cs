using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The kernels W [M, C / groups, kernel..] of a convolution, as the micro-kernel reads them: for each group, panels of as many
/// rows as it takes at once, as even as they can be, each [k][rows].</summary>
/// <param name="w">W.</param>
/// <param name="groups">Groups.</param>
internal sealed unsafe class KernelRows<F>(Operand w, long groups)
    where F : unmanaged, IFloats<F>
{
    private const long PackAtOnce = 1 << 13;

    // A view may repeat a small parameter many times over; what is kept never exceeds what the parameters hold.
    private readonly Tensor? _kept = w.Parameter is not null && w.Type.Elements <= w.Parameter.Type.Elements ? w.Parameter : null;

    /// <summary>Length of the contraction.</summary>
    internal long Depth { get; } = w.Type.Shape.Product(1, w.Type.Shape.Rank);

    /// <summary>Rows of a group.</summary>
    internal long Rows { get; } = w.Type.Shape[0] / groups;

    /// <summary>Panels of a group.</summary>
    internal long Panels => (Rows + WindowKernel.MaxRows<F>() - 1) / WindowKernel.MaxRows<F>();

    /// <summary>First row of a panel, within its group.</summary>
    internal long First(long panel) => Rows * panel / Panels;

    /// <summary>W as the columns of a product.</summary>
    internal Factor<F, SingleSource> Columns(KernelRun run)
        => new(new SingleSource(W(run)), new Lines([(w.Type.Shape[0], Depth)], Depth, 1), w.Type.Shape[0], 1, w.Parameter, ("kernels", w.Map));

    /// <summary>All panels, made now if they are not kept.</summary>
    internal float* Place(KernelRun run)
    {
        if (_kept is not null)
        {
            object key = ("kernels", w.Map, groups, WindowKernel.MaxRows<F>());
            return run.Packed.Get(_kept, key, w.Type.Elements, address => Pack(run, (float*)address));
        }

        float* packed = run.Rent<float>(w.Type.Elements);
        Pack(run, packed);
        return packed;
    }

    /// <summary>W as f32, row-major.</summary>
    internal float* W(KernelRun run) => Ops.Conv.Singles(run, w);

    private void Pack(KernelRun run, float* to)
    {
        SingleSource source = new(W(run));
        run.ForRanges(groups * Panels, Math.Max(1, PackAtOnce / Math.Max(1, Depth)), (from, end, _) =>
        {
            for (long at = from; at < end; at++)
            {
                (long group, long panel) = Math.DivRem(at, Panels);
                long first = (group * Rows) + First(panel);
                long rows = First(panel + 1) - First(panel);
                for (long row = 0; row < rows; row++)
                {
                    Packing.Line(source, (first + row) * Depth, 1, first + row, to + (first * Depth) + row, rows, Depth);
                }
            }
        });
    }
}
