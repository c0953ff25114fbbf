using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Dot.cs for f32, f16 and bf16: rows of A, panels of B, then the micro-kernel. f32 rows with neighbouring k are
//  read where they lie. A parameter B is packed once, bf16 as bf16; an f32 activation B is brought together panel by panel by the workers
//  that need it more than once, and read where it lies by those that do not.
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
        Layout layout = run.Keep(static run => new Layout(run.Call, run.Weights?.Call.Inputs[0].Map));
        Lines? startRows = layout.C;
        long columns = layout.Columns;
        switch (a.Type.DType)
        {
            case DType.F32:
                Start? start = c is null ? null : new Start((nint)run.Pointer<float>(c), startRows!, op.Beta);
                SingleSource rows = new(run.Pointer<float>(a));
                SingleStore store = new(run.Output<float>(0), columns, start);
                if (run.Weights is { } weights)
                {
                    Narrow<F>(run, weights, layout, a, rows, op.Alpha, store);
                    return true;
                }

                Batches<F, SingleSource, SingleSource, SingleStore>(
                    run, layout, a, rows, b, new SingleSource(run.Pointer<float>(b)), op.Alpha, store);
                return true;
            case DType.F16:
                HalfSource half = new(c is null ? null : run.Pointer<ushort>(c));
                HalfSource halfRows = new(run.Pointer<ushort>(a));
                NarrowStore<HalfSource> halfStore = new(
                    run.Output<ushort>(0), DType.F16, columns, c is null ? null : new Start(0, startRows!, op.Beta), half);
                ushort* halves = run.Pointer<ushort>(b);
                if (layout.IsFinite(b))
                {
                    Batches<F, HalfSource, FiniteHalfSource, NarrowStore<HalfSource>>(
                        run, layout, a, halfRows, b, new(halves), op.Alpha, halfStore);
                    return true;
                }

                Batches<F, HalfSource, HalfSource, NarrowStore<HalfSource>>(run, layout, a, halfRows, b, new(halves), op.Alpha, halfStore);
                return true;
            case DType.BF16:
                BFloatSource bfloat = new(c is null ? null : run.Pointer<ushort>(c));
                Batches<F, BFloatSource, BFloatSource, NarrowStore<BFloatSource>>(
                    run,
                    layout,
                    a,
                    new BFloatSource(run.Pointer<ushort>(a)),
                    b,
                    new BFloatSource(run.Pointer<ushort>(b)),
                    op.Alpha,
                    new(run.Output<ushort>(0), DType.BF16, columns, c is null ? null : new Start(0, startRows!, op.Beta), bfloat));
                return true;
            default:
                return false;
        }
    }

    // f32 rows times weights that are narrower in memory.
    private static void Narrow<F>(KernelRun run, KernelRun weights, Layout layout, Operand a, SingleSource rows, float alpha, SingleStore store)
        where F : unmanaged, IFloats<F>
    {
        Operand given = weights.Call.Inputs[0];
        AffineView map = run.Call.Inputs[1].Map;
        switch (given.Type.DType)
        {
            case DType.BF16:
                BFloatSource bfloat = new(weights.Pointer<ushort>(given) + map.Offset);
                Batches<F, SingleSource, BFloatSource, SingleStore>(run, layout, a, rows, given, bfloat, alpha, store);
                return;
            case DType.F16:
                ushort* halves = weights.Pointer<ushort>(given) + map.Offset;
                if (layout.IsFinite(given))
                {
                    Batches<F, SingleSource, FiniteHalfSource, SingleStore>(run, layout, a, rows, given, new(halves), alpha, store);
                    return;
                }

                Batches<F, SingleSource, HalfSource, SingleStore>(run, layout, a, rows, given, new(halves), alpha, store);
                return;
            default:
                if (layout.Rows * layout.Columns * layout.Batches > 0)
                {
                    Factor<F, SingleSource> left = new(rows, layout.A, layout.Rows, layout.Batches, a.Parameter, layout.KeyA, layout.KeptA);
                    CodeFactor right = run.Keep(run => new CodeFactor(weights, map, layout.B, 2 * F.Lanes));
                    Product.Multiply<F, SingleStore>(run, left.Rows(run, 0, 1), [right.Columns(run)], 0, alpha, store);
                }

                return;
        }
    }

    private static void Batches<F, TSource, TColumns, TStore>(
        KernelRun run, Layout layout, Operand a, TSource sourceA, Operand b, TColumns sourceB, float alpha, TStore store)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
        where TColumns : struct, ISource
        where TStore : struct, IStore
    {
        if (layout.Rows * layout.Columns * layout.Batches == 0)
        {
            return;
        }

        Factor<F, TSource> left = new(sourceA, layout.A, layout.Rows, layout.Batches, a.Parameter, layout.KeyA, layout.KeptA);
        Factor<F, TColumns> right = new(sourceB, layout.B, layout.Columns, layout.Batches, b.Parameter, layout.KeyB, layout.KeptB);
        Product.Passes<F, TSource, TColumns, TStore>(run, left, right, alpha, store);
    }

    // What a node's types and maps say. One B for the whole batch: the batch is more rows.
    private sealed class Layout
    {
        private bool? _finite;

        internal Layout(NodeCall call, AffineView? given)
        {
            (Operand a, Operand b) = (call.Inputs[0], call.Inputs[1]);
            int batchAxes = a.Type.Shape.Rank - 2;
            bool shared = Lines.Repeat(b.Map, batchAxes);
            long batches = a.Type.Shape.Product(0, batchAxes);
            Rows = a.Type.Shape[^2] * (shared ? batches : 1);
            Columns = b.Type.Shape[^2];
            Batches = shared ? Math.Min(batches, 1) : batches;
            A = Lines.Of(a.Map);
            B = Lines.Of(b.Map, shared ? batchAxes : 0);
            C = call.Inputs.Length == 3 ? Lines.Of(call.Inputs[2].Map) : null;
            KeyA = ("in place", a.Map);
            KeyB = given is null ? ("in place", b.Map) : ("in place", b.Map, given);
        }

        internal long Rows { get; }

        internal long Columns { get; }

        internal long Batches { get; }

        internal Lines A { get; }

        internal Lines B { get; }

        internal Lines? C { get; }

        internal object KeyA { get; }

        internal object KeyB { get; }

        internal Kept KeptA { get; } = new();

        internal Kept KeptB { get; } = new();

        // Whether B, of f16, is a parameter without infinities and NaN.
        internal bool IsFinite(Operand b)
            => _finite ??= b.Parameter is not null && Packing.AreFinite(MemoryMarshal.Cast<byte, ushort>(b.Parameter.Bytes.Span));
    }
}
