using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Verify.Challenges;

/// <summary>Which elements of a run are to be checked: a function of receipt, anchor and beacon that nobody chooses.</summary>
/// <param name="StatementId">The statement.</param>
/// <param name="ReceiptId">The receipt.</param>
/// <param name="Anchor">Where and when the host recorded the receipt, in the host's own bytes; empty: nobody checked.</param>
/// <param name="BeaconId">The source of randomness, as the statement names it.</param>
/// <param name="Round">Its round.</param>
/// <param name="Value">Its value in that round.</param>
/// <param name="Samples">How many elements are drawn; at least as many as the statement asks for.</param>
public sealed record Challenge(
    Digest StatementId, Digest ReceiptId, ImmutableArray<byte> Anchor, string BeaconId, ulong Round, Digest Value, int Samples)
{
    // A graph output of at most so many elements is checked whole.
    private const long SmallOutput = 64;

    /// <summary>SHA-256 of the tagged file.</summary>
    public Digest Id => Ids.Of("challenge", ToArray());

    /// <summary>The seed of the draws. An interactive challenge would have a nonce of its own; a public one has 0.</summary>
    public Digest Seed
    {
        get
        {
            CanonicalWriter writer = new();
            writer.Raw(ReceiptId.Span);
            writer.Bytes(Anchor.AsSpan());
            writer.Text(BeaconId);
            writer.U64(Round);
            writer.Raw(Value.Span);
            writer.U64(0);
            return Ids.Of("seed", writer.Written);
        }
    }

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Challenge);
        writer.Raw(StatementId.Span);
        writer.Raw(ReceiptId.Span);
        writer.Bytes(Anchor.AsSpan());
        writer.Text(BeaconId);
        writer.U64(Round);
        writer.Raw(Value.Span);
        writer.U32(Samples);
        return writer.ToArray();
    }

    /// <summary>Reads a file.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Challenge? challenge, out string why)
    {
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.Challenge);
        Digest statement = reader.Digest();
        Digest receipt = reader.Digest();
        ImmutableArray<byte> anchor = [.. reader.Bytes(Limits.NameBytes)];
        string beacon = reader.Text(Limits.NameBytes);
        ulong round = reader.U64();
        Digest value = reader.Digest();
        int samples = reader.Int(Limits.Samples, "more samples than the limit");
        reader.End();
        why = reader.Why;
        challenge = reader.Failed ? null : new Challenge(statement, receipt, anchor, beacon, round, value, samples);
        return challenge is not null;
    }

    /// <summary>The elements to check, ascending, each once: those drawn (with replacement) and the mandatory set, which is every element of
    /// graph outputs with at most 64, and the first and the last of every graph output.</summary>
    public ImmutableArray<ElementRef> Elements(ChallengePolicy policy, CommittedGraph graph)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(graph);
        HashSet<ElementRef> elements = [];
        foreach (ValueRef output in graph.Outputs)
        {
            long count = graph.TypeOf(output.Index, output.Slot).Elements;
            for (long element = 0; element < count; element += count <= SmallOutput ? 1 : count - 1)
            {
                elements.Add(new ElementRef(output.Index, output.Slot, element));
            }
        }

        Digest seed = Seed;
        for (int i = 0; i < Samples && graph.Elements > 0; i++)
        {
            elements.Add(Draw(seed, i, policy.Mix, graph));
        }

        return [.. elements.OrderBy(element => element.Node).ThenBy(element => element.Slot).ThenBy(element => element.Element)];
    }

    /// <summary>Draw <paramref name="i"/> alone, without the mandatory set.</summary>
    public ElementRef Draw(int i, ChallengePolicy policy, CommittedGraph graph)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(graph);
        return Draw(Seed, i, policy.Mix, graph);
    }

    // Draw i: the first number chooses the list, the second the place in it, again until it falls below a multiple of the list's size.
    private static ElementRef Draw(Digest seed, int i, int mix, CommittedGraph graph)
    {
        for (uint attempt = 0; ; attempt++)
        {
            CanonicalWriter writer = new();
            writer.Raw(seed.Span);
            writer.U32(i);
            writer.U32(attempt);
            Digest drawn = Ids.Of("draw", writer.Written);
            bool isWeighted = BinaryPrimitives.ReadUInt16LittleEndian(drawn.Span) < mix;
            UInt128 total = isWeighted ? graph.Work : graph.Elements;
            UInt128 place = BinaryPrimitives.ReadUInt128LittleEndian(drawn.Span[16..]);
            UInt128 surplus = (UInt128.MaxValue % total) + 1;
            if (surplus == total || place <= UInt128.MaxValue - surplus)
            {
                return isWeighted ? graph.AtWork(place % total) : graph.AtElement(place % total);
            }
        }
    }
}
