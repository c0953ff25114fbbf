using System;

using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Wire;

/// <summary>Accusations as Protobuf: <c>verifiablecompute.v1.FraudProof</c>.</summary>
public static class FraudProofMessage
{
    private static readonly MessageCodec<V1.FraudProof, FraudProof> Codec =
        new(WireLimits.FraudProofBytes, V1.FraudProof.Descriptor, Make, Build, FraudProof.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(FraudProof proof) => Codec.ToBytes(proof);

    /// <summary>Reads a message; whether it convicts is another question. Total: every input is accepted or refused with a reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FraudProof? proof, out string why) => Codec.TryRead(bytes, out proof, out why);

    private static V1.FraudProof Make(FraudProof proof) => new()
    {
        StatementId = CommonParts.Make(proof.Statement.Id),
        ReceiptId = CommonParts.Make(proof.Receipt.Id),
        Statement = StatementMessage.Make(proof.Statement),
        Receipt = ReceiptMessage.Make(proof.Receipt),
        Accusation = (V1.Accusation)proof.Accusation,
        Node = (uint)proof.Element.Node,
        Slot = (uint)proof.Element.Slot,
        Element = proof.Element.Element,
        Openings = OpeningsPart.Make(proof.Openings),
    };

    private static void Build(CanonicalBuilder builder, V1.FraudProof proof)
    {
        builder.Header(FileKind.FraudProof);
        builder.Digest(proof.StatementId);
        builder.Digest(proof.ReceiptId);
        StatementMessage.Build(builder, proof.Statement);
        ReceiptMessage.Build(builder, proof.Receipt);
        builder.U8((int)proof.Accusation);
        builder.U32(proof.Node);
        builder.U16(proof.Slot);
        builder.I64(proof.Element);
        OpeningsPart.Build(builder, proof.Openings);
    }
}
