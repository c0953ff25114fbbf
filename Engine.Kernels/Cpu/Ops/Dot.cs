using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Dot.cs for f32, f16 and bf16: panels of A and B, then the micro-kernel. A parameter is packed once; an
//  activation is packed at each run, straight from its map; a row-major B that few rows meet is read where it lies.
//

/// <summary>Rows of A times rows of B.</summary>
internal static unsafe class Dot
{
    internal static bool Run<F>(KernelRun run, Engine.Ops.Dot op)
        where F : unmanaged, IFloats<F>
    {
        Operand a = run.Call.Inputs[0];
        Operand b = run.Call.Inputs[1];
        Operand? c = run.Call.Inputs.Length == 3 ? run.Call.Inputs[2] : null;
        Lines? startRows = c is null ? null : Lines.Of(c.Map);
        long columns = b.Type.Shape[^2];
        switch (a.Type.DType)
        {
            case DType.F32:
                Start? start = c is null ? null : new Start((nint)run.Pointer<float>(c), startRows!, op.Beta);
                Batches<F, SingleSource, SingleStore>(
                    run,
                    a,
                    new SingleSource(run.Pointer<float>(a)),
                    b,
                    new SingleSource(run.Pointer<float>(b)),
                    op.Alpha,
                    new SingleStore(run.Output<float>(0), columns, start));
                return true;
            case DType.F16:
                HalfSource half = new(c is null ? null : run.Pointer<ushort>(c));
                Batches<F, HalfSource, NarrowStore<HalfSource>>(
                    run,
                    a,
                    new HalfSource(run.Pointer<ushort>(a)),
                    b,
                    new HalfSource(run.Pointer<ushort>(b)),
                    op.Alpha,
                    new(run.Output<ushort>(0), half: true, columns, c is null ? null : new Start(0, startRows!, op.Beta), half));
                return true;
            case DType.BF16:
                BFloatSource bfloat = new(c is null ? null : run.Pointer<ushort>(c));
                Batches<F, BFloatSource, NarrowStore<BFloatSource>>(
                    run,
                    a,
                    new BFloatSource(run.Pointer<ushort>(a)),
                    b,
                    new BFloatSource(run.Pointer<ushort>(b)),
                    op.Alpha,
                    new(run.Output<ushort>(0), half: false, columns, c is null ? null : new Start(0, startRows!, op.Beta), bfloat));
                return true;
            default:
                return false;
        }
    }

    private static void Batches<F, TSource, TStore>(
        KernelRun run, Operand a, TSource sourceA, Operand b, TSource sourceB, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
        where TStore : struct, IStore
    {
        int batchAxes = a.Type.Shape.Rank - 2;
        long rows = a.Type.Shape[^2];
        long columns = b.Type.Shape[^2];
        long batches = a.Type.Shape.Product(0, batchAxes);
        if (rows * columns * batches == 0)
        {
            return;
        }

        // One B for the whole batch: the batch is more rows.
        bool shared = Lines.Repeat(b.Map, batchAxes);
        Factor<F, TSource> left = new(
            sourceA, Lines.Of(a.Map), shared ? rows * batches : rows, shared ? 1 : batches, a.Parameter, ("in place", a.Map));
        Factor<F, TSource> right = new(
            sourceB, Lines.Of(b.Map, shared ? batchAxes : 0), columns, left.Batches, b.Parameter, ("in place", b.Map));
        Product.Passes<F, RealTotal, TSource, TStore>(run, left, right, alpha, store);
    }
}
