using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Elementwise ops over one index space, run block by block: what one op makes the next ones read while it is in the first-level cache, and
/// what nobody else reads is never stored. Each op rounds as its definition says.</summary>
internal sealed unsafe class Group
{
    // What is worth another worker, in additions.
    private const long LeastCost = 16384;

    private readonly nint[] _addresses;
    private readonly Element[] _elements;
    private readonly Instruction[] _instructions;
    private readonly long _count;
    private readonly int _blockElements;
    private readonly bool _aligned;
    private readonly long _workerBytes;
    private readonly int _registerBytes;
    private readonly int _registers;
    private readonly long _least;
    private readonly Action<long, long, int> _range;
    private byte* _room;

    private Group(nint[] addresses, long count, Element[] elements, Instruction[] instructions, int registers, int registerBytes)
    {
        _addresses = addresses;
        _count = count;
        _elements = elements;
        _instructions = instructions;
        _registers = registers;
        _registerBytes = registerBytes;
        int period = elements.Select(element => element.Period).DefaultIfEmpty(1).Max();
        _blockElements = Blocks.Elements / period * period;
        _aligned = period > 1;
        int room = instructions.Max(instruction => instruction.Op.Room);
        _workerBytes = ((long)registerBytes * (registers + elements.Length)) + (room * Blocks.Elements * sizeof(float));
        _least = Math.Max(1, LeastCost / instructions.Sum(instruction => instruction.Op.Cost));
        _range = Range;
    }

    /// <summary>The group of one node.</summary>
    internal static Group Of(KernelRun run, BlockOp op)
    {
        TensorType type = run.Call.Node.Outputs[0];
        Builder builder = new(run.Addresses, type.Elements);
        builder.Add(op, run.Call, slot => builder.Element(run.Inputs[slot], run.Call.Inputs[slot]), run.Outputs[0]);
        return builder.Build();
    }

    /// <summary>Runs all of it on the workers.</summary>
    internal void Run(KernelRun run)
    {
        Begin(run);
        RunBegun(run);
    }

    /// <summary>The same, where scratch was taken before.</summary>
    internal void RunBegun(KernelRun run) => run.ForRanges(_count, _least, _range);

    /// <summary>Takes scratch for one run, before any part of it.</summary>
    internal void Begin(KernelRun run) => _room = run.Rent<byte>(_workerBytes * run.Workers);

    /// <summary>Runs elements start … end − 1.</summary>
    internal void Range(long start, long end, int worker) => Rows(start, 1, 0, end - start, worker);

    /// <summary>Position of the address that stands for scratch in <see cref="Rows"/>.</summary>
    internal int Own { private get; init; } = -1;

    /// <summary>Runs elements of several rows.</summary>
    /// <param name="start">First element of the first row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <param name="columns">Elements of each row.</param>
    /// <param name="worker">Who runs them.</param>
    /// <param name="own">Where the values at <see cref="Own"/> lie for this call alone: the address that element 0 would have.</param>
    internal void Rows(long start, long rows, long stride, long columns, int worker, nint own = 0)
    {
        if (stride == columns)
        {
            columns *= rows;
            rows = 1;
        }

        byte** places = stackalloc byte*[_elements.Length + _instructions.Length];
        long* held = stackalloc long[_elements.Length];
        byte* room = _room + (worker * _workerBytes);
        for (int i = 0; i < _elements.Length; i++)
        {
            held[i] = -1;
            if (_elements[i].IsOne)
            {
                places[i] = room + ((_registers + i) * (long)_registerBytes);
                _elements[i].Fill(_elements[i].Source(_addresses, Own, own), places[i], (int)Math.Min(columns, _blockElements));
            }
        }

        for (long row = 0; row < rows; row++)
        {
            long end = start + columns;
            for (long at = start; at < end;)
            {
                int count = (int)Math.Min(_blockElements - (_aligned ? at % _blockElements : 0), end - at);
                Block(at, count, places, held, room, own);
                at += count;
            }

            start += stride;
        }
    }

