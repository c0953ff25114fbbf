using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A model that was read and found in order: local functions written out, nodes sorted, names unique and defined.</summary>
/// <param name="Body">Its graph.</param>
/// <param name="Opsets">The opset of each domain.</param>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Producer">Who wrote the file.</param>
internal sealed record ModelGraph(
    OnnxBody Body,
    ImmutableSortedDictionary<string, long> Opsets,
    long IrVersion,
    string Producer);
