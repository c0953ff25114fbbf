using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>An ONNX operator that can be imported.</summary>
/// <param name="Name">Its name, after its domain unless that is ONNX's own.</param>
/// <param name="Inputs">How many operands it takes.</param>
/// <param name="Outputs">How many results it gives at most.</param>
/// <param name="Lower">Adds to the graph what it does, and gives its results, one for each output that it has.</param>
/// <param name="Attributes">The attributes that it may have.</param>
internal sealed record OnnxOp(
    string Name,
    (int Least, int Most) Inputs,
    int Outputs,
    Func<NodeImport, ImmutableArray<ValueRef>> Lower,
    params ImmutableArray<AttributeRule> Attributes)
{
    /// <summary>An operator of one result.</summary>
    internal OnnxOp(string name, (int Least, int Most) inputs, Func<NodeImport, ValueRef> lower, params ImmutableArray<AttributeRule> attributes)
        : this(name, inputs, 1, node => [lower(node)], attributes)
    {
    }

    /// <summary>What is done in place of <see cref="Lower"/> by operators that are resolved while the graph is made: those with bodies, or on
    /// sequences and optionals. Gives null where a body needs something that was refused.</summary>
    internal Func<FlowImport, ImmutableArray<Item>?>? Resolve { get; private init; }

    /// <summary>First opset that this meaning is right for.</summary>
    internal int Since { get; init; } = OnnxLimits.FirstOpset;

    /// <summary>Last opset that this meaning is right for.</summary>
    internal int Until { get; init; } = OnnxLimits.LastOpset;

    /// <summary>An operator that is resolved while the graph is made.</summary>
    internal static OnnxOp Resolved(
        string name,
        (int Least, int Most) inputs,
        int outputs,
        Func<FlowImport, ImmutableArray<Item>?> resolve,
        params ImmutableArray<AttributeRule> attributes)
        => new(name, inputs, outputs, node => throw node.Unsupported("it is resolved"), attributes) { Resolve = resolve };
}
