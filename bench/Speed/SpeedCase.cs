using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Speed;

/// <summary>One thing to time on both sides.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Operations">Floating-point operations of a run; 0 where nobody counted.</param>
/// <param name="Model">The ONNX model.</param>
/// <param name="Graph">The graph; inputs and outputs in the model's order.</param>
/// <param name="Inputs">The inputs.</param>
internal sealed record SpeedCase(
    string Name, long Operations, byte[] Model, Graph Graph, ImmutableArray<(string Name, Tensor Value)> Inputs)
{
    /// <summary>Names of the outputs.</summary>
    public ImmutableArray<string> Outputs => [.. Graph.Outputs.Select(output => output.Name)];
}
