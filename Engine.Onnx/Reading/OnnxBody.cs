using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Nodes with inputs and outputs: the model's graph, or the body of a node. It may use names that are defined around it.</summary>
internal sealed class OnnxBody
{
    internal OnnxBody(
        ImmutableArray<OnnxValue> inputs,
        ImmutableArray<OnnxValue> outputs,
        IReadOnlyDictionary<string, Tensor> initializers,
        ImmutableArray<OnnxNode> nodes)
    {
        Inputs = inputs;
        Outputs = outputs;
        Initializers = initializers;
        Nodes = nodes;
        Live = Needed(nodes, outputs);
        HashSet<string> used = [.. Live.SelectMany(node => node.Needs), .. outputs.Select(output => output.Name)];
        Used = [.. inputs.Select(input => used.Contains(input.Name))];
        HashSet<string> changing = [.. inputs.Select(input => input.Name)];
        HashSet<OnnxNode> varying = [];
        foreach (OnnxNode node in Live.Where(node => !node.IsSteady || node.Needs.Any(changing.Contains)))
        {
            varying.Add(node);
            changing.UnionWith(node.Outputs);
            changing.Remove(string.Empty);
        }

        Steady = [.. Live.Where(node => !varying.Contains(node))];
        Varying = [.. Live.Where(varying.Contains)];
    }

    /// <summary>Every declared input, those with a default too.</summary>
    internal ImmutableArray<OnnxValue> Inputs { get; }

    /// <summary>Whether anything needs an input.</summary>
    internal ImmutableArray<bool> Used { get; }

    /// <summary>The outputs.</summary>
    internal ImmutableArray<OnnxValue> Outputs { get; }

    /// <summary>The weights, and the defaults of inputs.</summary>
    internal IReadOnlyDictionary<string, Tensor> Initializers { get; }

    /// <summary>The nodes, each after those it needs.</summary>
    internal ImmutableArray<OnnxNode> Nodes { get; }

    /// <summary>The nodes that the outputs need.</summary>
    internal ImmutableArray<OnnxNode> Live { get; }

    /// <summary>Of the nodes that the outputs need, those that do not depend on the inputs: the same in every iteration.</summary>
    internal ImmutableArray<OnnxNode> Steady { get; }

    /// <summary>Of the nodes that the outputs need, those that depend on the inputs.</summary>
    internal ImmutableArray<OnnxNode> Varying { get; }

    /// <summary>Every node, those in bodies too.</summary>
    internal IEnumerable<OnnxNode> AllNodes() => Nodes.SelectMany(node => node.Attributes.Bodies.SelectMany(body => body.AllNodes()).Prepend(node));

    private static ImmutableArray<OnnxNode> Needed(ImmutableArray<OnnxNode> nodes, ImmutableArray<OnnxValue> outputs)
    {
        HashSet<string> needed = [.. outputs.Select(output => output.Name)];
        HashSet<OnnxNode> live = [];
        foreach (OnnxNode node in nodes.Reverse().Where(node => node.Outputs.Any(output => output.Length > 0 && needed.Contains(output))))
        {
            live.Add(node);
            needed.UnionWith(node.Needs);
        }

        return [.. nodes.Where(live.Contains)];
    }
}
