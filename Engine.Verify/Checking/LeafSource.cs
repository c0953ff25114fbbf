using System;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Where a check finds records and the bytes of committed values: what a stranger opened, or what a prover holds.</summary>
internal abstract class LeafSource
{
    /// <summary>A record; null where it is not there.</summary>
    internal abstract GraphRecord? Record(int node);

    /// <summary>A leaf of a value's tree: an output of a node in the trace, a parameter, or an input.</summary>
    /// <param name="value">The value; never a view.</param>
    /// <param name="type">The type that the record reading it gives to it.</param>
    /// <param name="leaf">Which leaf.</param>
    /// <returns>The leaf's bytes; empty where they are not there or the value has another type.</returns>
    internal abstract ReadOnlyMemory<byte> Leaf(ValueRef value, TensorType type, long leaf);
}
