using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Ops;

/// <summary>Where the k largest elements of each row are, or the k smallest: each element counts those that go before it. Longer rows stay with the
/// processors.</summary>
internal static class TopK
{
    private const long LongestRow = 4096;

    internal static GpuOp? Of(NodeCall call, Engine.Ops.TopK op)
    {
        TensorType type = call.Inputs[0].Type;
        int n = (int)type.Shape[^1];
        return n > LongestRow ? null : run =>
        {
            (GpuBuffer x, long offset) = run.Contiguous(0);
            int count = (int)type.Elements;
            GpuBuffer keys = run.Rent((long)count * sizeof(long));
            run.LaunchEach("TopK", "order_keys", count, [x, (int)type.DType, offset, keys, count]);
            run.LaunchEach("TopK", "top_k", count, [keys, run.Output(0), count, n, (int)op.K, op.Smallest ? 1 : 0]);
        };
    }
}
