using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Records that nobody should accept, under graph roots that fit them.</summary>
internal static class Stating
{
    /// <summary>Index of the graph input that attackers read.</summary>
    internal const int InputIndex = 900;

    /// <summary>A vector of four f32.</summary>
    internal static readonly TensorType Four = new(DType.F32, new Shape(4));

    /// <summary>A graph input of its own, so that nothing else of the graph is touched.</summary>
    internal static RecordInput Input(TensorType type) => new(new ValueRef(ValueKind.Input, InputIndex), type);

    /// <summary>Inputs without elements: all but one that a record may have.</summary>
    internal static IEnumerable<RecordInput> Nothings =>
        Enumerable.Repeat(new RecordInput(new ValueRef(ValueKind.Input, InputIndex - 1), new TensorType(DType.F32, new Shape(0))), Limits.RecordValues - 1);

    /// <summary>Output 0 of a node that will stand at an index.</summary>
    internal static RecordInput Node(int index, TensorType type) => new(new ValueRef(ValueKind.Node, index), type);

    /// <summary>A record whose outputs are what its op makes of its inputs.</summary>
    internal static GraphRecord Record(Op op, Resolution resolution, params ImmutableArray<RecordInput> inputs) => new(
        op, inputs, [.. op.Infer([.. inputs.Select(input => input.Type)]).Select(type => new RecordOutput(type, resolution))], 0, 0);

    /// <summary>The graph of a run with records after it, made from the number of records before them.</summary>
    internal static SpotFiles After(Scene scene, Func<int, IEnumerable<GraphRecord>> records) =>
        Forge.Stated(scene, scene.Records().Concat(records(scene.Records().Length)));

    /// <summary>The graph of a run with one record changed, the first for which there is a change.</summary>
    internal static SpotFiles? Changed(Scene scene, Func<GraphRecord, int, GraphRecord?> edit)
    {
        ImmutableArray<GraphRecord> records = scene.Records();
        for (int i = 0; i < records.Length; i++)
        {
            if (edit(records[i], i) is GraphRecord other)
            {
                return Forge.Stated(scene, records.SetItem(i, other));
            }
        }

        return null;
    }

    /// <summary>The same for the first output of a record for which there is a change.</summary>
    internal static SpotFiles? Output(Scene scene, Func<GraphRecord, RecordOutput, RecordOutput?> edit) => Changed(scene, (record, _) =>
    {
        for (int slot = 0; slot < record.Outputs.Length; slot++)
        {
            if (edit(record, record.Outputs[slot]) is RecordOutput other)
            {
                return record with { Outputs = record.Outputs.SetItem(slot, other) };
            }
        }

        return null;
    });

    /// <summary>The graph of a run with one record after it that is given as its op's name, version and attributes.</summary>
    internal static SpotFiles Named(Scene scene, string name, int version, params long[][] attributes) =>
        Bytes(scene, index => RecordBytes(index, name, version, attributes));

    /// <summary>The graph of a run with the bytes of one record after it, made from its index.</summary>
    internal static SpotFiles Bytes(Scene scene, Func<int, byte[]> record) =>
        Forge.Stated(scene, [.. scene.Statement.RecordBytes, record(scene.Records().Length)]);

    /// <summary>The bytes of a record with one input and one output of four elements.</summary>
    internal static byte[] RecordBytes(int index, string name, int version, long[][] attributes)
    {
        CanonicalWriter writer = new();
        writer.U8(1);
        writer.U32(index);
        writer.U32(0);
        writer.Text(name);
        writer.U16(version);
        writer.U8(attributes.Length);
        foreach (long[] values in attributes)
        {
            writer.U8(values.Length);
            foreach (long value in values)
            {
                writer.I64(value);
            }
        }

        writer.U16(1);
        writer.U8((int)ValueKind.Input);
        writer.U32(InputIndex);
        writer.U16(0);
        RecordCodec.Write(writer, Four);
        writer.U16(1);
        RecordCodec.Write(writer, Four);
        writer.U8((int)Resolution.Committed);
        writer.U32(0);
        writer.U128(0);
        writer.U128(0);
        return writer.ToArray();
    }
}
