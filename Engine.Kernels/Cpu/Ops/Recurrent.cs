using System;
using System.Linq;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Products;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Ops;

//
//  Same bits as Engine/Ops/Recurrent.cs for f32, f16 and bf16: W·x of many steps is one product; a step then adds R·h to the totals where
//  they lie, and puts the gates on them.
//

/// <summary>LSTM, GRU and RNN.</summary>
internal static unsafe class Recurrent
{
    // Floats of totals that are held at once.
    private const long TotalsAtOnce = 1 << 20;

    // Units that are worth another worker: each takes a few functions.
    private const long LeastUnits = 64;

    internal static bool Run<F>(KernelRun run, Engine.Ops.Recurrent op)
        where F : unmanaged, IFloats<F>
    {
        TensorType x = run.Call.Inputs[0].Type;
        if (!x.DType.IsSingle() || x.Shape.Elements == 0 || run.Call.Inputs[Engine.Ops.Recurrent.Initial].Type.Elements == 0)
        {
            return false;
        }

        switch (x.DType)
        {
            case DType.F32:
                Run<F, SingleSource>(run, op, (data, offset) => new SingleSource((float*)data + offset));
                break;
            case DType.F16:
                Run<F, HalfSource>(run, op, (data, offset) => new HalfSource((ushort*)data + offset));
                break;
            default:
                Run<F, BFloatSource>(run, op, (data, offset) => new BFloatSource((ushort*)data + offset));
                break;
        }

        return true;
    }

    private static void Run<F, TSource>(KernelRun run, Engine.Ops.Recurrent op, Func<nint, long, TSource> source)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
    {
        Layout layout = Layout.Of(run, op);
        long rows = layout.Gates * layout.Units;
        Operand x = run.Call.Inputs[0];
        nint data = (nint)run.Bytes(x, x.Type.DType.Size());
        Factor<F, TSource> w = Factor<F, TSource>(run, source, 1, 0, rows);
        float* starts = Starts(run, op, layout);
        Start start = new((nint)starts, new Lines([(long.MaxValue, 0)], rows, 1), 1f);

        // A candidate that takes r·h, or has a total of its own, is a product of its own.
        long first = op is Gru ? 2 * layout.Units : rows;
        ColumnPanels gates = Factor<F, TSource>(run, source, 2, 0, first).Columns(run, 0, 1, again: true)[0];
        ColumnPanels? candidate = op is Gru ? Factor<F, TSource>(run, source, 2, first, rows - first).Columns(run, 0, 1, again: true)[0] : null;
        long atOnce = Math.Clamp(TotalsAtOnce / (layout.Batch * rows), 1, layout.Steps);
        float* totals = run.Rent<float>(atOnce * layout.Batch * rows);
        Steps<F> steps = new(run, op, layout, starts + rows);
        for (long from = 0; from < layout.Steps; from += atOnce)
        {
            long lines = Math.Min(atOnce, layout.Steps - from) * layout.Batch;
            Factor<F, TSource> left = new(
                source(data, from * layout.Batch * layout.Width), new Lines([(lines, layout.Width)], layout.Width, 1), lines, 1, null, "rows");
            Product.Passes<F, RealTotal, TSource, SingleStore>(run, left, w, 1f, new SingleStore(totals, rows, start));
            for (long step = 0; step * layout.Batch < lines; step++)
            {
                run.ThrowIfCancelled();
                steps.Run(from + step, totals + (step * layout.Batch * rows), gates, candidate);
            }
        }

        Results(run, op, layout);
    }

    // Rows from … of W or R as columns of a product.
    private static Factor<F, TSource> Factor<F, TSource>(KernelRun run, Func<nint, long, TSource> source, int slot, long from, long count)
        where F : unmanaged, IFloats<F>
        where TSource : struct, ISource
    {
        Operand operand = run.Call.Inputs[slot];
        AffineView map = operand.Map.Slice(0, from, 1, count);
        return new(source((nint)run.Source(operand), map.Offset), Lines.Of(map), count, 1, operand.Parameter, ("in place", map));
    }

    // Starting totals of W·x, then those of a candidate's own R·h.
    private static float* Starts(KernelRun run, Engine.Ops.Recurrent op, Layout layout)
    {
        long rows = layout.Gates * layout.Units;
        float* w = Singles(run, Engine.Ops.Recurrent.BiasW);
        float* r = Singles(run, Engine.Ops.Recurrent.BiasR);
        float* starts = run.Rent<float>(rows + layout.Units);
        bool own = op is Gru { LinearBeforeReset: true };
        for (long i = 0; i < rows; i++)
        {
            starts[i] = own && i >= rows - layout.Units ? w[i] + 0f : (w[i] + r[i]) + 0f;
        }

        for (long i = 0; i < layout.Units; i++)
        {
            starts[rows + i] = r[rows - layout.Units + i] + 0f;
        }

        return starts;
    }

