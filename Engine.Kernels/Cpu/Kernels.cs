using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The kernels of one vector width.</summary>
internal interface IKernels
{
    /// <summary>Runs the node's kernel.</summary>
    /// <returns>False when there is none for this op and these types; nothing was done then.</returns>
    bool Run(KernelRun run);

    /// <summary>The elementwise form of a node, or null where it has none.</summary>
    BlockOp? Block(NodeCall call);
}

/// <summary>From op to kernel.</summary>
/// <typeparam name="F">The vector width.</typeparam>
internal sealed class Kernels<F> : IKernels
    where F : unmanaged, IFloats<F>
{
    public bool Run(KernelRun run) => run.Call.Node.Op switch
    {
        Engine.Ops.Dot op when run.Scores is not null => Attention.Run<F>(run, op, run.Scores),
        Engine.Ops.Dot op => Ops.Dot.Run<F>(run, op),
        Engine.Ops.DotInteger => Ops.DotInteger.Run<F>(run),
        Engine.Ops.QLinearDot => Ops.QLinearDot.Run<F>(run),
        Engine.Ops.Conv => Ops.Conv.Run<F>(run),
        Engine.Ops.ConvInteger op => Ops.ConvInteger.Run<F>(run, op),
        Engine.Ops.QLinearConv op => Ops.QLinearConv.Run<F>(run, op),
        Engine.Ops.Recurrent op => Ops.Recurrent.Run<F>(run, op),
        Engine.Ops.Softmax op => Ops.Softmax.Run<F>(run, op),
        Engine.Ops.Norm op => Ops.Norm.Run<F>(run, op),
        Engine.Ops.BatchNorm op => Elementwise(run) || Ops.BatchNorm.Run<F>(run, op),
        Engine.Ops.Reduce op => Ops.Reduce.Run<F>(run, op),
        Engine.Ops.MaxPool op => Ops.MaxPool.Run(run, op),
        Engine.Ops.AveragePool => Ops.AveragePool.Run<F>(run),
        Engine.Ops.GlobalAveragePool => Ops.GlobalAveragePool.Run(run),
        Engine.Ops.DynamicQuantizeLinear => Ops.DynamicQuantizeLinear.Run<F>(run),
        Engine.Ops.Copy => Ops.Copy.Run(run),
        Engine.Ops.Concat op => Ops.Concat.Run(run, op),
        Engine.Ops.Gather op => Ops.Gather.Run(run, op),
        Engine.Ops.Scatter => WideRanges.Parts(run),
        Engine.Ops.TopK op => WideRanges.Rows(run, op.K),
        Engine.Ops.Resample op => Ops.Resample.Run<F>(run, op),
        _ => Elementwise(run),
    };

    public BlockOp? Block(NodeCall call) => BlockOps<F>.Of(call);

    private static bool Elementwise(KernelRun run)
    {
        Lone lone = run.Keep(static run => new Lone(BlockOps<F>.Of(run.Call), run));
        lone.Group?.Run(run);
        return lone.Runs;
    }

    // The group of a node that is alone; none where it has no block form, or no elements.
    private sealed class Lone(BlockOp? op, KernelRun run)
    {
        internal bool Runs => op is not null;

        internal Group? Group { get; } = op is null || run.Call.Node.Outputs[0].Elements == 0 ? null : Group.Of(run, op);
    }
}
