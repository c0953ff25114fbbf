using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A node as the file has it, local functions written out, nothing checked yet.</summary>
/// <param name="Name">Its name, or that of its first output.</param>
/// <param name="Domain">Domain of its operator; empty for ONNX's own.</param>
/// <param name="Operator">Name of its operator.</param>
/// <param name="Version">Opset in force, or null when the domain is not imported.</param>
/// <param name="Inputs">Names of its operands.</param>
/// <param name="Outputs">Names of its results.</param>
/// <param name="Attributes">Its attributes but for graphs, references to a function's replaced.</param>
/// <param name="Path">Nodes around it, for messages; empty in the model's graph.</param>
internal sealed record NodeDraft(
    string Name,
    string Domain,
    string Operator,
    long? Version,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    IReadOnlyList<(string Name, AttributeProto Value)> Attributes,
    string Path)
{
    /// <summary>Its bodies, by attribute.</summary>
    internal ImmutableArray<(string Name, GraphDraft Graph)> Bodies { get; init; } = [];

    /// <summary>Names that its bodies take from around it.</summary>
    internal ImmutableHashSet<string> Captures { get; init; } = [];

    /// <summary>Every name that it needs; those left out as empty names.</summary>
    internal IEnumerable<string> Needs => Captures.IsEmpty ? Inputs : Inputs.Concat(Captures);

    /// <summary>The operator's name, after its domain unless that is ONNX's own.</summary>
    internal string FullOperator => Domain.Length == 0 ? Operator : $"{Domain}.{Operator}";

    /// <summary>The node as messages name it.</summary>
    internal string Who => OnnxNode.Label(Path + Name, FullOperator);
}
