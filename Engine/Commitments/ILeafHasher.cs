using System;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>The hashing that costs time: leaves of tensors and levels of parents. Every implementation gives the bytes of
/// <see cref="PlainHasher"/>; its methods may be called from several threads at once.</summary>
public interface ILeafHasher
{
    /// <summary>Hashes consecutive leaves of a tensor.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="leaves">Bytes of the leaves: 1 KiB each, the last may be shorter but not empty.</param>
    /// <param name="first">Index of the first one in its tree.</param>
    /// <param name="only">Whether it is the tree's only leaf.</param>
    /// <param name="digests">Receives one digest per leaf.</param>
    /// <exception cref="ArgumentException">The number of digests is not that of the leaves, or an only leaf is not one.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite, or a negative index.</exception>
    void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests);

    /// <summary>Hashes whole leaves of any tensors, each at an index of its own; none is its tree's only one.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="leaves">Bytes of the leaves: 1 KiB each.</param>
    /// <param name="indices">Their indices in their trees.</param>
    /// <param name="digests">Receives one digest per leaf.</param>
    /// <exception cref="ArgumentException">The numbers do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite.</exception>
    void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, ReadOnlySpan<long> indices, Span<Digest> digests);

    /// <summary>Hashes messages of one length: leaves of lists, roots.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind of tree.</param>
    /// <param name="role">What is hashed: a leaf of a kind other than Tensor, or a root.</param>
    /// <param name="messages">The messages, one after the other.</param>
    /// <param name="digests">Receives one digest per message, which share the bytes equally.</param>
    /// <exception cref="ArgumentException">The numbers do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite, kind or role.</exception>
    void HashMessages(Suite suite, TreeKind kind, TagRole role, ReadOnlySpan<byte> messages, Span<Digest> digests);

    /// <summary>Hashes pairs of neighbours into their parents.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="kind">The kind of tree.</param>
    /// <param name="children">Two digests per parent, left before right.</param>
    /// <param name="top">Whether each parent is the top of its tree.</param>
    /// <param name="parents">Receives one digest per pair; may be the start of the children's memory.</param>
    /// <exception cref="ArgumentException">The numbers do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such suite or kind.</exception>
    void HashParents(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents);
}
