using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A model that was read and found in order: local functions written out, nodes sorted, names unique and defined.</summary>
/// <param name="Inputs">Every declared input, those with a default too.</param>
/// <param name="Outputs">The outputs.</param>
/// <param name="Initializers">The weights, and the defaults of inputs.</param>
/// <param name="Nodes">The nodes, each after those it needs.</param>
/// <param name="Opsets">The opset of each domain.</param>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Producer">Who wrote the file.</param>
internal sealed record ModelGraph(
    ImmutableArray<OnnxValue> Inputs,
    ImmutableArray<OnnxValue> Outputs,
    IReadOnlyDictionary<string, Tensor> Initializers,
    ImmutableArray<OnnxNode> Nodes,
    ImmutableSortedDictionary<string, long> Opsets,
    long IrVersion,
    string Producer);
