using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Reals as u8 codes with scale and zero point taken from their range: extremes of blocks, level by level, then the codes.</summary>
internal static class DynamicQuantizeLinear
{
    private const string Text = nameof(DynamicQuantizeLinear);
    private const int GroupSize = 256;

    internal static GpuOp? Of(NodeCall call) => call.Inputs[0].Type.Elements == 0 ? null : run => Run(run, (call.Node.Outputs.Length - 5) / 2);

    private static void Run(GpuRun run, int levels)
    {
        long count = run.Operand(0).Type.Elements;
        (GpuBuffer x, long first) = run.Contiguous(0);
        (GpuBuffer lows, GpuBuffer highs, long offset, long terms) = (x, x, first, count);
        for (int level = 0; level < levels; level++)
        {
            (GpuBuffer least, GpuBuffer most) = (run.Output(1 + level), run.Output(1 + levels + level));
            long blocks = (terms + Folds.Block - 1) / Folds.Block;
            run.Launch(Text, "extremes", new GpuGrid(blocks), lows, highs, offset, (int)terms, least, most);
            (lows, highs, offset, terms) = (least, most, 0, blocks);
        }

        int low = 1 + (2 * levels);
        (GpuBuffer scale, GpuBuffer zero) = (run.Output(low + 2), run.Output(low + 3));
        run.Launch(Text, "range", new GpuGrid(1), lows, highs, offset, (int)terms, run.Output(low), run.Output(low + 1), scale, zero);
        run.Launch(Text, "codes", new GpuGrid((count + GroupSize - 1) / GroupSize), x, first, run.Output(0), (int)count, scale, zero);
    }
}
