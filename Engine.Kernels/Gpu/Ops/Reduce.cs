using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>The last axes made one number each: a launch for each level of blocks, and one for what is left. Logarithms have no kernel in f64.</summary>
internal static class Reduce
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.Reduce op)
        => call.Inputs[0].Type.DType == DType.F64 && op.Kind is Reduction.LogSum or Reduction.LogSumExp ? null : run => Run(run, op);

    private static void Run(GpuRun run, Engine.Ops.Reduce op)
    {
        TensorType x = run.Operand(0).Type;
        Rows rows = new(run, x.DType, run.Type(0).Elements, x.Shape.Product(x.Shape.Rank - op.Axes, x.Shape.Rank));
        (GpuBuffer buffer, long offset) = run.Contiguous(0);
        int levels = 0;
        for (long blocks = rows.Terms; blocks > Warps.Block; blocks = Warps.Blocks(blocks))
        {
            levels++;
        }

        bool hasMaximum = op.Kind == Reduction.LogSumExp;
        if (hasMaximum)
        {
            Fold(rows, Reduction.Max, buffer, offset, [.. Slots(1, levels), 1 + levels], null);
        }

        int first = hasMaximum ? 2 + levels : 1;
        Fold(rows, op.Kind, buffer, offset, [.. Slots(first, levels), 0], hasMaximum ? run.Output(1 + levels) : null);
    }

    // Level after level into the outputs of the given slots.
    private static void Fold(Rows rows, Reduction kind, GpuBuffer x, long offset, IReadOnlyList<int> slots, GpuBuffer? maximum)
    {
        GpuRun run = rows.Run;
        DType type = rows.Type;
        long terms = rows.Terms;
        for (int level = 0; level < slots.Count; level++)
        {
            bool isElement = level == 0;
            bool isY = slots[level] == 0;
            long blocks = terms > Warps.Block ? Warps.Blocks(terms) : 1;
            long count = rows.Count * blocks;
            GpuBuffer y = run.Output(slots[level]);
            List<GpuArgument> arguments =
            [
                x, (int)type, offset, y, (int)run.Type(slots[level]).DType, (int)count, (int)terms, (int)blocks,
                (int)kind, isElement ? 1 : 0, isY ? 1 : 0, (int)rows.Terms,
            ];
            string how = kind switch
            {
                Reduction.Prod => "prod",
                Reduction.Max => "max",
                Reduction.Min => "min",
                _ => "sum",
            };
            if (rows.Type.IsReal())
            {
                arguments.Add(GpuArgument.Of(maximum));
                run.Launch("Reduce", $"reduce_{how}_{(rows.Type == DType.F64 ? "f64" : "f32")}", Warps.Grid(count, 1), [.. arguments]);
            }
            else
            {
                (long low, long high) = rows.Type == DType.Bool ? (0, 1) : rows.Type.IntegerRange();
                (int code, long neutral) = how switch
                {
                    "prod" => (1, 1L),
                    "max" => (2, low),
                    "min" => (3, high),
                    _ => (0, 0L),
                };
                run.Launch("Reduce", "reduce_int", Warps.Grid(count, 1), [.. arguments, code, (int)rows.Type, neutral]);
            }

            (x, offset, type, terms) = (y, 0, run.Type(slots[level]).DType, blocks);
        }
    }

    private static IEnumerable<int> Slots(int first, int count) => System.Linq.Enumerable.Range(first, count);

    // Rows of X: their number, and how many terms one has.
    private sealed record Rows(GpuRun Run, DType Type, long Count, long Terms);
}