    private static float* Singles(KernelRun run, int slot)
    {
        Operand operand = run.Call.Inputs[slot];
        int count = (int)operand.Type.Elements;
        float* room = run.Rent<float>(count);
        return new Blocks(run, operand).Singles(0, count, room);
    }

    // Y from the state, +0 beyond a sequence's length; then the last states.
    private static void Results(KernelRun run, Engine.Ops.Recurrent op, Layout layout)
    {
        DType type = run.Call.Inputs[0].Type.DType;
        long size = layout.Batch * layout.Units;
        byte* y = run.Output<byte>(0);
        long part = op.Parts - 1;
        float* zeros = run.Rent<float>(layout.Units);
        new Span<float>(zeros, (int)layout.Units).Clear();
        run.ForRanges(layout.Steps * layout.Batch, Math.Max(1, 4096 / layout.Units), (from, to, _) =>
        {
            for (long line = from; line < to; line++)
            {
                (long time, long row) = Math.DivRem(line, layout.Batch);
                float* h = time < layout.Lengths[row] ? layout.State(time, part) + (row * layout.Units) : zeros;
                Blocks.Store(type, h, (int)layout.Units, y, line * layout.Units);
            }
        });
        for (int carried = 0; carried < op.Carried; carried++)
        {
            float* last = layout.State(layout.Steps - 1, carried == 0 ? part : 0);
            Blocks.Store(type, last, (int)size, run.Output<byte>(1 + carried), 0);
        }
    }

    // Extents, and where the state and what it starts from lie.
    private sealed record Layout(
        long Steps, long Batch, long Width, long Units, long Gates, long Parts, nint Data, nint InitialH, nint InitialC, int[] Lengths)
    {
        internal static Layout Of(KernelRun run, Engine.Ops.Recurrent op)
        {
            ReadOnlySpan<long> x = run.Call.Inputs[0].Type.Shape.Extents;
            int* lengths = run.Contiguous<int>(run.Call.Inputs[Engine.Ops.Recurrent.Lengths]);
            return new Layout(
                x[0],
                x[1],
                x[2],
                run.Call.Inputs[2].Type.Shape[1],
                op.Gates,
                op.Parts,
                (nint)run.Output<float>(op.AuxiliaryFrom),
                (nint)Singles(run, Engine.Ops.Recurrent.Initial),
                op.Carried == 2 ? (nint)Singles(run, Engine.Ops.Recurrent.Initial + 1) : 0,
                new ReadOnlySpan<int>(lengths, (int)x[1]).ToArray());
        }

        /// <summary>A part of the state at a step.</summary>
        internal float* State(long time, long part) => (float*)Data + (((time * Parts) + part) * Batch * Units);

        /// <summary>h before a step.</summary>
        internal float* HiddenBefore(long time) => time == 0 ? (float*)InitialH : State(time - 1, Parts - 1);

        /// <summary>c before a step.</summary>
        internal float* MemoryBefore(long time) => time == 0 ? (float*)InitialC : State(time - 1, 0);
    }

    // Totals that go on where they lie; ragged ends are taken out and brought back.
    private readonly struct PlaceStore(float* totals, long width) : IStore
    {
        public bool Fresh => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float* Place(long row, long column, out long stride)
        {
            stride = width;
            return totals + (row * width) + column;
        }

        public void Begin(long row, long column, int rows, int columns, float* into, long stride)
        {
            for (int i = 0; i < rows && into != Place(row, column, out _); i++)
            {
                new ReadOnlySpan<float>(Place(row + i, column, out _), columns).CopyTo(new Span<float>(into + (i * stride), columns));
            }
        }

        public void End(long row, long column, int rows, int columns, float* from, long stride)
        {
            for (int i = 0; i < rows; i++)
            {
                new ReadOnlySpan<float>(from + (i * stride), columns).CopyTo(new Span<float>(Place(row + i, column, out _), columns));
            }
        }
    }

