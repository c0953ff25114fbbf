using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>From op to what runs on a device.</summary>
internal static class GpuKernels
{
    /// <summary>Whether the kernels of a node's op run a chain on what they make: products of reals below f64, and of codes.</summary>
    internal static bool MayBeFollowed(Node node) => node.Op is Engine.Ops.Conv or Engine.Ops.ConvInteger or Engine.Ops.DotInteger or Engine.Ops.QLinearConv
        or Engine.Ops.QLinearDot || (node.Op is Engine.Ops.Dot && node.Outputs[0].DType.IsSingle());

    /// <summary>What runs a node on a device, or null where its op has no kernel for these types, shapes or this device. Elementwise nodes are not
    /// here: see <see cref="Elementwise.Chain"/>.</summary>
    /// <param name="call">The node; its operands have maps and parameters, and no bytes.</param>
    /// <param name="device">What the device says of itself.</param>
    internal static GpuOp? Of(NodeCall call, GpuDescription device) => call.Node.Op switch
    {
        Engine.Ops.ArgMax op => Ops.ArgMax.Of(call, op),
        Engine.Ops.AveragePool op => Ops.AveragePool.Of(call, op),
        Engine.Ops.BatchNorm op => Ops.BatchNorm.Of(call, op),
        Engine.Ops.Concat op => Ops.Concat.Of(call, op),
        Engine.Ops.Conv op => Ops.Conv.Of(call, op),
        Engine.Ops.ConvInteger op => Ops.ConvInteger.Of(call, op, device),
        Engine.Ops.Copy => Ops.Copy.Of(call),
        Engine.Ops.Cumulate op => Ops.Cumulate.Of(call, op),
        Engine.Ops.Dot op => Ops.Dot.Of(call, op),
        Engine.Ops.DotInteger => Ops.DotInteger.Of(call, device),
        Engine.Ops.DynamicQuantizeLinear => Ops.DynamicQuantizeLinear.Of(call),
        Engine.Ops.Gather op => Ops.Gather.Of(call, op),
        Engine.Ops.GatherElements op => Ops.GatherElements.Of(call, op),
        Engine.Ops.GlobalAveragePool => Ops.GlobalAveragePool.Of(call),
        Engine.Ops.MaxPool op => Ops.MaxPool.Of(call, op),
        Engine.Ops.Norm op => Ops.Norm.Of(call, op),
        Engine.Ops.QLinearConv op => Ops.QLinearConv.Of(call, op, device),
        Engine.Ops.QLinearDot => Ops.QLinearDot.Of(call, device),
        Engine.Ops.Range => Ops.Range.Of(call),
        Engine.Ops.Reduce op => Ops.Reduce.Of(call, op),
        Engine.Ops.Resample op => Ops.Resample.Of(call, op),
        Engine.Ops.Scatter op => Ops.Scatter.Of(call, op),
        Engine.Ops.Softmax op => Ops.Softmax.Of(call, op),
        Engine.Ops.TopK op => Ops.TopK.Of(call, op),
        _ => null,
    };
}
