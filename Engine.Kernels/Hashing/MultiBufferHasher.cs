using System;
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

    private const uint ChunkStart = 1;
    private const uint ChunkEnd = 2;
    private const uint Parent = 4;
    private const uint Root = 8;
    private const uint DeriveKeyMaterial = 64;

    private static readonly uint[] LeafStart = Sha256Block.After(Tag.Of(TreeKind.Tensor, TagRole.Leaf).Block);
    private static readonly uint[] LeafEnd = Sha256Block.Padding(TagBytes + LeafRun.LeafBytes);
    private static readonly uint[][] PairStart =
        [.. Enum.GetValues<TreeKind>().Select(kind => Sha256Block.After(Tag.Of(kind, TagRole.Node).Block))];

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
                    SimdLevel.V512 => Leaves<Words16>(suite, source, whole, first, only, target),
                    SimdLevel.V256 => Leaves<Words8>(suite, source, whole, first, only, target),
                    _ => suite == Suite.Blake3 ? Leaves<Words4>(suite, source, whole, first, only, target) : 0,
                };
            }
        }

        PlainHasher.Instance.HashLeaves(suite, leaves[(done * LeafRun.LeafBytes)..], first + done, only && done == 0, digests[done..]);
    }

    /// <inheritdoc/>
    public void HashParents(Suite suite, TreeKind kind, ReadOnlySpan<Digest> children, bool top, Span<Digest> parents)
    {
        LeafRun.Check(suite, kind, children, top, parents);
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

        PlainHasher.Instance.HashParents(suite, kind, children[(2 * done)..], top && done == 0, parents[done..]);
    }

    // Groups of as many leaves as there are lanes. A last group that is not full repeats its last leaf where that is sooner done than
    // one leaf after the other: always for BLAKE3, whose scalar code is slow; for SHA-256 the processor may have instructions.
    // Gives the number of leaves done.
    private static int Leaves<T>(Suite suite, byte* source, int count, long first, bool only, Digest* target)
        where T : unmanaged, IWords<T>
    {
        int least = suite == Suite.Blake3 ? 1 : T.Lanes == 16 ? 6 : T.Lanes;
        uint last = ChunkEnd | (only ? Root : 0);
        Digest key = Tag.Of(TreeKind.Tensor, TagRole.Tree).Key;
        byte** rows = stackalloc byte*[T.Lanes];
        uint* counters = stackalloc uint[2 * T.Lanes];
        Digest* digests = stackalloc Digest[T.Lanes];
        int done = 0;
        fixed (uint* start = LeafStart, end = LeafEnd)
        {
            while (count - done >= least)
            {
                int taken = Math.Min(T.Lanes, count - done);
                Point<T>(rows, source + ((nint)done * LeafRun.LeafBytes), LeafRun.LeafBytes, taken);
                Count<T>(counters, (ulong)(first + done));
                if (suite == Suite.Sha256)
                {
                    Sha256Lanes<T>.Hash(rows, LeafRun.LeafBytes / 64, start, end, (byte*)digests);
                }
                else
                {
                    Blake3Lanes<T>.Hash(
                        rows, LeafRun.LeafBytes / 64, counters, (uint*)&key, DeriveKeyMaterial, ChunkStart, last, (byte*)digests);
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
        fixed (uint* start = PairStart[(int)kind - 1], end = PairEnd)
        {
            while (count - done >= 2)
            {
                int taken = Math.Min(T.Lanes, count - done);
                Point<T>(rows, source + ((nint)done * PairBytes), PairBytes, taken);
                if (suite == Suite.Sha256)
                {
                    Sha256Lanes<T>.Hash(rows, 1, start, end, (byte*)digests);
                }
                else
                {
                    Blake3Lanes<T>.Hash(rows, 1, counters, (uint*)&key, flags, 0, 0, (byte*)digests);
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

    private static void Count<T>(uint* counters, ulong first)
        where T : unmanaged, IWords<T>
    {
        for (int i = 0; i < T.Lanes; i++)
        {
            ulong counter = first + (ulong)i;
            counters[i] = (uint)counter;
            counters[i + T.Lanes] = (uint)(counter >> 32);
        }
    }
}
