using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;

using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Import;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Reads a model file and checks everything that can be checked without inputs, in one pass.</summary>
internal sealed class ModelReader
{
    private readonly DefectList _defects;
    private readonly ModelProto _model;
    private readonly ExternalData? _external;
    private readonly Dictionary<string, Tensor> _initializers = [];
    private readonly HashSet<string> _defined = [];
    private readonly Dictionary<AttributeProto, object> _attributes = new(ReferenceEqualityComparer.Instance);

    private ModelReader(ModelProto model, ExternalData? external, DefectList defects)
    {
        _model = model;
        _external = external;
        _defects = defects;
    }

    /// <summary>The model in the given bytes; null when there are defects.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="external">Where tensors in other files come from; null refuses them.</param>
    /// <param name="defects">Where defects go.</param>
    internal static ModelGraph? Read(byte[] bytes, ExternalData? external, DefectList defects)
    {
        if (Parse(bytes, ModelProto.Parser, ModelProto.Descriptor, defects) is not ModelProto model)
        {
            return null;
        }

        if (model.Graph is null)
        {
            defects.Invalid("the file has no graph");
            return null;
        }

        ModelGraph? graph = new ModelReader(model, external, defects).Read();
        return defects.Any ? null : graph;
    }

    /// <summary>A message of the given type, measured before it is made; null when there are defects.</summary>
    internal static T? Parse<T>(
        byte[] bytes, MessageParser<T> parser, Google.Protobuf.Reflection.MessageDescriptor type, DefectList defects)
        where T : class, IMessage<T>
    {
        if (WireScan.Defect(bytes, type, OnnxLimits.Scan) is string defect)
        {
            defects.Invalid(defect);
            return null;
        }

        try
        {
            return parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException damage)
        {
            defects.Invalid($"the file is truncated or damaged: {damage.Message}");
            return null;
        }
    }

    /// <summary>The bytes of a file, if it is not above the limit.</summary>
    /// <exception cref="InvalidModelException">The file is too large.</exception>
    internal static byte[] Bytes(string path)
    {
        long length = new FileInfo(path).Length;
        return length > OnnxLimits.FileBytes
            ? throw new InvalidModelException($"the file has {length} bytes, above the limit of {OnnxLimits.FileBytes}")
            : File.ReadAllBytes(path);
    }

    private ModelGraph? Read()
    {
        GraphProto graph = _model.Graph;
        ImmutableSortedDictionary<string, long> opsets = Opsets();
        ImmutableArray<OnnxValue> inputs = [.. graph.Input.Select(Input).OfType<OnnxValue>()];
        Initializers(graph);
        List<NodeDraft> drafts = FunctionInliner.Run(_model, _defects);
        foreach (NodeDraft draft in drafts)
        {
            DefineOutputs(draft);
        }

        foreach (NodeDraft draft in drafts)
        {
            CheckInputs(draft);
        }

        ImmutableArray<OnnxValue> outputs = Outputs(graph);
        foreach (ValueInfoProto value in graph.ValueInfo)
        {
            Declared(value, $"value '{value.Name}'");
        }

        List<OnnxNode> nodes = [];
        foreach (NodeDraft draft in NodeOrder.Sort(drafts, _defects) ?? drafts)
        {
            if (Node(draft) is OnnxNode node)
            {
                nodes.Add(node);
            }
        }

        string producer = $"{_model.ProducerName} {_model.ProducerVersion}".Trim();
        return new ModelGraph(inputs, outputs, _initializers, [.. nodes], opsets, _model.IrVersion, producer);
    }

    private ImmutableSortedDictionary<string, long> Opsets()
    {
        if (_model.IrVersion is < 1 or > OnnxLimits.LastIrVersion)
        {
            _defects.Unsupported($"IR version {_model.IrVersion} is not supported (1 to {OnnxLimits.LastIrVersion})");
        }

        ImmutableSortedDictionary<string, long> opsets = FunctionInliner.Opsets(_model.OpsetImport);
        if (opsets.IsEmpty)
        {
            _defects.Invalid("the model imports no opset");
        }

        return opsets;
    }

    private OnnxValue? Input(ValueInfoProto proto)
    {
        string who = $"input '{proto.Name}'";
        Define(proto.Name, who);
        if (proto.Type is null)
        {
            _defects.Invalid($"{who} has no type");
            return null;
        }

        return Declared(proto, who);
    }

    private ImmutableArray<OnnxValue> Outputs(GraphProto graph)
    {
        if (graph.Output.Count == 0)
        {
            _defects.Invalid("the graph has no output");
        }

        HashSet<string> seen = [];
        List<OnnxValue> outputs = [];
        foreach (ValueInfoProto proto in graph.Output)
        {
            string who = $"output '{proto.Name}'";
            if (!seen.Add(proto.Name))
            {
                _defects.Invalid($"{who} occurs twice");
            }

            if (!_defined.Contains(proto.Name))
            {
                _defects.Invalid($"{who} is not defined");
            }

            if (Declared(proto, who) is OnnxValue value)
            {
                outputs.Add(value);
            }
        }

        return [.. outputs];
    }

