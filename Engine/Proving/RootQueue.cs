using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Proving;

/// <summary>Roots of tensors as they come. A large one is hashed at once; small ones wait, copied, until leaves of several of them fill the hasher's
/// lanes, and their trees grow side by side at the end.</summary>
/// <param name="suite">The hash function.</param>
/// <param name="hasher">Who hashes.</param>
/// <param name="count">The number of tensors.</param>
internal sealed class RootQueue(Suite suite, ILeafHasher hasher, int count)
{
    // A tensor of so many leaves fills the lanes by itself.
    private const int LargeLeaves = 16;
    private const int Waiting = 64;

    // -1 until a tensor comes.
    private readonly long[] _sizes = [.. Enumerable.Repeat(-1L, count)];
    private readonly byte[] _bytes = new byte[Waiting * LeafRun.LeafBytes];
    private readonly long[] _indices = new long[Waiting];
    private readonly int[] _places = new int[Waiting];
    private readonly Digest[] _hashed = new Digest[Waiting];
    private readonly Digest[] _trees = new Digest[count];

    // Digests of the leaves of small tensors, and which tensors these are.
    private readonly List<(int Tensor, int First, int Width)> _small = [];
    private Digest[] _leaves = new Digest[Waiting];
    private Digest[] _level = [];
    private int _used;
    private int _waiting;

    /// <summary>Takes a tensor; its bytes may change afterwards.</summary>
    /// <param name="tensor">Its number.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <exception cref="InvalidOperationException">It was added before.</exception>
    internal void Add(int tensor, ReadOnlySpan<byte> bytes)
    {
        Begin(tensor, bytes.Length);
        int leaves = (int)LeafRun.Count(bytes.Length);
        if (leaves > LargeLeaves)
        {
            Array.Resize(ref _level, Math.Max(_level.Length, leaves));
            Span<Digest> level = _level.AsSpan(0, leaves);
            hasher.HashLeaves(suite, bytes, 0, only: false, level);
            _trees[tensor] = TreeShape.Reduce(level, top: true, MerkleTree.Parents(suite, TreeKind.Tensor, hasher));
            return;
        }

        if (leaves == 0)
        {
            return;
        }

        if (_used + leaves > _leaves.Length)
        {
            Array.Resize(ref _leaves, 2 * _leaves.Length);
        }

        int first = _used;
        _small.Add((tensor, first, leaves));
        _used += leaves;
        for (int i = 0; i < leaves; i++)
        {
            ReadOnlySpan<byte> leaf = bytes[(i * LeafRun.LeafBytes)..];
            if (leaves == 1 || leaf.Length < LeafRun.LeafBytes)
            {
                hasher.HashLeaves(suite, leaf, i, leaves == 1, _leaves.AsSpan(first + i, 1));
                continue;
            }

            leaf[..LeafRun.LeafBytes].CopyTo(_bytes.AsSpan(_waiting * LeafRun.LeafBytes));
            _indices[_waiting] = i;
            _places[_waiting++] = first + i;
            if (_waiting == Waiting)
            {
                Flush();
            }
        }
    }

    /// <summary>Takes the tree hash of a tensor that somebody else has hashed.</summary>
    /// <param name="tensor">Its number.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="treeHash">The hash.</param>
    /// <exception cref="InvalidOperationException">It was added before.</exception>
    internal void Add(int tensor, long size, Digest treeHash)
    {
        Begin(tensor, size);
        _trees[tensor] = treeHash;
    }

    /// <summary>The roots of all tensors.</summary>
    /// <exception cref="InvalidOperationException">One was never added.</exception>
    internal Digest[] Finish()
    {
        int missing = Array.IndexOf(_sizes, -1L);
        if (missing >= 0)
        {
            throw Error.NeverAdded(missing);
        }

        Flush();
        while (Grow())
        {
        }

        byte[] messages = new byte[count * (sizeof(long) + Digest.Bytes)];
        foreach ((int tensor, int first, _) in _small)
        {
            _trees[tensor] = _leaves[first];
        }

        for (int i = 0; i < count; i++)
        {
            Span<byte> message = messages.AsSpan(i * (sizeof(long) + Digest.Bytes));
            BitConverter.TryWriteBytes(message, _sizes[i]);
            _trees[i].Span.CopyTo(message[sizeof(long)..]);
        }

        Digest[] roots = new Digest[count];
        hasher.HashMessages(suite, TreeKind.Tensor, TagRole.Root, messages, roots);
        return roots;
    }

    private void Begin(int tensor, long size) => _sizes[tensor] = _sizes[tensor] < 0 ? size : throw Error.AddedBefore(tensor);

    private void Flush()
    {
        hasher.HashLeaves(suite, _bytes.AsSpan(0, _waiting * LeafRun.LeafBytes), _indices.AsSpan(0, _waiting), _hashed.AsSpan(0, _waiting));
        for (int i = 0; i < _waiting; i++)
        {
            _leaves[_places[i]] = _hashed[i];
        }

        _waiting = 0;
    }

    // The next level of all small trees that are wider than one; their tops are hashed apart.
    private bool Grow()
    {
        List<Digest> inner = [];
        List<Digest> tops = [];
        foreach ((_, int first, int width) in _small)
        {
            List<Digest> pairs = width == 2 ? tops : inner;
            for (int i = 0; i + 1 < width; i += 2)
            {
                pairs.Add(_leaves[first + i]);
                pairs.Add(_leaves[first + i + 1]);
            }
        }

        Digest[] above = new Digest[inner.Count / 2];
        Digest[] ends = new Digest[tops.Count / 2];
        hasher.HashParents(suite, TreeKind.Tensor, CollectionsMarshal.AsSpan(inner), top: false, above);
        hasher.HashParents(suite, TreeKind.Tensor, CollectionsMarshal.AsSpan(tops), top: true, ends);
        int nextInner = 0;
        int nextTop = 0;
        for (int t = 0; t < _small.Count; t++)
        {
            (int tensor, int first, int width) = _small[t];
            if (width == 1)
            {
                continue;
            }

            Digest last = _leaves[first + width - 1];
            for (int i = 0; i < width / 2; i++)
            {
                _leaves[first + i] = width == 2 ? ends[nextTop++] : above[nextInner++];
            }

            if (width % 2 == 1)
            {
                _leaves[first + (width / 2)] = last;
            }

            _small[t] = (tensor, first, (width + 1) / 2);
        }

        return above.Length + ends.Length > 0;
    }
}
