using System;
using System.Linq;

using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Wire;

/// <summary>Stage receipts with their leaves as Protobuf: <c>verifiablecompute.v1.StageFile</c>.</summary>
public static class StageMessage
{
    private static readonly MessageCodec<V1.StageFile, StageFile> Codec =
        new(WireLimits.MessageBytes, V1.StageFile.Descriptor, Make, Build, StageFile.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(StageFile file) => Codec.ToBytes(file);

    /// <summary>Reads a message; whether the receipt is delivered is another question. Total: every input is accepted or refused with a
    /// reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out StageFile? file, out string why) => Codec.TryRead(bytes, out file, out why);

    private static V1.StageFile Make(StageFile file) => new()
    {
        Receipt = new V1.StageReceipt
        {
            StatementId = CommonParts.Make(file.Receipt.StatementId),
            Prover = CommonParts.Make(file.Receipt.Prover),
            First = (uint)file.Receipt.First,
            End = (uint)file.Receipt.End,
            TraceRoot = CommonParts.Make(file.Receipt.TraceRoot),
            TakenRoot = CommonParts.Make(file.Receipt.TakenRoot),
            Issued = file.Receipt.Issued,
        },
        TraceLeaves = { file.TraceLeaves.Select(ReceiptMessage.MakeTraceLeaf) },
        TakenLeaves = { file.TakenLeaves.Select(ReceiptMessage.MakeOutputLeaf) },
    };

    private static void Build(CanonicalBuilder builder, V1.StageFile file)
    {
        builder.Header(FileKind.Stage);
        if (!builder.Has(file.Receipt))
        {
            return;
        }

        builder.Digest(file.Receipt.StatementId);
        CommonParts.Build(builder, file.Receipt.Prover);
        builder.U32(file.Receipt.First);
        builder.U32(file.Receipt.End);
        builder.Digest(file.Receipt.TraceRoot);
        builder.Digest(file.Receipt.TakenRoot);
        builder.U64(file.Receipt.Issued);
        ReceiptMessage.Build(builder, file.TraceLeaves);
        ReceiptMessage.Build(builder, file.TakenLeaves);
    }
}
