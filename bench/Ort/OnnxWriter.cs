using System.Collections.Immutable;
using System.Globalization;

using Google.Protobuf;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Ort;

/// <summary>A value of an attribute of an ONNX node.</summary>
/// <param name="Name">The attribute.</param>
/// <param name="Value">A float, long, long[] or string.</param>
internal sealed record OnnxAttribute(string Name, object Value);

/// <summary>A node of an ONNX model.</summary>
/// <param name="Op">The operator, of ONNX's own domain.</param>
/// <param name="Inputs">Names of its inputs in order; an empty name leaves one out.</param>
/// <param name="Outputs">Names of its outputs.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record OnnxNode(
    string Op, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, params ImmutableArray<OnnxAttribute> Attributes);

/// <summary>A constant whose bytes are in another file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="File">The file, beside the model.</param>
/// <param name="Offset">Where its bytes begin.</param>
internal sealed record OnnxExternal(string Name, TensorType Type, string File, long Offset);

/// <summary>Writes models, and adds outputs to existing models. On purpose not the schema that our importer reads with.</summary>
internal static class OnnxWriter
{
    private const int IrVersion = 10;

    /// <summary>A model of one node.</summary>
    /// <param name="opType">The operator, of ONNX's own domain.</param>
    /// <param name="opset">Version of the operator set.</param>
    /// <param name="attributes">Attributes of the node.</param>
    /// <param name="operands">Names of the node's inputs in order; an empty name leaves one out.</param>
    /// <param name="inputs">Graph inputs.</param>
    /// <param name="constants">Initializers.</param>
    /// <param name="outputs">Names and types of the node's outputs.</param>
    public static byte[] OneNode(
        string opType,
        long opset,
        ImmutableArray<OnnxAttribute> attributes,
        ImmutableArray<string> operands,
        ImmutableArray<(string Name, Tensor Value)> inputs,
        ImmutableArray<(string Name, Tensor Value)> constants,
        ImmutableArray<(string Name, DType Type)> outputs)
        => Model(
            opset,
            [new OnnxNode(opType, operands, [.. outputs.Select(output => output.Name)], attributes)],
            [.. inputs.Select(input => (input.Name, input.Value.Type))],
            constants,
            [],
            outputs);

    /// <summary>A model.</summary>
    /// <param name="opset">Version of the operator set.</param>
    /// <param name="nodes">Its nodes, in order.</param>
    /// <param name="inputs">Graph inputs.</param>
    /// <param name="constants">Initializers.</param>
    /// <param name="externals">Initializers in other files.</param>
    /// <param name="outputs">Names and types of its outputs.</param>
    public static byte[] Model(
        long opset,
        IEnumerable<OnnxNode> nodes,
        IEnumerable<(string Name, TensorType Type)> inputs,
        IEnumerable<(string Name, Tensor Value)> constants,
        IEnumerable<OnnxExternal> externals,
        IEnumerable<(string Name, DType Type)> outputs)
    {
        Message graph = new Message().Text(2, "bench");
        foreach (OnnxNode node in nodes)
        {
            graph.Add(1, Node(node));
        }

        foreach ((string name, Tensor value) in constants)
        {
            graph.Add(5, Initializer(name, value.Type).Bytes(9, value.Bytes.Span));
        }

        foreach (OnnxExternal external in externals)
        {
            graph.Add(5, Initializer(external.Name, external.Type)
                .Add(13, Entry("location", external.File))
                .Add(13, Entry("offset", external.Offset.ToString(CultureInfo.InvariantCulture)))
                .Add(13, Entry("length", external.Type.Bytes.ToString(CultureInfo.InvariantCulture)))
                .Number(14, 1));
        }

        foreach ((string name, TensorType type) in inputs)
        {
            graph.Add(11, ValueInfo(name, type.DType, type.Shape));
        }

        foreach ((string name, DType type) in outputs)
        {
            graph.Add(12, ValueInfo(name, type, shape: null));
        }

        Message opsetId = new Message().Text(1, string.Empty).Number(2, opset);
        return new Message().Number(1, IrVersion).Text(2, "bench").Add(7, graph).Add(8, opsetId).ToArray();
    }

    private static Message Node(OnnxNode node)
    {
        Message message = new();
        foreach (string input in node.Inputs)
        {
            message.Text(1, input);
        }

        foreach (string output in node.Outputs)
        {
            message.Text(2, output);
        }

        message.Text(4, node.Op);
        foreach (OnnxAttribute attribute in node.Attributes)
        {
            message.Add(5, Attribute(attribute));
        }

        return message;
    }

    private static Message Initializer(string name, TensorType type)
    {
        Message tensor = new();
        foreach (long extent in type.Shape.Extents)
        {
            tensor.Number(1, extent);
        }

        return tensor.Number(2, (int)type.DType).Text(8, name);
    }

    private static Message Entry(string key, string value) => new Message().Text(1, key).Text(2, value);

    private static Message ValueInfo(string name, DType type, Shape? shape)
    {
        Message tensorType = new Message().Number(1, (int)type);
        if (shape is not null)
        {
            Message extents = new();
            foreach (long extent in shape.Extents)
            {
                extents.Add(1, new Message().Number(1, extent));
            }

            tensorType.Add(2, extents);
        }

        return new Message().Text(1, name).Add(2, new Message().Add(1, tensorType));
    }

    private static Message Attribute(OnnxAttribute attribute)
    {
        const int type = 20;
        Message message = new Message().Text(1, attribute.Name);
        switch (attribute.Value)
        {
            case float value:
                return message.Single(2, value).Number(type, 1);
            case long value:
                return message.Number(3, value).Number(type, 2);
            case string value:
                return message.Text(4, value).Number(type, 3);
            case long[] values:
                foreach (long value in values)
                {
                    message.Number(8, value);
                }

                return message.Number(type, 7);
            default:
                throw new ArgumentException($"attribute {attribute.Name}: {attribute.Value.GetType()}", nameof(attribute));
        }
    }

    /// <summary>A message that is being written.</summary>
    private sealed class Message
    {
        private readonly List<byte> _bytes = [];

        public Message Number(int field, long value) => Write(field, WireFormat.WireType.Varint, stream => stream.WriteInt64(value));

        public Message Single(int field, float value) => Write(field, WireFormat.WireType.Fixed32, stream => stream.WriteFloat(value));

        public Message Text(int field, string value)
            => Write(field, WireFormat.WireType.LengthDelimited, stream => stream.WriteString(value));

        public Message Bytes(int field, ReadOnlySpan<byte> value)
        {
            ByteString bytes = ByteString.CopyFrom(value);
            return Write(field, WireFormat.WireType.LengthDelimited, stream => stream.WriteBytes(bytes));
        }

        public Message Add(int field, Message message) => Bytes(field, message.ToArray());

        public byte[] ToArray() => [.. _bytes];

        private Message Write(int field, WireFormat.WireType type, Action<CodedOutputStream> write)
        {
            using MemoryStream bytes = new();
            using (CodedOutputStream stream = new(bytes, leaveOpen: true))
            {
                stream.WriteTag(field, type);
                write(stream);
            }

            _bytes.AddRange(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
            return this;
        }
    }
}
