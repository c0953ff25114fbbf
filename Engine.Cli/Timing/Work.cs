using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Timing;

/// <summary>How many operations a graph asks for: products alone, two operations for each multiply-add. What else a model does is small beside
/// them, or has no count that people agree on.</summary>
internal static class Work
{
    /// <summary>Operations of all products of a graph.</summary>
    internal static long Of(Graph graph) => graph.Nodes.Sum(node => Of(graph, node));

    /// <summary>Operations of a node's products; 0 where it has none.</summary>
    internal static long Of(Graph graph, Node node)
    {
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
