namespace VerifiableCompute.Engine.Commitments;

/// <summary>What is hashed under a tag.</summary>
public enum TagRole
{
    /// <summary>One leaf.</summary>
    Leaf,

    /// <summary>Two children.</summary>
    Node,

    /// <summary>Size and tree hash.</summary>
    Root,

    /// <summary>All bytes of a tensor, by BLAKE3, which has a tree of its own.</summary>
    Tree,
}
