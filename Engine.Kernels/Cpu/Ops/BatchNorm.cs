using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/BatchNorm.cs: k = gamma * (1 / sqrt(variance + eps)); t = beta - mean * k; y = x * k + t, never fused.
//

/// <summary>Each channel scaled and shifted by given statistics.</summary>
internal static unsafe class BatchNorm
{
    private const long LeastElements = 8192;

    internal static bool Run<F>(KernelRun run, Engine.Ops.BatchNorm op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        DType type = operand.Type.DType;
        if (!type.IsSingle() || operand.Type.Elements == 0)
        {
            return false;
        }

        long channels = operand.Type.Shape[1];
        long plane = operand.Type.Shape.Product(2, operand.Type.Shape.Rank);
        float* k = Line(run, 1, channels);
        float* t = Line(run, 2, channels);
        float* mean = Line(run, 3, channels);
        float* variance = Line(run, 4, channels);
        float* factor = run.Rent<float>(channels);
        float* shift = run.Rent<float>(channels);
        for (long channel = 0; channel < channels; channel++)
        {
            factor[channel] = k[channel] * (1f / float.Sqrt(variance[channel] + op.Epsilon));
            shift[channel] = t[channel] - (mean[channel] * factor[channel]);
        }

        Blocks blocks = new(run, operand);
        void* y = run.Output<byte>(0);
        float* room = run.Rent<float>(run.Workers * 2L * Blocks.Elements);
        run.ForRanges(operand.Type.Elements / plane, Math.Max(1, LeastElements / plane), (first, end, worker) =>
        {
            float* own = room + (worker * 2L * Blocks.Elements);
            for (long unit = first; unit < end; unit++)
            {
                Affine map = new(factor[unit % channels], shift[unit % channels]);
                for (long done = 0; done < plane; done += Blocks.Elements)
                {
                    long start = (unit * plane) + done;
                    int count = (int)Math.Min(Blocks.Elements, plane - done);
                    float* x = blocks.Singles(start, count, own);
                    float* result = type == DType.F32 ? (float*)y + start : own + Blocks.Elements;
                    Singles.Loop<F, Affine>(map, x, result, count);
                    if (type != DType.F32)
                    {
                        Blocks.Store(type, result, count, y, start);
                    }
                }
            }
        });
        return true;
    }

    private static float* Line(KernelRun run, int slot, long n)
        => new Blocks(run, run.Call.Inputs[slot]).Singles(0, (int)n, run.Rent<float>(n));

    private readonly struct Affine(float k, float t) : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => (x * F.Of(k)) + F.Of(t);
    }
}
