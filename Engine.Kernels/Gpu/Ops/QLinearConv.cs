using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Kernels of codes times windows of codes, as codes: the totals of ConvInteger.</summary>
internal static class QLinearConv
{
    internal static GpuOp? Of(NodeCall call, Engine.Ops.QLinearConv op, GpuDescription device) => ConvInteger.Of(
        call,
        op.Window,
        op.Groups,
        device,
        new CodeProduct(A: 3, ScalesA: 4, ZerosA: 5, B: 0, ScalesB: 1, ZerosB: 2, ScaleY: 6, ZeroY: 7, Bias: call.Inputs.Length == 9 ? 8 : -1));
}
