using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Evaluates single elements by their definitions from leaves. Values that are recomputed are evaluated when they are pulled,
/// consecutive elements together, each element once; what one check computed the next ones need not. Of these <see cref="KnownElements.Most"/> are kept,
/// also within a check; what was forgotten is computed and counted again. Pulls nest no deeper than <see cref="Limits.CheckDepth"/>, and what an element
/// may pull, by its footprints, is counted before it is evaluated, so a hostile record costs no more than the limit (docs/adr, bounded checks). After the
/// first failure everything reads as zero and <see cref="Failure"/> stays set.</summary>
internal sealed class Evaluator(LeafSource source)
{
    private readonly KnownElements _known = new();
    private readonly Dictionary<int, Reader> _readers = [];
    private int _values;
    private long _operations;
    private int _depth;

    /// <summary>Why evaluation failed; <see cref="Reason.None"/> while it did not.</summary>
    internal Reason Failure { get; private set; }

    /// <summary>What failed, for people.</summary>
    internal string Text { get; private set; } = string.Empty;

    /// <summary>Elements computed for the last element that were not known, and all that their footprints name: the measured side of
    /// <see cref="CheckCost.Operations"/>.</summary>
    internal long Operations => _operations;

    /// <summary>The element by its definition.</summary>
    /// <returns>Its bytes in the low end; meaningless after a failure.</returns>
    internal ulong Evaluate(ElementRef element)
    {
        _operations = 0;
        if (ReaderOf(element.Node) is not Reader reader)
        {
            return Fail(Reason.Incomplete, $"record {element.Node} is not opened");
        }

        if (element.Slot >= reader.Record.Outputs.Length)
        {
            return Fail(Reason.Malformed, $"record {element.Node} has no such element");
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        Compute(reader, element.Slot, element.Element, bytes[..reader.Record.Outputs[element.Slot].Type.DType.Size()]);
        return BitConverter.ToUInt64(bytes);
    }

    /// <summary>The element as it is committed.</summary>
    internal ulong Committed(ElementRef element)
    {
        if (ReaderOf(element.Node) is not Reader reader || element.Slot >= reader.Record.Outputs.Length)
        {
            return Fail(Reason.Incomplete, $"record {element.Node} is not opened");
        }

        RecordOutput output = reader.Record.Outputs[element.Slot];
        if (output.Resolution != Resolution.Committed || element.Element >= output.Type.Elements)
        {
            return Fail(Reason.Malformed, $"record {element.Node} has no such committed element");
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        reader.Read(reader.Slots + element.Slot, element.Element, bytes[..output.Type.DType.Size()]);
        return BitConverter.ToUInt64(bytes);
    }

    // Evaluates consecutive elements of an output.
    private void Compute(Reader reader, int slot, long start, Span<byte> destination)
    {
        TensorType type = reader.Record.Outputs[slot].Type;
        int count = destination.Length / type.DType.Size();
        if (reader.Record.IsView || start > type.Elements - count)
        {
            Fail(Reason.Malformed, $"record {reader.Node} has no such element");
        }

        _operations += count * (1 + reader.MostReads(slot));
        if (_operations > Limits.CheckOperations || _depth >= Limits.CheckDepth)
        {
            Fail(Reason.TooCostly, $"record {reader.Node} exceeds the limits of a check");
        }

        if (Failure == Reason.None)
        {
            _depth++;
            reader.Record.Op.Evaluate(reader, slot, start, new ElementWriter(type.DType, destination));
            _depth--;
        }
        else
        {
            destination.Clear();
        }
    }

    // Consecutive elements of a recomputed value: those not known yet are computed.
    private void Recompute(Operand operand, long start, Span<byte> destination)
    {
        Reader producer = operand.Producer!;
        int value = producer.FirstValue + operand.Value.Slot;
        int size = operand.Size;
        int count = destination.Length / size;
        Span<byte> bits = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < count; i++)
        {
            if (_known.TryGet(value, start + i, out ulong known))
            {
                BitConverter.TryWriteBytes(bits, known);
                bits[..size].CopyTo(destination[(i * size)..]);
                continue;
            }

            int end = i + 1;
            while (end < count && !_known.TryGet(value, start + end, out _))
            {
                end++;
            }

            Compute(producer, operand.Value.Slot, start + i, destination[(i * size)..(end * size)]);
            for (; i < end; i++)
            {
                bits.Clear();
                destination.Slice(i * size, size).CopyTo(bits);
                _known.Add(value, start + i, BitConverter.ToUInt64(bits));
            }

            i--;
        }
    }

    // Consecutive elements of a committed value, across leaves.
    private void Copy(Operand operand, long start, Span<byte> destination)
    {
        long offset = start * operand.Size;
        while (!destination.IsEmpty)
        {
            (long leaf, long within) = Math.DivRem(offset, Limits.LeafBytes);
            if (operand.LeafIndex != leaf)
            {
                operand.Leaf = Failure == Reason.None ? source.Leaf(operand.Value, operand.Type, leaf) : default;
                operand.LeafIndex = leaf;
            }

            int count = (int)Math.Min(destination.Length, Limits.LeafBytes - within);
            if (operand.Leaf.Length < within + count)
            {
                destination.Clear();
                Fail(Reason.Incomplete, $"leaf {leaf} of {operand.Value.Kind} {operand.Value.Index} slot {operand.Value.Slot} is not opened");
                return;
            }

            operand.Leaf.Span.Slice((int)within, count).CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }

    private Reader? ReaderOf(int node)
    {
        if (!_readers.TryGetValue(node, out Reader? reader) && source.Record(node) is GraphRecord record)
        {
            reader = new Reader(this, node, record, _values);
            _values += record.Outputs.Length;
            _readers.Add(node, reader);
        }

        return reader;
    }

    private ulong Fail(Reason reason, string text)
    {
        Text = Failure == Reason.None ? text : Text;
        Failure = Failure == Reason.None ? reason : Failure;
        return 0;
    }

    // The inputs and own outputs of one record.
    private sealed class Reader(Evaluator evaluator, int node, GraphRecord record, int firstValue) : ElementReader
    {
        private readonly Operand?[] _operands = new Operand?[record.Inputs.Length + record.Outputs.Length];
        private readonly long?[] _reads = new long?[record.Outputs.Length];

        /// <summary>Index of the record.</summary>
        internal int Node => node;

        /// <summary>The record.</summary>
        internal GraphRecord Record => record;

        /// <summary>Number of its first output among all values.</summary>
        internal int FirstValue => firstValue;

        public override int Slots => record.Inputs.Length;

        public override TensorType Type(int slot) =>
            slot < Slots ? record.Inputs[slot].Type : record.Outputs[slot - Slots].Type;

        /// <summary>Elements that one element of an output may pull, not counted far beyond the limit.</summary>
        internal long MostReads(int slot) => _reads[slot] ??= record.Op
            .Footprints(record.InputTypes.AsSpan(), slot, Footprint.Element(record.Outputs[slot].Type.Shape))
            .Sum(read => Math.Min(read.Elements, Limits.CheckOperations + 1));

        public override void Read(int slot, long start, Span<byte> destination)
        {
            Operand? operand = destination.IsEmpty || evaluator.Failure != Reason.None
                ? null
                : _operands[slot] ??= evaluator.Resolve(node, record, slot);
            while (!destination.IsEmpty && operand is not null && evaluator.Failure == Reason.None)
            {
                (long element, int run, int repeated) = operand.Run(start, destination.Length / operand.Size);
                Span<byte> part = destination[..(run * operand.Size)];
                if (operand.Producer is null)
                {
                    evaluator.Copy(operand, element, part);
                }
                else
                {
                    evaluator.Recompute(operand, element, part);
                }

                for (int i = 1; i < repeated; i++)
                {
                    part.CopyTo(destination[(i * part.Length)..]);
                }

                destination = destination[(repeated * part.Length)..];
                start += run * repeated;
            }

            destination.Clear();
        }
    }

    // Where the elements of a slot are: in leaves, or with the record that makes them.
    private sealed class Operand(ValueRef value, TensorType type, AffineView map, Reader? producer)
    {
        private readonly bool _isContiguous = map.IsContiguous;

        internal ValueRef Value => value;

        internal TensorType Type => type;

        /// <summary>Who makes the elements; null where they are committed.</summary>
        internal Reader? Producer => producer;

        /// <summary>Size of an element.</summary>
        internal int Size { get; } = type.DType.Size();

        /// <summary>The leaf looked up last.</summary>
        internal long LeafIndex { get; set; } = -1;

        internal ReadOnlyMemory<byte> Leaf { get; set; }

        /// <summary>The first of some elements of the slot lie together in the value, from this element on, or repeat it.</summary>
        internal (long Element, int Run, int Repeated) Run(long start, int count)
        {
            if (_isContiguous)
            {
                return (map.Offset + start, count, 1);
            }

            int left = (int)Math.Min(count, map.Shape[^1] - (start % map.Shape[^1]));
            return map.Strides[^1] switch
            {
                0 => (map.SourceIndex(start), 1, left),
                1 => (map.SourceIndex(start), left, 1),
                _ => (map.SourceIndex(start), 1, 1),
            };
        }
    }

    // Where the elements of a slot are; null after a failure. What records say of each other is checked here, record by record.
    private Operand? Resolve(int node, GraphRecord record, int slot)
    {
        if (slot >= record.Inputs.Length)
        {
            RecordOutput own = record.Outputs[slot - record.Inputs.Length];
            ValueRef value = new(ValueKind.Node, node, slot - record.Inputs.Length);
            return new Operand(value, own.Type, AffineView.Identity(own.Type.Shape), own.Resolution == Resolution.Committed ? null : ReaderOf(node));
        }

        RecordInput input = record.Inputs[slot];
        AffineView map = AffineView.Identity(input.Type.Shape);
        if (Output(input, node) is { Resolution: Resolution.View })
        {
            GraphRecord view = source.Record(input.Source.Index)!;
            map = ((View)view.Op).Map;
            int viewNode = input.Source.Index;
            input = view.Inputs[0];
            if (Output(input, viewNode) is { Resolution: Resolution.View } || !map.StaysWithin(input.Type.Elements))
            {
                Fail(Reason.Malformed, $"record {viewNode} is no view of a value");
                return null;
            }
        }

        if (input.Source.Kind != ValueKind.Node)
        {
            return new Operand(input.Source, input.Type, map, null);
        }

        return Output(input, node) is RecordOutput output
            ? new Operand(input.Source, input.Type, map, output.Resolution == Resolution.Committed ? null : ReaderOf(input.Source.Index))
            : null;
    }

    // The output that an input refers to; null where it is no node's, or after a failure.
    private RecordOutput? Output(RecordInput input, int before)
    {
        if (input.Source.Kind != ValueKind.Node)
        {
            return null;
        }

        GraphRecord? producer = input.Source.Index < before ? source.Record(input.Source.Index) : null;
        if (producer is null)
        {
            Fail(Reason.Incomplete, $"record {input.Source.Index} is not opened");
            return null;
        }

        if (input.Source.Slot >= producer.Outputs.Length || producer.Outputs[input.Source.Slot].Type != input.Type)
        {
            Fail(Reason.Malformed, $"record {before} and record {input.Source.Index} do not agree");
            return null;
        }

        return producer.Outputs[input.Source.Slot];
    }
}
