using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>From op to what runs on a device.</summary>
internal static class GpuKernels
{
    /// <summary>What runs a node on a device, or null where its op has no kernel for these types, shapes or this device. Elementwise nodes are not
    /// here: see <see cref="Elementwise.Chain"/>.</summary>
    /// <param name="call">The node; its operands have maps and parameters, and no bytes.</param>
    internal static GpuOp? Of(NodeCall call) => call.Node.Op switch
    {
        Engine.Ops.Copy => Ops.Copy.Of(call),
        Engine.Ops.Concat op => Ops.Concat.Of(call, op),
        Engine.Ops.Dot op => Ops.Dot.Of(call, op),
        Engine.Ops.Conv op => Ops.Conv.Of(call, op),
        _ => null,
    };
}
