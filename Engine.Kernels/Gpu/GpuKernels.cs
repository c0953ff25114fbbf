using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>From op to what runs on a device.</summary>
internal static class GpuKernels
{
    /// <summary>What runs a node on a device, or null where its op has no kernel for these types, shapes or this device. Elementwise nodes are not
    /// here: see <see cref="Elementwise.Chain"/>.</summary>
    /// <param name="call">The node; its operands have maps and parameters, and no bytes.</param>
    /// <param name="device">What the device says of itself.</param>
    internal static GpuOp? Of(NodeCall call, GpuDescription device) => call.Node.Op switch
    {
        Engine.Ops.Copy => Ops.Copy.Of(call),
        Engine.Ops.Concat op => Ops.Concat.Of(call, op),
        Engine.Ops.ConvInteger op => Ops.ConvInteger.Of(call, op, device),
        Engine.Ops.Dot op => Ops.Dot.Of(call, op),
        Engine.Ops.DotInteger => Ops.DotInteger.Of(call, device),
        Engine.Ops.DynamicQuantizeLinear => Ops.DynamicQuantizeLinear.Of(call),
        Engine.Ops.QLinearConv op => Ops.QLinearConv.Of(call, op, device),
        Engine.Ops.QLinearDot => Ops.QLinearDot.Of(call, device),
        _ => null,
    };
}
