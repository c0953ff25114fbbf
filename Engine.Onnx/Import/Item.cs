using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What a name of the model stands for while the graph is made: the graph itself knows tensors only.</summary>
internal abstract record Item
{
    /// <summary>A tensor; also an optional that has one.</summary>
    internal sealed record Tensor(ValueRef Value) : Item;

    /// <summary>A sequence of tensors.</summary>
    internal sealed record Sequence(ImmutableList<ValueRef> Elements) : Item;

    /// <summary>An optional that has nothing.</summary>
    internal sealed record Nothing : Item
    {
        internal static Nothing Instance { get; } = new();
    }
}
