using System;
using System.Buffers.Binary;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Engine.Kernels.Hashing;

/// <summary>Hashes as many leaves, or pairs, side by side as a vector has words. The bytes are those of <see cref="PlainHasher"/> at
/// every width.</summary>
/// <param name="level">Width of the vectors; one that the hardware lacks is emulated, slowly.</param>
public sealed unsafe class MultiBufferHasher(SimdLevel level) : ILeafHasher
{
    private const int TagBytes = 64;
    private const int PairBytes = 64;
    private const int BlockBytes = 64;

    private const uint ChunkStart = 1;
    private const uint ChunkEnd = 2;
    private const uint Parent = 4;
    private const uint Root = 8;
    private const uint DeriveKeyMaterial = 64;

    private static readonly uint[] LeafEnd = Sha256Block.Padding(TagBytes + LeafRun.LeafBytes);
    // For each kind and role, the state of SHA-256 after the tag.
    private static readonly uint[][][] Start =
        [.. Enum.GetValues<TreeKind>().Select(kind => Enum.GetValues<TagRole>().Select(role => Sha256Block.After(Tag.Of(kind, role).Block)).ToArray())];

    private static readonly uint[] PairEnd = Sha256Block.Padding(TagBytes + PairBytes);

    /// <summary>A hasher of the widest level that is worth it on this machine.</summary>
    public MultiBufferHasher()
        : this(SimdLevels.Best)
    {
    }

