using VerifiableCompute.Engine.Kernels.Cpu.Simd;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The kernels of one vector width.</summary>
internal interface IKernels
{
    /// <summary>Runs the node's kernel.</summary>
    /// <returns>False when there is none for this op and these types; nothing was done then.</returns>
    bool Run(KernelRun run);
}

/// <summary>From op to kernel.</summary>
/// <typeparam name="F">The vector width.</typeparam>
internal sealed class Kernels<F> : IKernels
    where F : unmanaged, IFloats<F>
{
    public bool Run(KernelRun run) => run.Call.Node.Op switch
    {
        Ops.Dot op => Dot.Run<F>(run, op),
        _ => false,
    };
}
