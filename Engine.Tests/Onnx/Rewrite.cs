using Google.Protobuf;
using Google.Protobuf.Collections;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Changes a model's meaning and leaves its form intact, so that what follows the reading of bytes is reached.</summary>
internal static class Rewrite
{
    private const int FloatType = 1;

    private static readonly long[] Numbers =
    [
        0, 1, -1, 2, 3, 5, -2, -7, 9, 64, 255, 1 << 16, 1 << 24, 1 << 30, 1L << 31, -(1L << 31), 1L << 40, (1L << 40) + 1, long.MaxValue, long.MinValue,
        long.MinValue + 1,
    ];

    private static readonly float[] Reals =
        [0, -1, 0.5f, 3, -1e30f, float.Epsilon, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    private static readonly int[] Types = [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16];

    /// <summary>One to three changes.</summary>
    internal static void Some(ModelProto model, Adversarial random)
    {
        for (int times = random.Below(3); times >= 0; times--)
        {
            One(model, random);
        }
    }

    private static void One(ModelProto model, Adversarial random)
    {
        GraphProto graph = Inside(model.Graph, random);
        NodeProto? node = Any(graph.Node, random);
        AttributeProto? attribute = node is null ? null : Any(node.Attribute, random);
        TensorProto? tensor = attribute?.T ?? Any(graph.Initializer, random);
        switch (random.Below(11))
        {
            case 0 when model.OpsetImport.Count > 0:
                model.OpsetImport[0].Version = 6 + random.Below(22);
                break;
            case 1 or 2 when attribute is not null:
                Change(attribute, random);
                break;
            case 3 when attribute is not null:
                node!.Attribute.Remove(attribute);
                break;
            case 4 when node is not null && node.Input.Count > 0:
                node.Input[random.Below(node.Input.Count)] = AnyName(graph, random);
                break;
            case 5 when node is not null && node.Input.Count > 0:
                node.Input.RemoveAt(random.Below(node.Input.Count));
                break;
            case 6 when Any(graph.Input, random)?.Type?.TensorType is { } type:
                Change(type, random);
                break;
            case 7 or 8 when tensor is not null:
                Change(tensor, random);
                break;
            case 9 when node is not null && Any(graph.Node, random) is { } other:
                (node.OpType, other.OpType) = (other.OpType, node.OpType);
                break;
            case 10 when node is not null:
                Change(node.Output, random);
                break;
            default:
                MakeConstant(graph, random);
                break;
        }
    }

    // The graph itself, or a body in it.
    private static GraphProto Inside(GraphProto graph, Adversarial random)
    {
        while (random.Below(3) > 0 && Any(graph.Node, random)?.Attribute.FirstOrDefault(attribute => attribute.G is not null) is { } body)
        {
            graph = body.G;
        }

        return graph;
    }

    private static T? Any<T>(RepeatedField<T> list, Adversarial random)
        where T : class => list.Count == 0 ? null : list[random.Below(list.Count)];

    private static string AnyName(GraphProto graph, Adversarial random)
    {
        string[] names = [.. graph.Input.Select(input => input.Name), .. graph.Initializer.Select(tensor => tensor.Name), string.Empty];
        return random.Of(names);
    }

    private static void Change(AttributeProto attribute, Adversarial random)
    {
        if (attribute.G is GraphProto body)
        {
            Change(body, random);
        }
        else if (attribute.Ints.Count > 0)
        {
            attribute.Ints[random.Below(attribute.Ints.Count)] = random.Of(Numbers);
        }
        else if (attribute.Floats.Count > 0)
        {
            attribute.Floats[random.Below(attribute.Floats.Count)] = random.Of(Reals);
        }
        else if (attribute.Type == FloatType)
        {
            attribute.F = random.Of(Reals);
        }
        else
        {
            attribute.I = random.Of(Numbers);
        }
    }

    private static void Change(RepeatedField<string> outputs, Adversarial random)
    {
        if (outputs.Count > 0 && random.Below(3) == 0)
        {
            outputs[random.Below(outputs.Count)] = string.Empty;
        }
        else
        {
            outputs.Add($"more {outputs.Count}");
        }
    }

    private static void Change(GraphProto body, Adversarial random)
    {
        Google.Protobuf.Collections.RepeatedField<ValueInfoProto> values = random.Below(2) == 0 ? body.Input : body.Output;
        if (values.Count > 0 && random.Below(2) == 0)
        {
            values.RemoveAt(random.Below(values.Count));
        }
        else
        {
            values.Add(Made.Name(AnyName(body, random)));
        }
    }

    private static void Change(TypeProto.Types.Tensor type, Adversarial random)
    {
        if (type.Shape is null || type.Shape.Dim.Count == 0 || random.Below(3) == 0)
        {
            type.ElemType = random.Of(Types);
        }
        else if (random.Below(3) == 0)
        {
            type.Shape.Dim.RemoveAt(random.Below(type.Shape.Dim.Count));
        }
        else
        {
            type.Shape.Dim[random.Below(type.Shape.Dim.Count)].DimValue = random.Of<long>(0, 1, 2, 3, 7, 100);
        }
    }

    private static void Change(TensorProto tensor, Adversarial random)
    {
        if (tensor.DataType == (int)DType.I64 && tensor.RawData.Length >= sizeof(long))
        {
            byte[] bytes = tensor.RawData.ToByteArray();
            BitConverter.TryWriteBytes(bytes.AsSpan(random.Below(bytes.Length / sizeof(long)) * sizeof(long)), random.Of(Numbers));
            tensor.RawData = ByteString.CopyFrom(bytes);
        }
        else if (tensor.Int64Data.Count > 0)
        {
            tensor.Int64Data[random.Below(tensor.Int64Data.Count)] = random.Of(Numbers);
        }
        else if (tensor.Dims.Count > 0)
        {
            tensor.Dims.Insert(random.Below(tensor.Dims.Count), 1);
        }
    }

    // An input becomes an i64 vector with nasty elements: what shapes depend on.
    private static void MakeConstant(GraphProto graph, Adversarial random)
    {
        if (Any(graph.Input, random) is { } input && graph.Initializer.All(tensor => tensor.Name != input.Name))
        {
            long[] elements = [.. Enumerable.Range(0, random.Below(5)).Select(_ => random.Of(Numbers))];
            graph.Input.Remove(input);
            graph.Initializer.Add(Made.Vector(input.Name, elements));
        }
    }
}