    // One step after another.
    private sealed class Steps<F>
        where F : unmanaged, IFloats<F>
    {
        private readonly KernelRun _run;
        private readonly Engine.Ops.Recurrent _op;
        private readonly Layout _layout;
        private readonly Gate<float>[] _functions;
        private readonly nint _scratch;
        private readonly nint _factors;
        private readonly nint _own;
        private readonly nint _ownStart;
        private readonly nint _peephole;

        internal Steps(KernelRun run, Engine.Ops.Recurrent op, Layout layout, float* ownStart)
        {
            _run = run;
            _op = op;
            _layout = layout;
            _functions = [.. op.Activations.Select(gate => new Gate<float>(gate, op.Clip))];
            long size = layout.Batch * layout.Units;
            _scratch = (nint)run.Rent<float>((long)run.Workers * Product.WorkerFloats);
            _factors = (nint)run.Rent<float>(size);
            _own = (nint)run.Rent<float>(size);
            _ownStart = (nint)ownStart;
            int peephole = Engine.Ops.Recurrent.Initial + op.Carried;
            _peephole = run.Call.Inputs.Length > peephole ? (nint)Singles(run, peephole) : 0;
        }

        private long Units => _layout.Units;

        internal void Run(long time, float* totals, ColumnPanels gates, ColumnPanels? candidate)
        {
            nint all = (nint)totals;
            long width = _layout.Gates * Units;
            Multiply(_layout.HiddenBefore(time), gates, totals, width);
            switch (_op)
            {
                case Lstm lstm:
                    Each((row, unit) => Memory(lstm, time, row, unit, (float*)all + (row * width)));
                    break;
                case Gru gru:
                    Each((row, unit) => Reset(time, row, unit, (float*)all + (row * width)));
                    Candidate(gru, time, totals, width, candidate!.Value);
                    Each((row, unit) => Renewed(gru, time, row, unit, (float*)all + (row * width)));
                    break;
                default:
                    Each((row, unit) =>
                    {
                        long at = (row * Units) + unit;
                        _layout.State(time, 0)[at] = Runs(time, row)
                            ? Real.Canonical(_functions[0].Of(((float*)all)[(row * width) + unit]))
                            : _layout.HiddenBefore(time)[at];
                    });
                    break;
            }
        }

        private bool Runs(long time, long row) => time < _layout.Lengths[row];

        // c, then h.
        private void Memory(Lstm op, long time, long row, long unit, float* total)
        {
            long at = (row * Units) + unit;
            float before = _layout.MemoryBefore(time)[at];
            if (!Runs(time, row))
            {
                _layout.State(time, 0)[at] = before;
                _layout.State(time, 1)[at] = _layout.HiddenBefore(time)[at];
                return;
            }

            float input = _functions[0].Of(Peeped(total, 0, unit, before));
            float forget = op.InputForget ? 1f - input : _functions[0].Of(Peeped(total, 2, unit, before));
            float candidate = _functions[1].Of(total[(3 * Units) + unit]);
            float memory = Real.Canonical((forget * before) + (input * candidate));
            float output = _functions[0].Of(Peeped(total, 1, unit, memory));
            _layout.State(time, 0)[at] = memory;
            _layout.State(time, 1)[at] = Real.Canonical(output * _functions[2].Of(memory));
        }

        private float Peeped(float* total, long gate, long unit, float memory)
        {
            float sum = total[(gate * Units) + unit];
            return _peephole == 0 ? sum : sum + (((float*)_peephole)[(gate * Units) + unit] * memory);
        }

        // The reset gate, and what the candidate's product takes or starts from.
        private void Reset(long time, long row, long unit, float* total)
        {
            long at = (row * Units) + unit;
            float reset = Runs(time, row) ? Real.Canonical(_functions[0].Of(total[Units + unit])) : 0f;
            _layout.State(time, 0)[at] = reset;
            ((float*)_factors)[at] = reset * _layout.HiddenBefore(time)[at];
            ((float*)_own)[at] = ((float*)_ownStart)[unit];
        }

        private void Candidate(Gru op, long time, float* totals, long width, ColumnPanels columns)
        {
            if (op.LinearBeforeReset)
            {
                Multiply(_layout.HiddenBefore(time), columns, (float*)_own, Units);
            }
            else
            {
                Multiply((float*)_factors, columns, totals + (2 * Units), width);
            }
        }

        private void Renewed(Gru op, long time, long row, long unit, float* total)
        {
            long at = (row * Units) + unit;
            float before = _layout.HiddenBefore(time)[at];
            if (Runs(time, row))
            {
                float update = _functions[0].Of(total[unit]);
                float input = total[(2 * Units) + unit];
                float candidate = _functions[1].Of(op.LinearBeforeReset ? input + (_layout.State(time, 0)[at] * ((float*)_own)[at]) : input);
                before = Real.Canonical(((1f - update) * candidate) + (update * before));
            }

            _layout.State(time, 1)[at] = before;
        }

        private void Each(Action<long, long> body) => _run.ForRanges(_layout.Batch * Units, LeastUnits, (from, to, _) =>
        {
            for (long i = from; i < to; i++)
            {
                (long row, long unit) = Math.DivRem(i, Units);
                body(row, unit);
            }
        });

        // Adds rows [B, H] times columns to totals.
        private void Multiply(float* rows, ColumnPanels columns, float* totals, long width)
        {
            long batch = _layout.Batch;
            RowPanels left = RowPanels.Of<F>(rows, batch, Units, Units);
            PlaceStore store = new(totals, width);
            long groups = _run.Workers == 1 ? 1 : Math.Clamp(_run.Workers * 2L, 1, Math.Max(1, columns.Panels / 4));
            _run.For(groups, (group, worker) => Product.Multiply<F, RealTotal, PlaceStore>(
                left,
                0,
                left.Panels,
                columns,
                columns.Panels * group / groups,
                columns.Panels * (group + 1) / groups,
                0,
                1f,
                store,
                (float*)_scratch + ((long)worker * Product.WorkerFloats)));
        }
    }
}
