using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>The trees of a model's parameters, hashed once for all challenges: some 64 bytes for each KiB of the model.</summary>
public sealed class ParameterTrees
{
    private readonly ImmutableArray<MerkleTree> _trees;

    /// <summary>Hashes the parameters.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="parameters">The lowered graph's parameters.</param>
    /// <param name="hasher">Who hashes.</param>
    public ParameterTrees(Suite suite, ImmutableArray<Tensor> parameters, ILeafHasher hasher)
    {
        Suite = suite;
        Parameters = parameters;
        _trees = [.. parameters.Select(parameter => TreeOf(suite, parameter, hasher))];
        Leaves = [.. parameters.Select((parameter, i) => (ReadOnlyMemory<byte>)new TensorCommitment(parameter.Type, _trees[i].Root).ToArray())];
    }

    /// <summary>The hash function.</summary>
    public Suite Suite { get; }

    /// <summary>The parameters.</summary>
    public ImmutableArray<Tensor> Parameters { get; }

    /// <summary>The leaves of the parameters tree.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Leaves { get; }

    /// <summary>The tree of a parameter.</summary>
    internal MerkleTree this[int index] => _trees[index];

    private static MerkleTree TreeOf(Suite suite, Tensor parameter, ILeafHasher hasher)
    {
        MerkleTree tree = MerkleTree.OfTensor(suite, parameter.Bytes.Span, hasher);
        FileMemory.Drop(parameter.Bytes);
        return tree;
    }
}
