using System;

using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Wire;

/// <summary>Answers to challenges as Protobuf: <c>verifiablecompute.v1.Proof</c>.</summary>
public static class ProofMessage
{
    private static readonly MessageCodec<V1.Proof, Proof> Codec = new(WireLimits.MessageBytes, V1.Proof.Descriptor, Make, Build, Proof.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(Proof proof) => Codec.ToBytes(proof);

    /// <summary>Reads a message; whether it proves anything is another question. Total: every input is accepted or refused with a reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Proof? proof, out string why) => Codec.TryRead(bytes, out proof, out why);

    private static V1.Proof Make(Proof proof) =>
        new() { ChallengeId = CommonParts.Make(proof.ChallengeId), Openings = OpeningsPart.Make(proof.Openings) };

    private static void Build(CanonicalBuilder builder, V1.Proof proof)
    {
        builder.Header(FileKind.Proof);
        builder.Digest(proof.ChallengeId);
        OpeningsPart.Build(builder, proof.Openings);
    }
}
