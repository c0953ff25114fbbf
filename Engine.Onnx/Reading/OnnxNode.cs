using System.Collections.Immutable;

using VerifiableCompute.Engine.Onnx.Import;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A node of a model, its operator known and its attributes checked.</summary>
/// <param name="Name">Its name, or that of its first output.</param>
/// <param name="Op">What it does.</param>
/// <param name="Version">Opset in force.</param>
/// <param name="Inputs">Names of its operands; empty where one is left out.</param>
/// <param name="Outputs">Names of its results; empty where one is not wanted.</param>
/// <param name="Attributes">Its attributes.</param>
internal sealed record OnnxNode(
    string Name,
    OnnxOp Op,
    long Version,
    ImmutableArray<string> Inputs,
    ImmutableArray<string> Outputs,
    OnnxAttributes Attributes)
{
    /// <summary>The node as messages name it.</summary>
    internal string Who => Label(Name, Op.Name);

    internal static string Label(string name, string op) => $"node '{name}' ({op})";
}
