using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Every ONNX operator that can be imported.</summary>
internal static class OnnxOps
{
    private static readonly FrozenDictionary<string, OnnxOp> ByName = All().ToFrozenDictionary(op => op.Name, StringComparer.Ordinal);

    /// <summary>Names of all operators, sorted.</summary>
    internal static ImmutableArray<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The operator of a name, or null.</summary>
    internal static OnnxOp? Find(string name) => ByName.GetValueOrDefault(name);

    private static IEnumerable<OnnxOp> All() =>
    [
        .. Activations.Table,
        .. Attentions.Table,
        .. Bodies.Table,
        .. Convolutions.Table,
        .. Dots.Table,
        .. Elementwise.Table,
        .. Literals.Table,
        .. MicrosoftAttentions.Table,
        .. MicrosoftCodes.Table,
        .. MicrosoftOps.Table,
        .. Normalizations.Table,
        .. Pools.Table,
        .. Quantization.Table,
        .. Reductions.Table,
        .. Selections.Table,
        .. Sequences.Table,
        .. Shapes.Table,
    ];
}
