using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Where the largest element of each row is, or the smallest: a launch for each auxiliary output, and one for what is left.</summary>
internal static class ArgMax
{
    internal static GpuOp Of(NodeCall call, Engine.Ops.ArgMax op)
    {
        TensorType type = call.Inputs[0].Type;
        int levels = (call.Node.Outputs.Length - 1) / 2;
        return run =>
        {
            Level level = new(run.Contiguous(0), type.DType, type.Shape[^1], null);
            for (int slot = 1; slot <= levels; slot++)
            {
                Find(run, op, level, slot, isKey: true);
                Find(run, op, level, levels + slot, isKey: false);
                level = new Level((run.Output(slot), 0), DType.I64, Warps.Blocks(level.Terms), run.Output(levels + slot));
            }

            Find(run, op, level, 0, isKey: false);
        };
    }

    private static void Find(GpuRun run, Engine.Ops.ArgMax op, Level level, int slot, bool isKey)
    {
        long blocks = slot == 0 ? 1 : Warps.Blocks(level.Terms);
        int count = (int)run.Type(slot).Elements;
        run.Launch(
            "ArgMax",
            "arg_max",
            Warps.Grid(count, 1),
            [
                level.Keys.Buffer, (int)level.Type, level.Keys.Offset, GpuArgument.Of(level.Places), run.Output(slot), count, (int)level.Terms, (int)blocks,
                op.Smallest ? 1 : 0, op.Last ? 1 : 0, isKey ? 1 : 0,
            ]);
    }

    // What is looked through: elements of X or keys, so many in a row, and the places of keys.
    private sealed record Level((GpuBuffer Buffer, long Offset) Keys, DType Type, long Terms, GpuBuffer? Places);
}
