using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Hashing;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Hashes values where they lie, on a device, so that 32 bytes of each cross the bus: <see cref="MerkleTree.TreeHash"/>. Hashes are begun one by
/// one and fetched together, in that order.</summary>
/// <param name="device">The device.</param>
internal sealed class GpuHasher(IGpuDevice device)
{
    /// <summary>So many hashes wait on the device at most.</summary>
    internal const int Room = 1024;

    private const string Text = "Hash";

    // A work-group of the tree's kernels hashes so many digests to one.
    private const int Fan = 256;

    private readonly List<Digest> _begun = [];
    private readonly List<int> _waiting = [];
    private readonly Dictionary<Suite, GpuBuffer> _tags = [];
    private GpuBuffer? _hashes;

    /// <summary>Queues the hash of a tensor; it may change afterwards.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="tensor">Where its row-major bytes begin.</param>
    /// <param name="bytes">How many they are.</param>
    /// <exception cref="GpuMemoryException">The device has no room for the digests of the leaves; nothing is begun.</exception>
    internal void Begin(Suite suite, GpuBuffer tensor, long bytes)
    {
        if (bytes == 0)
        {
            Begin(default);
            return;
        }

        if (_waiting.Count == Room)
        {
            Fetch();
        }

        long leaves = LeafRun.Count(bytes);
        GpuBuffer tag = TagOf(suite);
        _hashes ??= device.Allocate(Room * Digest.Bytes);
        using GpuBuffer? levels = leaves == 1 ? null : device.Allocate((leaves + Groups(leaves, Fan)) * Digest.Bytes);
        GpuKernel hash = device.Kernel(Text, suite == Suite.Sha256 ? "sha256_leaves" : "blake3_leaves");
        GpuKernel tree = device.Kernel(Text, suite == Suite.Sha256 ? "sha256_tree" : "blake3_tree");
        int slot = _waiting.Count;
        device.Launch(hash, new GpuGrid(Groups(leaves, hash.GroupSize)), [tag, tensor, bytes, levels ?? _hashes, levels is null ? (long)slot : 0]);

        // Level after level, from the start of the memory to what is behind the leaves and back.
        for ((long from, long to, long count) = (0L, leaves, leaves); count > 1; (from, to, count) = (to, from, Groups(count, Fan)))
        {
            bool last = count <= Fan;
            device.Launch(tree, new GpuGrid(Groups(count, Fan)), [tag, levels!, from, count, last ? _hashes : levels!, last ? slot : to]);
        }

        _waiting.Add(_begun.Count);
        _begun.Add(default);
    }

    /// <summary>Puts a hash that is known in its place among the others.</summary>
    internal void Begin(Digest known) => _begun.Add(known);

    /// <summary>Waits for all hashes that were begun, and forgets them.</summary>
    /// <param name="hashes">Filled; as many as were begun.</param>
    internal void Finish(Span<Digest> hashes)
    {
        Fetch();
        CollectionsMarshal.AsSpan(_begun).CopyTo(hashes);
        _begun.Clear();
    }

    /// <summary>Forgets what was begun and gives the device's memory back. It may be used again.</summary>
    internal void End()
    {
        _begun.Clear();
        _waiting.Clear();
        foreach (GpuBuffer tag in _tags.Values)
        {
            tag.Dispose();
        }

        _tags.Clear();
        _hashes?.Dispose();
        _hashes = null;
    }

    private static long Groups(long count, int size) => (count + size - 1) / size;

    private void Fetch()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        Digest[] fetched = new Digest[_waiting.Count];
        device.Read(_hashes!, 0, MemoryMarshal.AsBytes(fetched.AsSpan()));
        for (int i = 0; i < fetched.Length; i++)
        {
            _begun[_waiting[i]] = fetched[i];
        }

        _waiting.Clear();
    }

    // What the hash of a leaf begins with, and that of a parent: see the kernels' text.
    private GpuBuffer TagOf(Suite suite)
    {
        if (!_tags.TryGetValue(suite, out GpuBuffer? buffer))
        {
            ReadOnlySpan<byte> tag = suite == Suite.Blake3
                ? Tag.Of(TreeKind.Tensor, TagRole.Tree).Key.Span
                : MemoryMarshal.AsBytes<uint>([.. After(TagRole.Leaf), .. After(TagRole.Node)]);
            buffer = device.Filled(tag);
            _tags.Add(suite, buffer);
        }

        return buffer;

        static uint[] After(TagRole role) => Sha256Block.After(Tag.Of(TreeKind.Tensor, role).Block);
    }
}
