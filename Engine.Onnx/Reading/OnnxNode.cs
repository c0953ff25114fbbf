using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Onnx.Import;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A node of a model, its operator known and its attributes checked.</summary>
/// <param name="Name">Its name, or that of its first output.</param>
/// <param name="Op">What it does.</param>
/// <param name="Version">Opset in force.</param>
/// <param name="Inputs">Names of its operands; empty where one is left out.</param>
/// <param name="Outputs">Names of its results; empty where one is not wanted.</param>
/// <param name="Captures">Names that its bodies take from around it.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record OnnxNode(
    string Name,
    OnnxOp Op,
    long Version,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    ImmutableArray<string> Captures,
    OnnxAttributes Attributes)
{
    /// <summary>Every name that it needs.</summary>
    internal IEnumerable<string> Needs => Captures.IsEmpty ? Inputs : Inputs.Concat(Captures);

    /// <summary>Whether it gives the same whenever its operands are the same; not so where it draws random numbers.</summary>
    internal bool IsSteady { get; } = !Op.Attributes.Any(rule => rule.Name == "seed")
        && Attributes.Bodies.All(body => body.Nodes.All(node => node.IsSteady));

    public bool Equals(OnnxNode? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <summary>The node as messages name it.</summary>
    internal string Who => Label(Name, Op.Name);

    internal static string Label(string name, string op) => $"node '{name}' ({op})";
}
