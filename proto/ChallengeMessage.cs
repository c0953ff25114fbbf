using System;

using Google.Protobuf;

using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;

namespace VerifiableCompute.Wire;

/// <summary>Challenges as Protobuf: <c>verifiablecompute.v1.Challenge</c>.</summary>
public static class ChallengeMessage
{
    private static readonly MessageCodec<V1.Challenge, Challenge> Codec =
        new(WireLimits.ChallengeBytes, V1.Challenge.Descriptor, Make, Build, Challenge.TryRead);

    /// <summary>The message.</summary>
    public static byte[] ToBytes(Challenge challenge) => Codec.ToBytes(challenge);

    /// <summary>Reads a message. Total: every input is accepted or refused with a reason.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Challenge? challenge, out string why) => Codec.TryRead(bytes, out challenge, out why);

    private static V1.Challenge Make(Challenge challenge) => new()
    {
        StatementId = CommonParts.Make(challenge.StatementId),
        ReceiptId = CommonParts.Make(challenge.ReceiptId),
        Anchor = ByteString.CopyFrom(challenge.Anchor.AsSpan()),
        BeaconId = challenge.BeaconId,
        Round = challenge.Round,
        Value = CommonParts.Make(challenge.Value),
        Samples = (uint)challenge.Samples,
    };

    private static void Build(CanonicalBuilder builder, V1.Challenge challenge)
    {
        builder.Header(FileKind.Challenge);
        builder.Digest(challenge.StatementId);
        builder.Digest(challenge.ReceiptId);
        builder.Bytes(challenge.Anchor);
        builder.Text(challenge.BeaconId);
        builder.U64(challenge.Round);
        builder.Digest(challenge.Value);
        builder.U32(challenge.Samples);
    }
}
