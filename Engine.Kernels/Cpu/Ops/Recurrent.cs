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
    private const long LeastUnits = 512;

    // Blocks of scratch that the gates of a block of units take.
    private const int GateBlocks = 5;

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
            Product.Passes<F, TSource, TSource, SingleStore>(run, left, w, 1f, new SingleStore(totals, rows, start));
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
        float* w = Values(run, Engine.Ops.Recurrent.BiasW);
        float* r = Values(run, Engine.Ops.Recurrent.BiasR);
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

    private static float* Values(KernelRun run, int slot)
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
                (nint)Values(run, Engine.Ops.Recurrent.Initial),
                op.Carried == 2 ? (nint)Values(run, Engine.Ops.Recurrent.Initial + 1) : 0,
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
        private readonly GateLoop<F>[] _functions;
        private readonly nint _scratch;
        private readonly nint _factors;
        private readonly nint _own;
        private readonly nint _room;
        private readonly nint _ownStart;
        private readonly nint _peephole;

        internal Steps(KernelRun run, Engine.Ops.Recurrent op, Layout layout, float* ownStart)
        {
            _run = run;
            _op = op;
            _layout = layout;
            _functions = [.. op.Activations.Select(gate => new GateLoop<F>(gate, op.Clip))];
            long size = layout.Batch * layout.Units;
            _scratch = (nint)run.Rent<float>((long)run.Workers * Product.WorkerFloats);
            _factors = (nint)run.Rent<float>(size);
            _own = (nint)run.Rent<float>(size);
            _room = (nint)run.Rent<float>((long)run.Workers * GateBlocks * Blocks.Elements);
            _ownStart = (nint)ownStart;
            int peephole = Engine.Ops.Recurrent.Initial + op.Carried;
            _peephole = run.Call.Inputs.Length > peephole ? (nint)Values(run, peephole) : 0;
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
                    Each(all, part => Memory(lstm, time, part));
                    break;
                case Gru gru:
                    Each(all, part => Reset(time, part));
                    Candidate(gru, time, totals, width, candidate!.Value);
                    Each(all, part => Renewed(gru, time, part));
                    break;
                default:
                    Each(all, part =>
                    {
                        if (!Kept(time, part, 0))
                        {
                            _functions[0].Apply(part.Total, _layout.State(time, 0) + part.At, part.Count, part.Room);
                        }
                    });
                    break;
            }
        }

        // Beyond a sequence's length h, the last part of the state, stays what it was.
        private bool Kept(long time, Part part, long hidden)
        {
            if (time < _layout.Lengths[part.Row])
            {
                return false;
            }

            Copy(_layout.HiddenBefore(time) + part.At, _layout.State(time, hidden) + part.At, part.Count);
            return true;
        }

        private static void Copy(float* from, float* to, int count) => new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));

        // c, then h.
        private void Memory(Lstm op, long time, Part part)
        {
            int count = part.Count;
            float* before = _layout.MemoryBefore(time) + part.At;
            float* memory = _layout.State(time, 0) + part.At;
            if (Kept(time, part, 1))
            {
                Copy(before, memory, count);
                return;
            }

            float* input = Gate(part, 0, 0, before);
            float* forget = part.Block(1);
            if (op.InputForget)
            {
                RowLoops.Map<F, FromOne>(default, input, forget, count);
            }
            else
            {
                forget = Gate(part, 2, 1, before);
            }

            float* candidate = part.Block(2);
            _functions[1].Apply(part.Total + (3 * Units), candidate, count, part.Room);
            Mixed(forget, before, input, candidate, memory, count);
            float* output = Gate(part, 1, 0, memory);
            _functions[2].Apply(memory, candidate, count, part.Room);
            Singles.Loop<F, MulMap>(default, output, candidate, _layout.State(time, 1) + part.At, count);
        }

        // The function of a gate that may look at the memory, into a block of the part.
        private float* Gate(Part part, long gate, int block, float* memory)
        {
            float* total = part.Total + (gate * Units);
            float* result = part.Block(block);
            if (_peephole != 0)
            {
                Singles.Loop<F, MulMap>(default, (float*)_peephole + (gate * Units) + part.Unit, memory, result, part.Count);
                Singles.Loop<F, AddMap>(default, total, result, result, part.Count);
                total = result;
            }

            _functions[0].Apply(total, result, part.Count, part.Room);
            return result;
        }

        // The reset gate, and what the candidate's product takes or starts from.
        private void Reset(long time, Part part)
        {
            float* reset = _layout.State(time, 0) + part.At;
            if (time < _layout.Lengths[part.Row])
            {
                _functions[0].Apply(part.Total + Units, reset, part.Count, part.Room);
            }
            else
            {
                new Span<float>(reset, part.Count).Clear();
            }

            Singles.Loop<F, MulMap>(default, reset, _layout.HiddenBefore(time) + part.At, (float*)_factors + part.At, part.Count);
            Copy((float*)_ownStart + part.Unit, (float*)_own + part.At, part.Count);
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

        private void Renewed(Gru op, long time, Part part)
        {
            if (Kept(time, part, 1))
            {
                return;
            }

            float* update = part.Block(0);
            float* kept = part.Block(1);
            float* candidate = part.Block(2);
            float* input = part.Total + (2 * Units);
            _functions[0].Apply(part.Total, update, part.Count, part.Room);
            if (op.LinearBeforeReset)
            {
                Singles.Loop<F, MulMap>(default, _layout.State(time, 0) + part.At, (float*)_own + part.At, candidate, part.Count);
                Singles.Loop<F, AddMap>(default, input, candidate, candidate, part.Count);
                input = candidate;
            }

            _functions[1].Apply(input, candidate, part.Count, part.Room);
            RowLoops.Map<F, FromOne>(default, update, kept, part.Count);
            Mixed(kept, candidate, update, _layout.HiddenBefore(time) + part.At, _layout.State(time, 1) + part.At, part.Count);
        }

        // y = a·b + c·d, each step rounded.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Mixed(float* a, float* b, float* c, float* d, float* y, int count)
        {
            for (int i = 0; i <= count - F.Lanes; i += F.Lanes)
            {
                F.Store(y + i, F.Canonical((F.Load(a + i) * F.Load(b + i)) + (F.Load(c + i) * F.Load(d + i))));
            }

            for (int i = count - (count % F.Lanes); i < count; i++)
            {
                y[i] = Real.Canonical((a[i] * b[i]) + (c[i] * d[i]));
            }
        }

        private void Each(nint totals, Body body) => _run.ForRanges(_layout.Batch * Units, LeastUnits, (from, to, worker) =>
        {
            float* room = (float*)_room + ((long)worker * GateBlocks * Blocks.Elements);
            while (from < to)
            {
                (long row, long unit) = Math.DivRem(from, Units);
                int count = (int)Math.Min(Math.Min(to - from, Units - unit), Blocks.Elements);
                body(new Part(row, unit, from, count, (float*)totals + (row * _layout.Gates * Units) + unit, room));
                from += count;
            }
        });

        // Adds rows [B, H] times columns to totals.
        private void Multiply(float* rows, ColumnPanels columns, float* totals, long width)
        {
            long batch = _layout.Batch;
            RowPanels left = RowPanels.Of<F>(rows, batch, Units, Units);
            PlaceStore store = new(totals, width);
            long groups = _run.Workers == 1 ? 1 : Math.Clamp(_run.Workers * 2L, 1, Math.Max(1, columns.Panels / 4));
            _run.For(groups, (group, worker) => Product.Multiply<F, PlaceStore>(
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

        private delegate void Body(Part part);
    }

    // Neighbouring units of one row: where they begin, their totals of the first gate, a worker's scratch.
    private readonly struct Part(long row, long unit, long at, int count, float* total, float* room)
    {
        internal long Row => row;

        internal long Unit => unit;

        internal long At => at;

        internal int Count => count;

        internal float* Total => total;

        /// <summary>Two blocks that functions use.</summary>
        internal float* Room => room + (3 * Blocks.Elements);

        /// <summary>One of three blocks.</summary>
        internal float* Block(int index) => room + (index * Blocks.Elements);
    }

    private readonly struct FromOne : IMap1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public F Apply<F>(F x)
            where F : unmanaged, IFloats<F> => F.Of(1f) - x;
    }
}
