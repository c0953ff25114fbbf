using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Evaluates single elements by their definitions from leaves. Values that are recomputed are evaluated when they are pulled, each
/// element once. Pulls nest no deeper than <see cref="Limits.CheckDepth"/>, and what an element may pull, by its footprints, is counted before it
/// is evaluated, so a hostile record costs no more than the limit (docs/adr, bounded checks). After the first failure everything reads as
/// zero and <see cref="Failure"/> stays set.</summary>
internal sealed class Evaluator(LeafSource source)
{
    private readonly Dictionary<ElementRef, ulong> _known = [];
    private readonly Dictionary<int, Reader> _readers = [];
    private long _operations;
    private int _depth;

    /// <summary>Why evaluation failed; <see cref="Reason.None"/> while it did not.</summary>
    internal Reason Failure { get; private set; }

    /// <summary>What failed, for people.</summary>
    internal string Text { get; private set; } = string.Empty;

    /// <summary>Elements computed for the last element, and all that their footprints name: the measured side of
    /// <see cref="CheckCost.Operations"/>.</summary>
    internal long Operations => _operations;

    /// <summary>The element by its definition.</summary>
    /// <returns>Its bytes in the low end; meaningless after a failure.</returns>
    internal ulong Evaluate(ElementRef element)
    {
        _operations = 0;
        _known.Clear();
        return Compute(element);
    }

    /// <summary>The element as it is committed.</summary>
    internal ulong Committed(ElementRef element)
    {
        if (source.Record(element.Node) is not GraphRecord record || element.Slot >= record.Outputs.Length)
        {
            return Fail(Reason.Incomplete, $"record {element.Node} is not opened");
        }

        RecordOutput output = record.Outputs[element.Slot];
        if (output.Resolution != Resolution.Committed || element.Element >= output.Type.Elements)
        {
            return Fail(Reason.Malformed, $"record {element.Node} has no such committed element");
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        Copy(new ValueRef(ValueKind.Node, element.Node, element.Slot), output.Type, element.Element, bytes[..output.Type.DType.Size()]);
        return BitConverter.ToUInt64(bytes);
    }

    private ulong Compute(ElementRef element)
    {
        if (Failure != Reason.None || _known.TryGetValue(element, out ulong known))
        {
            return Failure == Reason.None ? _known[element] : 0;
        }

        if (ReaderOf(element.Node) is not Reader reader)
        {
            return Fail(Reason.Incomplete, $"record {element.Node} is not opened");
        }

        ImmutableArray<RecordOutput> outputs = reader.Record.Outputs;
        if (element.Slot >= outputs.Length || reader.Record.IsView || element.Element >= outputs[element.Slot].Type.Elements)
        {
            return Fail(Reason.Malformed, $"record {element.Node} has no such element");
        }

        _operations += 1 + reader.MostReads(element.Slot);
        if (_operations > Limits.CheckOperations || _depth >= Limits.CheckDepth)
        {
            return Fail(Reason.TooCostly, $"record {element.Node} exceeds the limits of a check");
        }

        DType type = outputs[element.Slot].Type.DType;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        _depth++;
        reader.Record.Op.Evaluate(reader, element.Slot, element.Element, new ElementWriter(type, bytes[..type.Size()]));
        _depth--;
        ulong value = BitConverter.ToUInt64(bytes);
        _known[element] = value;
        return value;
    }

    private Reader? ReaderOf(int node)
    {
        if (!_readers.TryGetValue(node, out Reader? reader) && source.Record(node) is GraphRecord record)
        {
            reader = new Reader(this, node, record);
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

    // Consecutive elements of a committed value, across leaves.
    private void Copy(ValueRef value, TensorType type, long start, Span<byte> destination)
    {
        long offset = start * type.DType.Size();
        while (!destination.IsEmpty)
        {
            (long leaf, long within) = Math.DivRem(offset, Limits.LeafBytes);
            ReadOnlySpan<byte> bytes = Failure == Reason.None ? source.Leaf(value, type, leaf) : default;
            int count = (int)Math.Min(destination.Length, Limits.LeafBytes - within);
            if (bytes.Length < within + count)
            {
                destination.Clear();
                Fail(Reason.Incomplete, $"leaf {leaf} of {value.Kind} {value.Index} slot {value.Slot} is not opened");
                return;
            }

            bytes.Slice((int)within, count).CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }

    // The inputs and own outputs of one record.
    private sealed class Reader(Evaluator evaluator, int node, GraphRecord record) : ElementReader
    {
        private readonly Operand?[] _operands = new Operand?[record.Inputs.Length + record.Outputs.Length];
        private readonly long?[] _reads = new long?[record.Outputs.Length];

        /// <summary>The record.</summary>
        internal GraphRecord Record => record;

        public override int Slots => record.Inputs.Length;

        public override TensorType Type(int slot) =>
            slot < Slots ? record.Inputs[slot].Type : record.Outputs[slot - Slots].Type;

        /// <summary>Elements that one element of an output may pull, not counted far beyond the limit.</summary>
        internal long MostReads(int slot) => _reads[slot] ??= record.Op
            .Footprints(record.InputTypes.AsSpan(), slot, Footprint.Element(record.Outputs[slot].Type.Shape))
            .Sum(read => Math.Min(read.Elements, Limits.CheckOperations + 1));

        public override void Read(int slot, long start, Span<byte> destination)
        {
            if (destination.IsEmpty || evaluator.Failure != Reason.None)
            {
                destination.Clear();
                return;
            }

            Operand? operand = _operands[slot] ??= evaluator.Resolve(node, record, slot);
            if (operand is null)
            {
                destination.Clear();
                return;
            }

            int size = operand.Type.DType.Size();
            if (operand.IsCommitted && operand.Map.IsContiguous)
            {
                evaluator.Copy(operand.Value, operand.Type, operand.Map.Offset + start, destination);
                return;
            }

            for (int i = 0; i < destination.Length / size; i++)
            {
                long element = operand.Map.SourceIndex(start + i);
                Span<byte> to = destination.Slice(i * size, size);
                if (operand.IsCommitted)
                {
                    evaluator.Copy(operand.Value, operand.Type, element, to);
                }
                else
                {
                    ulong value = evaluator.Compute(new ElementRef(operand.Value.Index, operand.Value.Slot, element));
                    MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value))[..size].CopyTo(to);
                }
            }
        }
    }

    private sealed record Operand(ValueRef Value, TensorType Type, AffineView Map, bool IsCommitted);

    // Where the elements of a slot are; null after a failure. What records say of each other is checked here, record by record.
    private Operand? Resolve(int node, GraphRecord record, int slot)
    {
        if (slot >= record.Inputs.Length)
        {
            RecordOutput own = record.Outputs[slot - record.Inputs.Length];
            ValueRef value = new(ValueKind.Node, node, slot - record.Inputs.Length);
            return new Operand(value, own.Type, AffineView.Identity(own.Type.Shape), own.Resolution == Resolution.Committed);
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
            return new Operand(input.Source, input.Type, map, true);
        }

        return Output(input, node) is RecordOutput output
            ? new Operand(input.Source, input.Type, map, output.Resolution == Resolution.Committed)
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
