using System;
using System.Collections.Generic;

using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>The raw data of tensors, which stays where the file's bytes are: the message is made of a copy that has places in its stead
/// (<see cref="WireScan.Copy"/>), and afterwards each place becomes the bytes it names.</summary>
internal static class RawData
{
    /// <summary>Gives every tensor of a model its raw data.</summary>
    /// <param name="model">A message made of the copy.</param>
    /// <param name="bytes">What was copied.</param>
    internal static void Restore(ModelProto model, ReadOnlyMemory<byte> bytes)
    {
        Restore(model.Graph, bytes);
        foreach (FunctionProto function in model.Functions)
        {
            Restore(function.Node, bytes);
            Restore(function.AttributeProto, bytes);
        }
    }

    /// <summary>Gives a tensor its raw data.</summary>
    internal static void Restore(TensorProto? tensor, ReadOnlyMemory<byte> bytes)
    {
        if (tensor is { HasRawData: true })
        {
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes[WireScan.Place(tensor.RawData.Span)]);
        }
    }

    private static void Restore(GraphProto? graph, ReadOnlyMemory<byte> bytes)
    {
        if (graph is not null)
        {
            Restore(graph.Initializer, bytes);
            Restore(graph.Node, bytes);
            Restore(graph.SparseInitializer, bytes);
        }
    }

    private static void Restore(IEnumerable<SparseTensorProto> tensors, ReadOnlyMemory<byte> bytes)
    {
        foreach (SparseTensorProto tensor in tensors)
        {
            Restore(tensor.Values, bytes);
        }
    }

    private static void Restore(IEnumerable<NodeProto> nodes, ReadOnlyMemory<byte> bytes)
    {
        foreach (NodeProto node in nodes)
        {
            Restore(node.Attribute, bytes);
        }
    }

    private static void Restore(IEnumerable<TensorProto> tensors, ReadOnlyMemory<byte> bytes)
    {
        foreach (TensorProto tensor in tensors)
        {
            Restore(tensor, bytes);
        }
    }

    private static void Restore(IEnumerable<AttributeProto> attributes, ReadOnlyMemory<byte> bytes)
    {
        foreach (AttributeProto attribute in attributes)
        {
            Restore(attribute.T, bytes);
            Restore(attribute.G, bytes);
            Restore(attribute.Tensors, bytes);
            Restore(attribute.SparseTensor?.Values, bytes);
            Restore(attribute.SparseTensors, bytes);
            foreach (GraphProto graph in attribute.Graphs)
            {
                Restore(graph, bytes);
            }
        }
    }
}
