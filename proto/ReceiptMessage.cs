using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Wire;

/// <summary>Receipts with their trace tables as Protobuf: <c>verifiablecompute.v1.ReceiptFile</c>.</summary>
public static class ReceiptMessage
{
    private static readonly MessageCodec<V1.ReceiptFile, ReceiptFile> Codec =
        new(WireLimits.MessageBytes, V1.ReceiptFile.Descriptor, Make, Build, ReceiptFile.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(ReceiptFile file) => Codec.ToBytes(file);

    /// <summary>Reads a message; whether the receipt is delivered is another question. Total: every input is accepted or refused with a
    /// reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReceiptFile? file, out string why) => Codec.TryRead(bytes, out file, out why);

    /// <summary>The message of a receipt alone.</summary>
    internal static V1.Receipt Make(Receipt receipt) => new()
    {
        StatementId = CommonParts.Make(receipt.StatementId),
        Prover = CommonParts.Make(receipt.Prover),
        TraceRoot = CommonParts.Make(receipt.TraceRoot),
        OutputsRoot = CommonParts.Make(receipt.OutputsRoot),
        Issued = receipt.Issued,
    };

    /// <summary>The canonical bytes of a receipt alone.</summary>
    internal static void Build(CanonicalBuilder builder, V1.Receipt? receipt)
    {
        if (!builder.Has(receipt))
        {
            return;
        }

        builder.Digest(receipt.StatementId);
        CommonParts.Build(builder, receipt.Prover);
        builder.Digest(receipt.TraceRoot);
        builder.Digest(receipt.OutputsRoot);
        builder.U64(receipt.Issued);
    }

    private static V1.ReceiptFile Make(ReceiptFile file) => new()
    {
        Receipt = Make(file.Receipt),
        TraceLeaves = { file.TraceLeaves.Select(MakeTraceLeaf) },
        OutputLeaves = { file.OutputLeaves.Select(MakeOutputLeaf) },
    };

    /// <summary>A trace leaf. Leaves are what a prover says and may be of any content; in fields where these say all of it.</summary>
    internal static V1.TraceLeaf MakeTraceLeaf(ReadOnlyMemory<byte> bytes) =>
        TraceLeaf.TryRead(bytes.Span, out TraceLeaf? leaf) && leaf!.ToArray().AsSpan().SequenceEqual(bytes.Span)
            ? new V1.TraceLeaf
            {
                Entries = { leaf.Entries.Select(entry => new V1.TraceEntry { Slot = (uint)entry.Slot, Tensor = CommonParts.Make(entry.Tensor) }) },
            }
            : new V1.TraceLeaf { Malformed = CommonParts.Make(bytes) };

    /// <summary>An output leaf, in the same way.</summary>
    internal static V1.OutputLeaf MakeOutputLeaf(ReadOnlyMemory<byte> bytes) =>
        OutputLeaf.TryRead(bytes.Span, out OutputLeaf? leaf) && leaf!.ToArray().AsSpan().SequenceEqual(bytes.Span)
            ? new V1.OutputLeaf { Node = (uint)leaf.Node, Slot = (uint)leaf.Slot, Tensor = CommonParts.Make(leaf.Tensor) }
            : new V1.OutputLeaf { Malformed = CommonParts.Make(bytes) };

    private static void Build(CanonicalBuilder builder, V1.ReceiptFile file)
    {
        builder.Header(FileKind.Receipt);
        Build(builder, file.Receipt);
        Build(builder, file.TraceLeaves);
        Build(builder, file.OutputLeaves);
    }

    /// <summary>The canonical bytes of trace leaves with their number.</summary>
    internal static void Build(CanonicalBuilder builder, IReadOnlyCollection<V1.TraceLeaf> leaves) =>
        BuildLeaves(builder, leaves, leaf => leaf.HasMalformed, leaf => leaf.Malformed, Build);

    /// <summary>The canonical bytes of output leaves with their number.</summary>
    internal static void Build(CanonicalBuilder builder, IReadOnlyCollection<V1.OutputLeaf> leaves) =>
        BuildLeaves(builder, leaves, leaf => leaf.HasMalformed, leaf => leaf.Malformed, Build);

    private static void BuildLeaves<TLeaf>(
        CanonicalBuilder builder,
        IReadOnlyCollection<TLeaf> leaves,
        Func<TLeaf, bool> isMalformed,
        Func<TLeaf, Google.Protobuf.ByteString> malformed,
        Action<CanonicalBuilder, TLeaf> build)
    {
        builder.U32(leaves.Count);
        foreach (TLeaf leaf in leaves.TakeWhile(_ => !builder.Failed))
        {
            if (isMalformed(leaf))
            {
                builder.Bytes(malformed(leaf));
            }
            else
            {
                builder.Nested(leaf, build);
            }
        }
    }

    private static void Build(CanonicalBuilder builder, V1.TraceLeaf leaf)
    {
        builder.U16(leaf.Entries.Count);
        foreach (V1.TraceEntry entry in leaf.Entries.TakeWhile(_ => !builder.Failed))
        {
            builder.U16(entry.Slot);
            CommonParts.Build(builder, entry.Tensor);
        }
    }

    private static void Build(CanonicalBuilder builder, V1.OutputLeaf leaf)
    {
        builder.U32(leaf.Node);
        builder.U16(leaf.Slot);
        CommonParts.Build(builder, leaf.Tensor);
    }
}
