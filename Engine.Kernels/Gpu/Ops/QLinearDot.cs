using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Products;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Rows of codes A times rows of codes B, as codes: the totals of DotInteger.</summary>
internal static class QLinearDot
{
    internal static GpuOp? Of(NodeCall call, GpuDescription device) => DotInteger.Of(
        call, device, new CodeProduct(A: 0, ScalesA: 1, ZerosA: 2, B: 3, ScalesB: 4, ZerosB: 5, ScaleY: 6, ZeroY: 7));
}
