using System;
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
    private readonly Dictionary<TensorProto, Tensor?> _tensors = new(ReferenceEqualityComparer.Instance);
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
    internal static ModelGraph? Read(ReadOnlyMemory<byte> bytes, ExternalData? external, DefectList defects)
    {
        if (Parse(bytes, ModelProto.Parser, OnnxShapes.Model, defects) is not ModelProto model)
        {
            return null;
        }

        RawData.Restore(model, bytes);
        if (model.Graph is null)
        {
            defects.Invalid("the file has no graph");
            return null;
        }

        ModelGraph graph = new ModelReader(model, external, defects).Read();
        return defects.Any ? null : graph;
    }

    /// <summary>What is wrong with the bytes of a message before anything is made of them; null: nothing.</summary>
    internal static string? Defect(ReadOnlySpan<byte> bytes, MessageShape type)
        => WireScan.Defect(bytes, type, OnnxLimits.Scan);

    /// <summary>A message of the given type, measured before it is made, its raw data left where it is (see <see cref="RawData"/>); null when
    /// there are defects, which begin with <paramref name="who"/>.</summary>
    internal static T? Parse<T>(
        ReadOnlyMemory<byte> bytes,
        MessageParser<T> parser,
        MessageShape type,
        DefectList defects,
        string who = "")
        where T : class, IMessage<T>
    {
        using MemoryStream copy = new();
        if (WireScan.Copy(bytes.Span, type, OnnxLimits.Scan, copy) is string defect)
        {
            defects.Invalid($"{who}{defect}");
            return null;
        }

        try
        {
            return parser.WithDiscardUnknownFields(true).ParseFrom(copy.GetBuffer(), 0, (int)copy.Length);
        }
        catch (InvalidProtocolBufferException damage)
        {
            defects.Invalid($"{who}the file is truncated or damaged: {damage.Message}");
            return null;
        }
    }

    /// <summary>The bytes of a file, if it is not above the limit; a large one is mapped.</summary>
    /// <exception cref="InvalidModelException">The file is too large.</exception>
    internal static ReadOnlyMemory<byte> Bytes(string path)
    {
        long length = new FileInfo(path).Length;
        return length > OnnxLimits.FileBytes
            ? throw new InvalidModelException($"the file has {length} bytes, above the limit of {OnnxLimits.FileBytes}")
            : length < OnnxLimits.MappedBytes ? File.ReadAllBytes(path) : MappedFile.Open(path).Slice(0, (int)length);
    }

    private ModelGraph Read()
    {
        ImmutableSortedDictionary<string, long> opsets = Opsets();
        OnnxBody body = Body(FunctionInliner.Run(_model, _defects), null);
        string producer = $"{_model.ProducerName} {_model.ProducerVersion}".Trim();
        return new ModelGraph(body, opsets, _model.IrVersion, producer);
    }

    // A graph whose names may come from around it.
    private OnnxBody Body(GraphDraft draft, Known? outer)
    {
        Known known = new(outer);
        ImmutableArray<OnnxValue> inputs = [.. draft.Inputs.Select(input => Input(draft, input.Name, input.Proto, known)).OfType<OnnxValue>()];
        Dictionary<string, Tensor> initializers = Initializers(draft, known);
        foreach (NodeDraft node in draft.Nodes)
        {
            DefineOutputs(node, known);
        }

        Dictionary<NodeDraft, List<(string Name, OnnxBody Body)>> bodies = new(ReferenceEqualityComparer.Instance);
        foreach (NodeDraft node in draft.Nodes)
        {
            CheckInputs(node, known);
            bodies[node] = [.. node.Bodies.Select(body => (body.Name, Body(body.Graph, known)))];
            foreach (string output in node.Outputs)
            {
                known.Pass(output);
            }
        }

        ImmutableArray<OnnxValue> outputs = Outputs(draft, known);
        foreach (ValueInfoProto value in draft.Proto.ValueInfo)
        {
            Declared(value, value.Name, $"{Where(draft)}value '{value.Name}'", isTensor: false);
        }

        List<OnnxNode> nodes = [];
        foreach (NodeDraft sorted in NodeOrder.Sort(draft.Nodes, _defects) ?? draft.Nodes)
        {
            if (Node(sorted, bodies[sorted]) is OnnxNode node)
            {
                nodes.Add(node);
            }
        }

        return new OnnxBody(inputs, outputs, initializers, [.. nodes]);
    }

    // What messages about a body's values begin with.
    private static string Where(GraphDraft draft) => draft.Path.Length == 0 ? string.Empty : $"'{draft.Path[..^1]}': ";

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

    private OnnxValue? Input(GraphDraft draft, string name, ValueInfoProto proto, Known known)
    {
        string who = $"{Where(draft)}input '{proto.Name}'";
        Define(name, who, known);
        known.Pass(name);
        bool isTyped = proto.Type is { ValueCase: not TypeProto.ValueOneofCase.None };
        if (!isTyped && draft.Path.Length == 0)
        {
            _defects.Invalid($"{who} has no type");
            return null;
        }

        return Declared(proto, name, who, isTensor: draft.Path.Length == 0);
    }

    private ImmutableArray<OnnxValue> Outputs(GraphDraft draft, Known known)
    {
        bool isMain = draft.Path.Length == 0;
        if (isMain && draft.Outputs.IsEmpty)
        {
            _defects.Invalid("the graph has no output");
        }

        HashSet<string> seen = [];
        List<OnnxValue> outputs = [];
        foreach ((string name, ValueInfoProto proto) in draft.Outputs)
        {
            string who = $"{Where(draft)}output '{proto.Name}'";
            if (!seen.Add(name) && isMain)
            {
                _defects.Invalid($"{who} occurs twice");
            }

            if (!known.Has(name))
            {
                _defects.Invalid($"{who} is not defined");
            }

            if (Declared(proto, name, who, isTensor: isMain) is OnnxValue value)
            {
                outputs.Add(value);
            }
        }

        return [.. outputs];
    }

    // A body may hand on sequences and optionals; the model may not.
    private OnnxValue? Declared(ValueInfoProto proto, string name, string who, bool isTensor)
    {
        bool isNested = proto.Type?.ValueCase is TypeProto.ValueOneofCase.SequenceType or TypeProto.ValueOneofCase.OptionalType;
        if (proto.Type is null || proto.Type.ValueCase == TypeProto.ValueOneofCase.None || (isNested && !isTensor))
        {
            return new OnnxValue(name, DType.None, null);
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
            _defects.OutOfScope($"{who}: {kind} is not supported");
            return null;
        }

        TypeProto.Types.Tensor tensor = proto.Type.TensorType;
        DType type = ElementTypes.Read(tensor.ElemType, who, _defects);
        ImmutableArray<OnnxDimension>? dimensions = tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(dim => Dimension(dim, who))];
        if (type == DType.None && !isTensor)
        {
            return new OnnxValue(name, DType.None, null);
        }

        return type == DType.None ? null : new OnnxValue(name, type, dimensions);
    }

    // Some exporters write -1 for an extent that they do not know; others a symbol that only says so, the same for all of them.
    private OnnxDimension Dimension(TensorShapeProto.Types.Dimension proto, string who)
    {
        if (proto.HasDimValue && proto.DimValue < -1)
        {
            _defects.Invalid($"{who}: an extent of {proto.DimValue}");
        }

        return new OnnxDimension(
            proto.HasDimValue && proto.DimValue >= 0 ? proto.DimValue : null,
            proto.HasDimParam && proto.DimParam is not ("" or "?" or "*" or "-1" or "None" or "unk" or "unknown") ? proto.DimParam : null);
    }

    private Dictionary<string, Tensor> Initializers(GraphDraft draft, Known known)
    {
        Dictionary<string, Tensor> initializers = [];
        HashSet<string> inputs = [.. draft.Inputs.Select(input => input.Name)];
        HashSet<string> seen = [];
        foreach ((string name, TensorProto proto) in draft.Initializers)
        {
            string who = $"{Where(draft)}initializer '{proto.Name}'";
            if (!seen.Add(name))
            {
                _defects.Invalid($"{who} is defined twice");
            }
            else if (!inputs.Contains(name))
            {
                Define(name, who, known);
                known.Pass(name);
            }

            if (!_tensors.TryGetValue(proto, out Tensor? tensor))
            {
                tensor = TensorDecoder.Read(proto, who, _external, _defects);
                _tensors.Add(proto, tensor);
            }

            if (tensor is not null)
            {
                initializers.TryAdd(name, tensor);
            }
        }

        foreach (SparseTensorProto sparse in draft.Proto.SparseInitializer)
        {
            known.Define(sparse.Values?.Name ?? string.Empty);
            _defects.OutOfScope($"{Where(draft)}initializer '{sparse.Values?.Name}': a sparse tensor is not supported");
        }

        return initializers;
    }

    private void DefineOutputs(NodeDraft draft, Known known)
    {
        foreach (string output in draft.Outputs)
        {
            if (output.Length > 0 && !known.Define(output))
            {
                _defects.Invalid($"{draft.Who}: value '{output}' is defined twice");
            }
            else if (output.Length > 0 && known.Hides(output))
            {
                _defects.Invalid($"{draft.Who}: value '{output}' hides a value around the body");
            }
        }
    }

    private void Define(string name, string who, Known known)
    {
        if (name.Length == 0)
        {
            _defects.Invalid($"{who}: a value without a name");
        }
        else if (!known.Define(name))
        {
            _defects.Invalid($"{who}: value '{name}' is defined twice");
        }
    }

    private void CheckInputs(NodeDraft draft, Known known)
    {
        foreach (string input in draft.Inputs)
        {
            if (input.Length > 0 && !known.Has(input))
            {
                _defects.Invalid($"{draft.Who}: input '{input}' is not defined");
            }
        }
    }

    private OnnxNode? Node(NodeDraft draft, List<(string Name, OnnxBody Body)> bodies)
    {
        if (draft.Version is not long version)
        {
            _defects.Invalid($"{draft.Who}: domain '{draft.Domain}' is not imported");
            return null;
        }

        if (OnnxOps.Find(draft.FullOperator) is not OnnxOp op)
        {
            if (OutOfScope.Reason(draft.FullOperator) is string reason)
            {
                _defects.OutOfScope($"{draft.Who}: the operator is out of scope: {reason}");
            }
            else
            {
                _defects.Unsupported($"{draft.Who}: the operator is not supported");
            }

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

        OnnxAttributes attributes = OnnxAttributes.Read(
            draft.Attributes, bodies, op.Attributes, version, draft.Who, _external, _attributes, _defects);
        return new OnnxNode(draft.Name, op, version, draft.Inputs, draft.Outputs, [.. draft.Captures], attributes);
    }
}
