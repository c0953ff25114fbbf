using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Canonical bytes of a graph record: a leaf of the graph tree.</summary>
public static class RecordCodec
{
    private const int AddressSteps = 1;

    /// <summary>Writes a record.</summary>
    /// <param name="index">Its place in the graph: the first step of its address.</param>
    /// <param name="record">The record.</param>
    public static byte[] Write(int index, GraphRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        CanonicalWriter writer = new();
        writer.U8(AddressSteps);
        writer.U32(index);
        writer.U32(0);
        writer.Text(record.Op.Name);
        writer.U16(record.Op.Version);
        writer.U8(record.Op.Attributes.Length);
        foreach (OpAttribute attribute in record.Op.Attributes)
        {
            writer.U8(attribute.Values.Length);
            foreach (long value in attribute.Values)
            {
                writer.I64(value);
            }
        }

        writer.U16(record.Inputs.Length);
        foreach (RecordInput input in record.Inputs)
        {
            writer.U8((int)input.Source.Kind);
            writer.U32(input.Source.Index);
            writer.U16(input.Source.Slot);
            Write(writer, input.Type);
        }

        writer.U16(record.Outputs.Length);
        foreach (RecordOutput output in record.Outputs)
        {
            Write(writer, output.Type);
            writer.U8((int)output.Resolution);
            writer.U32(output.GraphOutput + 1);
        }

        writer.U128(record.ElementsBefore);
        writer.U128(record.WorkBefore);
        return writer.ToArray();
    }

    /// <summary>Reads a record.</summary>
    /// <param name="index">Its place in the graph, which it must name.</param>
    /// <param name="bytes">The leaf.</param>
    /// <param name="record">The record; its shape rule, costs and sums are not checked here.</param>
    /// <param name="why">What is wrong, otherwise.</param>
    public static bool TryRead(int index, ReadOnlySpan<byte> bytes, out GraphRecord? record, out string why)
    {
        CanonicalReader reader = new(bytes);
        record = null;
        reader.Require(reader.U8() == AddressSteps, "an address has one step in this format");
        reader.Require(reader.U32() == index, "the record of another node");
        reader.Require(reader.U32() == 0, "an iteration is 0 in this format");
        Op? op = ReadOp(ref reader);
        RecordInput[] inputs = new RecordInput[reader.Count(reader.U16(), Limits.RecordValues, 9)];
        for (int i = 0; i < inputs.Length && !reader.Failed; i++)
        {
            ValueKind kind = (ValueKind)reader.U8();
            int of = reader.Int(Limits.Values - 1, "an input is no value");
            int slot = reader.U16();
            reader.Require(kind is ValueKind.Node or ValueKind.Parameter or ValueKind.Input, "an input is no value");
            inputs[i] = new RecordInput(new ValueRef(kind, of, slot), ReadType(ref reader));
        }

        RecordOutput[] outputs = new RecordOutput[reader.Count(reader.U16(), Limits.RecordValues, 7)];
        for (int i = 0; i < outputs.Length && !reader.Failed; i++)
        {
            TensorType type = ReadType(ref reader);
            Resolution resolution = (Resolution)reader.U8();
            int number = reader.Int(Limits.GraphOutputs, "an output is no output");
            reader.Require(resolution is Resolution.Committed or Resolution.Recomputed or Resolution.View, "an output is no output");
            outputs[i] = new RecordOutput(type, resolution, number - 1);
        }

        UInt128 elements = reader.U128();
        UInt128 work = reader.U128();
        reader.End();
        why = reader.Why;
        record = reader.Failed || op is null ? null : new GraphRecord(op, [.. inputs], [.. outputs], elements, work);
        return record is not null;
    }

    /// <summary>Writes element type and shape: a byte each for type and rank, eight an extent.</summary>
    public static void Write(CanonicalWriter writer, TensorType type)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(type);
        writer.U8((int)type.DType);
        writer.U8(type.Shape.Rank);
        foreach (long extent in type.Shape.Extents)
        {
            writer.I64(extent);
        }
    }

    /// <summary>Reads element type and shape; a scalar f32 where they are none.</summary>
    public static TensorType ReadType(ref CanonicalReader reader)
    {
        DType type = (DType)reader.U8();
        reader.Require(Enum.IsDefined(type) && type != DType.None, "no element type");
        int rank = reader.U8();
        reader.Require(rank <= Limits.Rank, "the rank is above the limit");
        Int128 elements = 1;
        long[] extents = new long[reader.Failed ? 0 : rank];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            extents[axis] = reader.I64();
            elements = extents[axis] < 0 ? Int128.MaxValue : Int128.Min(elements * Math.Max(extents[axis], 1), (Int128)Limits.Elements + 1);
            reader.Require(elements <= Limits.Elements, "a shape is above the limit");
        }

        return reader.Failed ? new TensorType(DType.F32, Shape.Scalar) : new TensorType(type, new Shape(extents));
    }

    private static Op? ReadOp(ref CanonicalReader reader)
    {
        string name = reader.Text(Limits.NameBytes);
        int version = reader.U16();
        ImmutableArray<long>[] attributes = new ImmutableArray<long>[reader.Count(reader.U8(), byte.MaxValue, 1)];
        for (int i = 0; i < attributes.Length && !reader.Failed; i++)
        {
            long[] values = new long[reader.Count(reader.U8(), byte.MaxValue, sizeof(long))];
            for (int k = 0; k < values.Length; k++)
            {
                values[k] = reader.I64();
            }

            attributes[i] = [.. values];
        }

        if (reader.Failed)
        {
            return null;
        }

        reader.Require(OpSet.TryCreate(name, version, attributes, out Op? op), "the op is not in these semantics");
        return op;
    }
}