    private OnnxValue? Declared(ValueInfoProto proto, string who)
    {
        if (proto.Type is null || proto.Type.ValueCase == TypeProto.ValueOneofCase.None)
        {
            return new OnnxValue(proto.Name, DType.None, null);
        }

        if (proto.Type.ValueCase != TypeProto.ValueOneofCase.TensorType)
        {
            string kind = proto.Type.ValueCase switch
            {
                TypeProto.ValueOneofCase.SequenceType => "a sequence",
                TypeProto.ValueOneofCase.MapType => "a map",
                TypeProto.ValueOneofCase.OptionalType => "an optional",
                _ => "a sparse tensor",
            };
            _defects.Unsupported($"{who}: {kind} is not supported");
            return null;
        }

        TypeProto.Types.Tensor tensor = proto.Type.TensorType;
        DType type = ElementTypes.Read(tensor.ElemType, who, _defects);
        ImmutableArray<OnnxDimension>? dimensions = tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(dim => Dimension(dim, who))];
        return type == DType.None ? null : new OnnxValue(proto.Name, type, dimensions);
    }

    // Some exporters write -1 for an extent that they do not know.
    private OnnxDimension Dimension(TensorShapeProto.Types.Dimension proto, string who)
    {
        if (proto.HasDimValue && proto.DimValue < -1)
        {
            _defects.Invalid($"{who}: an extent of {proto.DimValue}");
        }

        return new OnnxDimension(
            proto.HasDimValue && proto.DimValue >= 0 ? proto.DimValue : null,
            proto.HasDimParam && proto.DimParam.Length > 0 ? proto.DimParam : null);
    }

    private void Initializers(GraphProto graph)
    {
        HashSet<string> inputs = [.. graph.Input.Select(input => input.Name)];
        HashSet<string> seen = [];
        foreach (TensorProto proto in graph.Initializer)
        {
            string who = $"initializer '{proto.Name}'";
            if (!seen.Add(proto.Name))
            {
                _defects.Invalid($"{who} is defined twice");
            }
            else if (!inputs.Contains(proto.Name))
            {
                Define(proto.Name, who);
            }

            if (TensorDecoder.Read(proto, who, _external, _defects) is Tensor tensor)
            {
                _initializers.TryAdd(proto.Name, tensor);
            }
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            _defined.Add(sparse.Values?.Name ?? string.Empty);
            _defects.Unsupported($"initializer '{sparse.Values?.Name}': a sparse tensor is not supported");
        }
    }

    private void DefineOutputs(NodeDraft draft)
    {
        foreach (string output in draft.Outputs)
        {
            if (output.Length > 0 && !_defined.Add(output))
            {
                _defects.Invalid($"{draft.Who}: value '{output}' is defined twice");
            }
        }
    }

    private void Define(string name, string who)
    {
        if (name.Length == 0)
        {
            _defects.Invalid($"{who}: a value without a name");
        }
        else if (!_defined.Add(name))
        {
            _defects.Invalid($"{who}: value '{name}' is defined twice");
        }
    }

    private void CheckInputs(NodeDraft draft)
    {
        foreach (string input in draft.Inputs)
        {
            if (input.Length > 0 && !_defined.Contains(input))
            {
                _defects.Invalid($"{draft.Who}: input '{input}' is not defined");
            }
        }
    }

    private OnnxNode? Node(NodeDraft draft)
    {
        if (draft.Version is not long version)
        {
            _defects.Invalid($"{draft.Who}: domain '{draft.Domain}' is not imported");
            return null;
        }

        if (OnnxOps.Find(draft.FullOperator) is not OnnxOp op)
        {
            _defects.Unsupported($"{draft.Who}: the operator is not supported");
            return null;
        }

        if (version < op.Since || version > op.Until)
        {
            _defects.Unsupported($"{draft.Who}: opset {version} is not supported ({op.Since} to {op.Until})");
            return null;
        }

        (int least, int most) = op.Inputs;
        int given = draft.Inputs.Length;
        if (given < least || given > most || draft.Inputs.Take(least).Any(input => input.Length == 0))
        {
            string wanted = least == most ? $"{least}" : most == int.MaxValue ? $"{least} or more" : $"{least} to {most}";
            _defects.Invalid($"{draft.Who}: {given} inputs, not {wanted}, or a required one is left out");
        }

        if (draft.Outputs.Length == 0 || draft.Outputs.Length > op.Outputs)
        {
            _defects.Invalid($"{draft.Who}: {draft.Outputs.Length} outputs, not 1 to {op.Outputs}");
        }

        OnnxAttributes attributes = OnnxAttributes.Read(draft.Attributes, op.Attributes, version, draft.Who, _external, _attributes, _defects);
        return new OnnxNode(draft.Name, op, version, draft.Inputs, draft.Outputs, attributes);
    }
}