    /// <summary>Width of the vectors.</summary>
    public SimdLevel Level { get; } = level;

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, long first, bool only, Span<Digest> digests)
    {
        LeafRun.Check(suite, leaves, first, only, digests);
        int whole = leaves.Length / LeafRun.LeafBytes;
        int done = 0;
        if (Level != SimdLevel.Scalar)
        {
            fixed (byte* source = leaves)
            fixed (Digest* target = digests)
            {
                done = Level switch
                {
                    SimdLevel.V512 => Leaves<Words16>(suite, source, whole, null, target, first, only),
                    SimdLevel.V256 => Leaves<Words8>(suite, source, whole, null, target, first, only),
                    _ => suite == Suite.Blake3 ? Leaves<Words4>(suite, source, whole, null, target, first, only) : 0,
                };
            }
        }

        PlainHasher.Instance.HashLeaves(suite, leaves[(done * LeafRun.LeafBytes)..], first + done, only && done == 0, digests[done..]);
    }

    /// <inheritdoc/>
    public void HashLeaves(Suite suite, ReadOnlySpan<byte> leaves, ReadOnlySpan<long> indices, Span<Digest> digests)
    {
        LeafRun.Check(suite, leaves, indices, digests);
        int done = 0;
        if (Level != SimdLevel.Scalar)
        {
            fixed (byte* source = leaves)
            fixed (long* places = indices)
            fixed (Digest* target = digests)
            {
                done = Level switch
                {
                    SimdLevel.V512 => Leaves<Words16>(suite, source, indices.Length, places, target),
                    SimdLevel.V256 => Leaves<Words8>(suite, source, indices.Length, places, target),
                    _ => suite == Suite.Blake3 ? Leaves<Words4>(suite, source, indices.Length, places, target) : 0,
                };
            }
        }

        PlainHasher.Instance.HashLeaves(suite, leaves[(done * LeafRun.LeafBytes)..], indices[done..], digests[done..]);
    }

    /// <inheritdoc/>
    public void HashMessages(Suite suite, TreeKind kind, TagRole role, ReadOnlySpan<byte> messages, Span<Digest> digests)
    {
        int length = LeafRun.Check(suite, kind, role, messages, digests);
        int done = 0;
        if (Level != SimdLevel.Scalar && length is > 0 and <= LeafRun.LeafBytes)
        {
            fixed (byte* source = messages)
            fixed (Digest* target = digests)
            {
                done = Level switch
                {
                    SimdLevel.V512 => Messages<Words16>(suite, kind, role, source, length, digests.Length, target),
                    SimdLevel.V256 => Messages<Words8>(suite, kind, role, source, length, digests.Length, target),
                    _ => suite == Suite.Blake3 ? Messages<Words4>(suite, kind, role, source, length, digests.Length, target) : 0,
                };
            }
        }

        PlainHasher.Instance.HashMessages(suite, kind, role, messages[(done * length)..], digests[done..]);
    }

    /// <inheritdoc/>
    public void HashParents(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
    {
        LeafRun.Check(suite, kind, children, parents);
        int done = 0;
        if (Level != SimdLevel.Scalar)
        {
            fixed (Digest* source = children)
            fixed (Digest* target = parents)
            {
                done = Level switch
                {
                    SimdLevel.V512 => Pairs<Words16>(suite, kind, (byte*)source, parents.Length, top, target),
                    SimdLevel.V256 => Pairs<Words8>(suite, kind, (byte*)source, parents.Length, top, target),
                    _ => suite == Suite.Blake3 ? Pairs<Words4>(suite, kind, (byte*)source, parents.Length, top, target) : 0,
                };
            }
        }

        PlainHasher.Instance.HashParents(suite, kind, children[(2 * done)..], top, parents[done..]);
    }

    // Groups of as many leaves as there are lanes. A last group that is not full repeats its last leaf where that is sooner done than
    // one leaf after the other: always for BLAKE3, whose scalar code is slow; for SHA-256 the processor may have instructions.
    // Their indices are given, or follow each other. Gives the number of leaves done.
    private static int Leaves<T>(Suite suite, byte* source, int count, long* indices, Digest* target, long first = 0, bool only = false)
        where T : unmanaged, IWords<T>
    {
        int least = suite == Suite.Blake3 ? 1 : T.Lanes == 16 ? 6 : T.Lanes;
        uint last = ChunkEnd | (only ? Root : 0);
        Digest key = Tag.Of(TreeKind.Tensor, TagRole.Tree).Key;
        byte** rows = stackalloc byte*[T.Lanes];
        uint* counters = stackalloc uint[2 * T.Lanes];
        Digest* digests = stackalloc Digest[T.Lanes];
        int done = 0;
        fixed (uint* start = Start[(int)TreeKind.Tensor - 1][(int)TagRole.Leaf], end = LeafEnd)
        {
            while (count - done >= least)
            {
                int taken = Math.Min(T.Lanes, count - done);
                nint next = count > T.Lanes ? T.Lanes * LeafRun.LeafBytes : 0;
                Point<T>(rows, source + ((nint)done * LeafRun.LeafBytes), LeafRun.LeafBytes, taken);
                Count<T>(counters, (ulong)(first + done), indices == null ? null : indices + done, taken);
                if (suite == Suite.Sha256)
                {
                    Sha256Lanes<T>.Hash(rows, LeafRun.LeafBytes / BlockBytes, next, start, end, (byte*)digests);
                }
                else
                {
                    Blake3Lanes<T>.Hash(
                        rows, LeafRun.LeafBytes / BlockBytes, next, BlockBytes, counters, (uint*)&key, DeriveKeyMaterial, ChunkStart, last, (byte*)digests);
                }

                new ReadOnlySpan<Digest>(digests, taken).CopyTo(new Span<Digest>(target + done, taken));
                done += taken;
            }
        }

        return done;
    }

    private static int Pairs<T>(Suite suite, TreeKind kind, byte* source, int count, bool top, Digest* target)
        where T : unmanaged, IWords<T>
    {
        bool tree = kind == TreeKind.Tensor;
        Digest key = Tag.Of(kind, tree ? TagRole.Tree : TagRole.Node).Key;
        byte** rows = stackalloc byte*[T.Lanes];
        uint* counters = stackalloc uint[2 * T.Lanes];
        Digest* digests = stackalloc Digest[T.Lanes];
        new Span<uint>(counters, 2 * T.Lanes).Clear();
        uint flags = DeriveKeyMaterial | (tree ? Parent | (top ? Root : 0) : ChunkStart | ChunkEnd | Root);
        int done = 0;
        fixed (uint* start = Start[(int)kind - 1][(int)TagRole.Node], end = PairEnd)
        {
            while (count - done >= 2)
            {
                int taken = Math.Min(T.Lanes, count - done);
                Point<T>(rows, source + ((nint)done * PairBytes), PairBytes, taken);
                if (suite == Suite.Sha256)
                {
                    Sha256Lanes<T>.Hash(rows, 1, 0, start, end, (byte*)digests);
                }
                else
                {
                    Blake3Lanes<T>.Hash(rows, 1, 0, BlockBytes, counters, (uint*)&key, flags, 0, 0, (byte*)digests);
                }

                new ReadOnlySpan<Digest>(digests, taken).CopyTo(new Span<Digest>(target + done, taken));
                done += taken;
            }
        }

        return done;
    }

    // Messages are copied, since what follows a message in its last block must be zeros, or SHA-256's padding. Gives the number done.
    private static int Messages<T>(Suite suite, TreeKind kind, TagRole role, byte* source, int length, int count, Digest* target)
        where T : unmanaged, IWords<T>
    {
        int blocks = (length + (suite == Suite.Sha256 ? 9 : 0) + BlockBytes - 1) / BlockBytes;
        int stride = blocks * BlockBytes;
        Digest key = Tag.Of(kind, role).Key;
        byte* copies = stackalloc byte[T.Lanes * stride];
        byte** rows = stackalloc byte*[T.Lanes];
        uint* counters = stackalloc uint[2 * T.Lanes];
        Digest* digests = stackalloc Digest[T.Lanes];
        new Span<byte>(copies, T.Lanes * stride).Clear();
        new Span<uint>(counters, 2 * T.Lanes).Clear();
        int done = 0;
        fixed (uint* start = Start[(int)kind - 1][(int)role])
        {
            while (count - done >= 2)
            {
                int taken = Math.Min(T.Lanes, count - done);
                for (int i = 0; i < taken; i++)
                {
                    Span<byte> copy = new(copies + (i * stride), stride);
                    new ReadOnlySpan<byte>(source + ((nint)(done + i) * length), length).CopyTo(copy);
                    if (suite == Suite.Sha256)
                    {
                        copy[length] = 0x80;
                        BinaryPrimitives.WriteUInt64BigEndian(copy[^sizeof(ulong)..], (ulong)(TagBytes + length) * 8);
                    }
                }

                Point<T>(rows, copies, stride, taken);
                if (suite == Suite.Sha256)
                {
                    Sha256Lanes<T>.Hash(rows, blocks, 0, start, null, (byte*)digests);
                }
                else
                {
                    uint last = (uint)(length - ((blocks - 1) * BlockBytes));
                    Blake3Lanes<T>.Hash(
                        rows, blocks, 0, last, counters, (uint*)&key, DeriveKeyMaterial, ChunkStart, ChunkEnd | Root, (byte*)digests);
                }

                new ReadOnlySpan<Digest>(digests, taken).CopyTo(new Span<Digest>(target + done, taken));
                done += taken;
            }
        }

        return done;
    }

    private static void Point<T>(byte** rows, byte* source, nint stride, int count)
        where T : unmanaged, IWords<T>
    {
        for (int i = 0; i < T.Lanes; i++)
        {
            rows[i] = source + (Math.Min(i, count - 1) * stride);
        }
    }

    private static void Count<T>(uint* counters, ulong first, long* indices, int taken)
        where T : unmanaged, IWords<T>
    {
        for (int i = 0; i < T.Lanes; i++)
        {
            ulong counter = indices == null ? first + (ulong)i : (ulong)indices[Math.Min(i, taken - 1)];
            counters[i] = (uint)counter;
            counters[i + T.Lanes] = (uint)(counter >> 32);
        }
    }
}
