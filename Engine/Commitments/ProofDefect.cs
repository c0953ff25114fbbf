namespace VerifiableCompute.Engine.Commitments;

/// <summary>What is wrong with a proof, the first that applies. Everything but <see cref="WrongRoot"/> is malformed.</summary>
public enum ProofDefect
{
    /// <summary>Nothing: the leaves stand under the root.</summary>
    None,

    /// <summary>The suite or the kind of tree does not exist.</summary>
    UnknownTree,

    /// <summary>There is no index.</summary>
    Empty,

    /// <summary>There are more indices than <see cref="Tensors.Limits.OpenedLeaves"/>.</summary>
    TooManyIndices,

    /// <summary>The indices are not strictly ascending from 0.</summary>
    Unordered,

    /// <summary>An index is not below the number of leaves.</summary>
    BeyondSize,

    /// <summary>The number of leaves is not that of the indices.</summary>
    LeafCount,

    /// <summary>A leaf is not of the length that size and index imply, or longer than <see cref="Tensors.Limits.ListLeafBytes"/>.</summary>
    LeafLength,

    /// <summary>A sibling is missing or one too many.</summary>
    SiblingCount,

    /// <summary>The proof is well formed but gives another root.</summary>
    WrongRoot,
}
