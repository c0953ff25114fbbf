using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Makes small models.</summary>
internal static class Made
{
    /// <summary>A model of the default opset with the given graph.</summary>
    internal static ModelProto Model(GraphProto graph, long opset = 25, long ir = 10)
        => new() { IrVersion = ir, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = opset } } };

    /// <summary>A graph of inputs x, y … and outputs, all f32[2,3] unless declared otherwise.</summary>
    internal static GraphProto Graph(ValueInfoProto[] inputs, ValueInfoProto[] outputs, params NodeProto[] nodes)
        => new() { Input = { inputs }, Output = { outputs }, Node = { nodes } };

    /// <summary>The model x -> Relu -> y, to be spoiled.</summary>
    internal static ModelProto Plain() => Model(Graph([Value("x", DType.F32, 2, 3)], [Value("y", DType.F32, 2, 3)], Node("Relu", ["x"], ["y"])));

    /// <summary>A declared tensor; an extent of −1 is declared as the symbol N.</summary>
    internal static ValueInfoProto Value(string name, DType type, params long[] extents) => Value(name, (int)type, extents);

    /// <summary>A declared tensor of any element type code.</summary>
    internal static ValueInfoProto Value(string name, int type, params long[] extents)
    {
        TensorShapeProto shape = new();
        foreach (long extent in extents)
        {
            shape.Dim.Add(extent == -1
                ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                : new TensorShapeProto.Types.Dimension { DimValue = extent });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type, Shape = shape } },
        };
    }

    /// <summary>A node named after its first output.</summary>
    internal static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
        => new() { OpType = op, Name = $"n_{outputs.FirstOrDefault()}", Input = { inputs }, Output = { outputs }, Attribute = { attributes } };

    internal static AttributeProto Int(string name, long value) => new() { Name = name, Type = 2, I = value };

    internal static AttributeProto Float(string name, float value) => new() { Name = name, Type = 1, F = value };

    internal static AttributeProto Text(string name, string value) => new() { Name = name, Type = 3, S = ByteString.CopyFromUtf8(value) };

    internal static AttributeProto Ints(string name, params long[] values) => new() { Name = name, Type = 7, Ints = { values } };

    internal static AttributeProto Tensor(string name, TensorProto value) => new() { Name = name, Type = 4, T = value };

    /// <summary>The body of a node.</summary>
    internal static AttributeProto Body(string name, GraphProto graph) => new() { Name = name, Type = 5, G = graph };

    /// <summary>A value without a declared type, as in bodies.</summary>
    internal static ValueInfoProto Name(string name) => new() { Name = name };

    /// <summary>A graph whose inputs and outputs are declared by name only.</summary>
    internal static GraphProto Graph(string[] inputs, string[] outputs, params NodeProto[] nodes)
        => Graph([.. inputs.Select(Name)], [.. outputs.Select(Name)], nodes);

    /// <summary>A reference of a function's body to an attribute of its call.</summary>
    internal static AttributeProto Reference(string name, int type, string to) => new() { Name = name, Type = type, RefAttrName = to };

    /// <summary>A tensor of raw bytes.</summary>
    internal static TensorProto Raw(string name, DType type, long[] dims, byte[] bytes)
        => new() { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) };

    /// <summary>An i64 vector.</summary>
    internal static TensorProto Vector(string name, params long[] elements)
        => new() { Name = name, DataType = (int)DType.I64, Dims = { elements.Length }, Int64Data = { elements } };

    /// <summary>A tensor in an external file.</summary>
    internal static TensorProto External(string name, long[] dims, params (string Key, string Value)[] entries)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)DType.F32, Dims = { dims }, DataLocation = 1 };
        foreach ((string key, string value) in entries)
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return tensor;
    }
}
