using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/RoiAlign.cs for averages of f32. All channels have the same points, so they are the lanes:
//
//    X  [N][C][H * W]  ->  [N][H * W][C, rounded up]  --points-->  [bins][C, rounded up]  ->  Y  [R][C][bins]
//

/// <summary>Averages of points in the bins of boxes.</summary>
internal static unsafe class RoiAlign
{
    private const int Side = 16;
    private const long LargestBox = 1 << 20;

    internal static bool Run<F>(KernelRun run, Engine.Ops.RoiAlign op)
        where F : unmanaged, IFloats<F>
    {
        Operand operand = run.Call.Inputs[0];
        Shape shape = operand.Type.Shape;
        long bins = op.Height * op.Width;
        long stride = (shape[1] + Side - 1) / Side * Side;
        if (operand.Type.DType != DType.F32 || op.Pooling != RoiPooling.Average || operand.Type.Elements == 0
            || run.Call.Node.Outputs[0].Elements == 0 || bins * stride > LargestBox)
        {
            return false;
        }

        float* boxes = run.Contiguous<float>(run.Call.Inputs[1]);
        long* batch = Batch(run, run.Call.Inputs[2]);
        float* turned = Turned(run, operand, stride);
        float* y = run.Output<float>(0);
        float* room = run.Rent<float>(run.Workers * bins * stride);
        run.ForRanges(run.Call.Node.Outputs[0].Shape[0], 1, (first, end, worker) =>
        {
            float* own = room + (worker * bins * stride);
            for (long roi = first; roi < end; roi++)
            {
                float* x = turned + (Math.Clamp(batch[roi], 0, shape[0] - 1) * shape[2] * shape[3] * stride);
                Box<F>(op, x, shape, stride, boxes + (roi * 4), own);
                Transposition.Run(own, stride, y + (roi * shape[1] * bins), bins, bins, shape[1]);
            }
        });
        return true;
    }

    private static void Box<F>(Engine.Ops.RoiAlign op, float* x, Shape shape, long stride, float* box, float* bin)
        where F : unmanaged, IFloats<F>
    {
        RoiAxis rows = new(shape[2], op.Height, op.Samples);
        RoiAxis columns = new(shape[3], op.Width, op.Samples);
        for (long row = 0; row < op.Height; row++)
        {
            rows.MoveTo(op.Edge(box[1]), op.Edge(box[3]), op.HalfPixel, row);
            for (long column = 0; column < op.Width; column++, bin += stride)
            {
                columns.MoveTo(op.Edge(box[0]), op.Edge(box[2]), op.HalfPixel, column);
                new Span<float>(bin, (int)stride).Clear();
                for (long i = rows.First; i < rows.End; i++)
                {
                    if (!rows.TryFind(i, out long top, out long bottom, out double weightTop, out double weightBottom))
                    {
                        continue;
                    }

                    for (long j = columns.First; j < columns.End; j++)
                    {
                        if (columns.TryFind(j, out long left, out long right, out double weightLeft, out double weightRight))
                        {
                            float* upper = x + (top * shape[3] * stride);
                            float* lower = x + (bottom * shape[3] * stride);
                            Point<F>(
                                upper + (left * stride),
                                upper + (right * stride),
                                lower + (left * stride),
                                lower + (right * stride),
                                (float)(weightTop * weightLeft),
                                (float)(weightTop * weightRight),
                                (float)(weightBottom * weightLeft),
                                (float)(weightBottom * weightRight),
                                bin,
                                stride);
                        }
                    }
                }

                Divide<F>(bin, (float)Math.Max(1, rows.Points * (double)columns.Points), stride);
            }
        }
    }

    // total = total + s, where s = fma of the four, from +0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Point<F>(
        float* a, float* b, float* c, float* d, float weightA, float weightB, float weightC, float weightD, float* totals, long count)
        where F : unmanaged, IFloats<F>
    {
        (F wa, F wb, F wc, F wd) = (F.Of(weightA), F.Of(weightB), F.Of(weightC), F.Of(weightD));
        for (long i = 0; i < count; i += F.Lanes)
        {
            F s = F.Fma(wa, F.Load(a + i), default);
            s = F.Fma(wb, F.Load(b + i), s);
            s = F.Fma(wc, F.Load(c + i), s);
            s = F.Fma(wd, F.Load(d + i), s);
            F.Store(totals + i, F.Load(totals + i) + s);
        }
    }

    private static void Divide<F>(float* totals, float by, long count)
        where F : unmanaged, IFloats<F>
    {
        for (long i = 0; i < count; i += F.Lanes)
        {
            F.Store(totals + i, F.Canonical(F.Load(totals + i) / F.Of(by)));
        }
    }

    private static float* Turned(KernelRun run, Operand operand, long stride)
    {
        Shape shape = operand.Type.Shape;
        long plane = shape[2] * shape[3];
        float* x = run.Contiguous<float>(operand);
        float* turned = run.Rent<float>(shape[0] * plane * stride);
        long parts = (plane + Side - 1) / Side;
        run.ForRanges(shape[0] * parts, Side, (first, end, _) =>
        {
            for (long unit = first; unit < end; unit++)
            {
                (long image, long part) = Math.DivRem(unit, parts);
                long at = part * Side;
                Transposition.Run(
                    x + (image * shape[1] * plane) + at,
                    plane,
                    turned + (((image * plane) + at) * stride),
                    stride,
                    shape[1],
                    Math.Min(Side, plane - at));
            }
        });
        return turned;
    }

    private static long* Batch(KernelRun run, Operand operand)
    {
        if (operand.Type.DType == DType.I64)
        {
            return run.Contiguous<long>(operand);
        }

        int* narrow = run.Contiguous<int>(operand);
        long* wide = run.Rent<long>(operand.Type.Elements);
        for (long i = 0; i < operand.Type.Elements; i++)
        {
            wide[i] = narrow[i];
        }

        return wide;
    }
}