    private void Block(long at, int count, byte** places, long* held, byte* room, nint own)
    {
        byte* gathered = room + (_registers * (long)_registerBytes);
        for (int i = 0; i < _elements.Length; i++)
        {
            if (!_elements[i].IsOne)
            {
                places[i] = _elements[i].At(_elements[i].Source(_addresses, Own, own), at, count, gathered + (i * (long)_registerBytes), ref held[i]);
            }
        }

        float* scratch = (float*)(gathered + (_elements.Length * (long)_registerBytes));
        void** operands = stackalloc void*[3];
        for (int i = 0; i < _instructions.Length; i++)
        {
            ref readonly Instruction instruction = ref _instructions[i];
            operands[0] = places[instruction.A];
            operands[1] = places[instruction.B];
            operands[2] = places[instruction.C];

            byte* y = instruction.Entry >= 0
                ? (byte*)(instruction.Entry == Own ? own : _addresses[instruction.Entry]) + (at * instruction.Size)
                : room + (instruction.Register * (long)_registerBytes);
            places[_elements.Length + i] = y;
            instruction.Op.Apply(operands, y, count, scratch);
        }
    }

    // An op has 1 to 3 operands; where it has fewer, the first stands again. Flat: many programs in turn find it far from the caches.
    private readonly record struct Instruction(BlockOp Op, int A, int B, int C, int Size, int Entry, int Register);

    /// <summary>Collects the ops of a group.</summary>
    /// <param name="addresses">Where values lie.</param>
    /// <param name="count">Elements of the index space.</param>
    internal sealed class Builder(nint[] addresses, long count)
    {
        private readonly List<Element> _elements = [];
        private readonly List<(BlockOp Op, int[] Operands, int Size, int Entry)> _ops = [];

        /// <summary>Adds an operand from outside, and gives its number.</summary>
        /// <param name="entry">Where its source's address stands.</param>
        /// <param name="operand">Its type and map.</param>
        internal int Element(int entry, Operand operand)
        {
            Element element = new(entry, operand.Type.DType.Size(), operand.Map);
            int known = _elements.FindIndex(other => other.Equals(element));
            if (known < 0)
            {
                _elements.Add(element);
                known = _elements.Count - 1;
            }

            return known;
        }

        /// <summary>Adds an op, and gives the number of its result, which is below zero.</summary>
        /// <param name="op">The op.</param>
        /// <param name="call">Its node.</param>
        /// <param name="operand">Number of the operand of a slot.</param>
        /// <param name="entry">Where the address of the result stands, or −1 where it is not stored.</param>
        internal int Add(BlockOp op, NodeCall call, Func<int, int> operand, int entry)
        {
            int[] operands = call.Node.Op is Engine.Ops.BatchNorm
                ? [operand(0), .. Constants(Scale.Of(call)!)]
                : [.. Enumerable.Range(0, call.Inputs.Length).Select(operand)];
            _ops.Add((op, operands, call.Node.Outputs[0].DType.Size(), entry));
            return -_ops.Count;
        }

        /// <summary>The group.</summary>
        /// <param name="own">Position of the address that stands for scratch, or −1.</param>
        internal Group Build(int own = -1)
        {
            int[] lastUse = new int[_ops.Count];
            for (int i = 0; i < _ops.Count; i++)
            {
                lastUse[i] = Math.Max(lastUse[i], i);
                foreach (int operand in _ops[i].Operands.Where(operand => operand < 0))
                {
                    lastUse[-operand - 1] = i;
                }
            }

            // A register is free again after the op that reads it last; so no op writes what it reads.
            Stack<int> free = [];
            int registers = 0;
            Instruction[] instructions = new Instruction[_ops.Count];
            for (int i = 0; i < _ops.Count; i++)
            {
                (BlockOp op, int[] operands, int size, int entry) = _ops[i];
                int register = entry >= 0 ? -1 : free.TryPop(out int given) ? given : registers++;
                int[] places = [.. operands.Select(operand => operand >= 0 ? operand : _elements.Count - operand - 1)];
                instructions[i] = new Instruction(
                    op, places[0], places[places.Length > 1 ? 1 : 0], places[places.Length > 2 ? 2 : 0], size, entry, register);
                for (int made = 0; made <= i; made++)
                {
                    if (lastUse[made] == i && instructions[made].Register >= 0)
                    {
                        free.Push(instructions[made].Register);
                    }
                }
            }

            int bytes = Math.Max(sizeof(float), Math.Max(_elements.Select(element => element.Size).DefaultIfEmpty().Max(), _ops.Max(op => op.Size)));
            return new Group(addresses, count, [.. _elements], instructions, registers, bytes * Blocks.Elements) { Own = own };
        }

        private int[] Constants(Scale scale)
        {
            _elements.Add(new Element(-1, sizeof(float), scale.Map, scale.Factors));
            _elements.Add(new Element(-1, sizeof(float), scale.Map, scale.Shifts));
            return [_elements.Count - 2, _elements.Count - 1];
        }
    }
}
