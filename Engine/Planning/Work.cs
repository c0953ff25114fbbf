using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Planning;

/// <summary>Kinds of work whose speeds differ from device to device.</summary>
public enum WorkClass
{
    /// <summary>Products and convolutions of real numbers.</summary>
    Product,

    /// <summary>Products and convolutions of integers.</summary>
    IntegerProduct,

    /// <summary>Everything else.</summary>
    Other,
}

/// <summary>What running a node takes, from op and shapes alone.</summary>
/// <param name="Class">Which of a device's speeds counts.</param>
/// <param name="Operations">Scalar operations: of a product two for each multiply-add (<see cref="Products(Graph, Node)"/>); of another op, for each element
/// of each output, the elements that its definition may read for it, at least one.</param>
/// <param name="Bytes">Bytes that come from memory and go there: all outputs, and of each input what can be read of it, each byte once.</param>
public sealed record Work(WorkClass Class, long Operations, long Bytes)
{
    /// <summary>Of a view: it is never run.</summary>
    public static Work Nothing { get; } = new(WorkClass.Other, 0, 0);

    /// <summary>The work of a node.</summary>
    public static Work Of(Graph graph, Node node)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(node);
        if (node.Op is View)
        {
            return Nothing;
        }

        ImmutableArray<TensorType> types = [.. node.Inputs.Select(graph.TypeOf)];
        long[] reads = new long[node.Inputs.Length];
        long operations = 0;
        long bytes = 0;
        for (int output = 0; output < node.Outputs.Length; output++)
        {
            TensorType type = node.Outputs[output];
            ImmutableArray<Footprint> element = node.Op.Footprints(types.AsSpan(), output, Footprint.Element(type.Shape));
            long each = 0;
            for (int slot = 0; slot < element.Length; slot++)
            {
                each = Saturating.Add(each, element[slot].Elements);
                if (slot < reads.Length)
                {
                    reads[slot] = Saturating.Add(reads[slot], Saturating.Multiply(element[slot].Elements, type.Elements));
                }
            }

            operations = Saturating.Add(operations, Saturating.Multiply(type.Elements, long.Max(each, 1)));
            bytes = Saturating.Add(bytes, type.Bytes);
        }

        for (int slot = 0; slot < reads.Length; slot++)
        {
            long held = long.Min(graph.TypeOf(graph.Resolve(node.Inputs[slot]).Source).Bytes, types[slot].Bytes);
            bytes = Saturating.Add(bytes, long.Min(held, Saturating.Multiply(reads[slot], types[slot].DType.Size())));
        }

        long products = Products(graph, node);
        return products > 0
            ? new Work(node.Op is DotInteger or QLinearDot or ConvInteger or QLinearConv ? WorkClass.IntegerProduct : WorkClass.Product, products, bytes)
            : new Work(WorkClass.Other, operations, bytes);
    }

    /// <summary>Operations of all products of a graph, two for each multiply-add. What else a model does is small beside them, or has no count that
    /// people agree on.</summary>
    public static long Products(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Nodes.Sum(node => Products(graph, node));
    }

    /// <summary>Operations of a node's products; 0 where it has none.</summary>
    public static long Products(Graph graph, Node node)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(node);
        Shape Input(int slot) => graph.TypeOf(node.Inputs[slot]).Shape;
        long outputs = node.Outputs[0].Elements;
        return node.Op switch
        {
            Dot or DotInteger or QLinearDot => 2 * outputs * Input(0)[^1],
            Conv or ConvInteger => 2 * outputs * PerOutput(Input(1)),
            QLinearConv => 2 * outputs * PerOutput(Input(3)),
            Recurrent => 2 * Input(0)[0] * Input(0)[1] * (Input(1).Elements + Input(2).Elements),
            _ => 0,
        };
    }

    // Multiply-adds of one output of a convolution with weights [M, C / groups, kernel..].
    private static long PerOutput(Shape weights) => weights.Elements / long.Max(1, weights[0]);
}
