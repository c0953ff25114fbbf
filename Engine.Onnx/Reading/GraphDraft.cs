using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>The model's graph or a node's body as the file has it, local functions written out, nothing checked yet.</summary>
/// <param name="Proto">What the file says of it.</param>
/// <param name="Path">Nodes around it, for messages: empty for the model's graph, <c>loop/body/</c> for a body.</param>
/// <param name="Inputs">Its inputs, as its nodes name them.</param>
/// <param name="Outputs">Its outputs, as its nodes name them.</param>
/// <param name="Initializers">Its weights, as its nodes name them.</param>
internal sealed record GraphDraft(
    GraphProto Proto,
    string Path,
    ImmutableArray<(string Name, ValueInfoProto Proto)> Inputs,
    ImmutableArray<(string Name, ValueInfoProto Proto)> Outputs,
    ImmutableArray<(string Name, TensorProto Proto)> Initializers)
{
    /// <summary>Its nodes, in the file's order.</summary>
    internal List<NodeDraft> Nodes { get; } = [];

    /// <summary>Names that it uses and does not define.</summary>
    internal HashSet<string> Captures()
    {
        HashSet<string> own = [.. Array(Inputs), .. Array(Initializers), string.Empty];
        foreach (NodeDraft node in Nodes)
        {
            own.UnionWith(node.Outputs);
        }

        HashSet<string> used = [.. Array(Outputs)];
        foreach (NodeDraft node in Nodes)
        {
            used.UnionWith(node.Needs);
        }

        used.ExceptWith(own);
        return used;
    }

    private static IEnumerable<string> Array<T>(ImmutableArray<(string Name, T Proto)> named)
    {
        foreach ((string name, _) in named)
        {
            yield return name;
        }
    }
}
