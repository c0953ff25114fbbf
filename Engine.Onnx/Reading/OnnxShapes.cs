using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>The shapes of <c>Schema/onnx.proto</c>, raw data left out of copies.</summary>
internal static class OnnxShapes
{
    /// <summary>A tensor.</summary>
    internal static MessageShape Tensor { get; } = new MessageShape()
        .Add(FieldKind.Integers, TensorProto.DimsFieldNumber, TensorProto.DataTypeFieldNumber, TensorProto.Int32DataFieldNumber)
        .Add(FieldKind.Integers, TensorProto.Int64DataFieldNumber, TensorProto.Uint64DataFieldNumber, TensorProto.DataLocationFieldNumber)
        .Add(TensorProto.SegmentFieldNumber, new MessageShape().Add(FieldKind.Integers, 1, 2))
        .Add(FieldKind.Bytes, TensorProto.StringDataFieldNumber)
        .Add(FieldKind.Text, TensorProto.NameFieldNumber)
        .Add(FieldKind.LeftOut, TensorProto.RawDataFieldNumber)
        .Add(TensorProto.ExternalDataFieldNumber, new MessageShape().Add(FieldKind.Text, 1, 2));

    /// <summary>A model.</summary>
    internal static MessageShape Model { get; } = MakeModel();

    /// <summary>A model, as the library describes it: the same but for what is left out.</summary>
    internal static MessageShape Described => MessageShape.Of(ModelProto.Descriptor);

    private static MessageShape MakeModel()
    {
        MessageShape dimension = new MessageShape().Add(FieldKind.Integers, 1).Add(FieldKind.Text, 2);
        MessageShape extents = new MessageShape().Add(1, dimension);
        MessageShape Array() => new MessageShape().Add(FieldKind.Integers, 1).Add(2, extents);
        MessageShape type = new();
        type.Add(TypeProto.TensorTypeFieldNumber, Array()).Add(TypeProto.SparseTensorTypeFieldNumber, Array());
        type.Add(TypeProto.SequenceTypeFieldNumber, new MessageShape().Add(1, type));
        type.Add(TypeProto.OptionalTypeFieldNumber, new MessageShape().Add(1, type));
        type.Add(TypeProto.MapTypeFieldNumber, new MessageShape().Add(FieldKind.Integers, 1).Add(2, type));

        MessageShape graph = new();
        MessageShape sparse = new MessageShape().Add(SparseTensorProto.ValuesFieldNumber, Tensor);
        MessageShape attribute = new MessageShape()
            .Add(FieldKind.Text, AttributeProto.NameFieldNumber, AttributeProto.RefAttrNameFieldNumber)
            .Add(FieldKind.Integers, AttributeProto.IFieldNumber, AttributeProto.IntsFieldNumber, AttributeProto.TypeFieldNumber)
            .Add(FieldKind.Bytes, AttributeProto.SFieldNumber, AttributeProto.StringsFieldNumber)
            .Add(AttributeProto.TFieldNumber, Tensor).Add(AttributeProto.TensorsFieldNumber, Tensor)
            .Add(AttributeProto.GFieldNumber, graph).Add(AttributeProto.GraphsFieldNumber, graph)
            .Add(AttributeProto.TpFieldNumber, type).Add(AttributeProto.TypeProtosFieldNumber, type)
            .Add(AttributeProto.SparseTensorFieldNumber, sparse).Add(AttributeProto.SparseTensorsFieldNumber, sparse);
        MessageShape node = new MessageShape()
            .Add(FieldKind.Text, NodeProto.InputFieldNumber, NodeProto.OutputFieldNumber, NodeProto.NameFieldNumber, NodeProto.OpTypeFieldNumber)
            .Add(FieldKind.Text, NodeProto.DomainFieldNumber, NodeProto.OverloadFieldNumber)
            .Add(NodeProto.AttributeFieldNumber, attribute);
        MessageShape value = new MessageShape().Add(FieldKind.Text, ValueInfoProto.NameFieldNumber).Add(ValueInfoProto.TypeFieldNumber, type);
        graph.Add(GraphProto.NodeFieldNumber, node).Add(FieldKind.Text, GraphProto.NameFieldNumber)
            .Add(GraphProto.InitializerFieldNumber, Tensor).Add(GraphProto.SparseInitializerFieldNumber, sparse)
            .Add(GraphProto.InputFieldNumber, value).Add(GraphProto.OutputFieldNumber, value).Add(GraphProto.ValueInfoFieldNumber, value);

        MessageShape opset = new MessageShape().Add(FieldKind.Text, 1).Add(FieldKind.Integers, 2);
        MessageShape function = new MessageShape()
            .Add(FieldKind.Text, FunctionProto.NameFieldNumber, FunctionProto.InputFieldNumber, FunctionProto.OutputFieldNumber)
            .Add(FieldKind.Text, FunctionProto.AttributeFieldNumber, FunctionProto.DomainFieldNumber, FunctionProto.OverloadFieldNumber)
            .Add(FunctionProto.NodeFieldNumber, node)
            .Add(FunctionProto.AttributeProtoFieldNumber, attribute)
            .Add(FunctionProto.OpsetImportFieldNumber, opset);
        return new MessageShape()
            .Add(FieldKind.Integers, ModelProto.IrVersionFieldNumber)
            .Add(FieldKind.Text, ModelProto.ProducerNameFieldNumber, ModelProto.ProducerVersionFieldNumber)
            .Add(ModelProto.GraphFieldNumber, graph)
            .Add(ModelProto.FunctionsFieldNumber, function)
            .Add(ModelProto.OpsetImportFieldNumber, opset);
    }
}
