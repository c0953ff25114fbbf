using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>The answer to a challenge.</summary>
/// <param name="ChallengeId">The challenge.</param>
/// <param name="Openings">What it asks for, no more.</param>
public sealed record Proof(Digest ChallengeId, Openings Openings)
{
    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.Proof);
        writer.Raw(ChallengeId.Span);
        Openings.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads a file.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Proof? proof, out string why)
    {
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.Proof);
        Digest challenge = reader.Digest();
        Openings openings = Openings.Read(ref reader);
        reader.End();
        why = reader.Why;
        proof = reader.Failed ? null : new Proof(challenge, openings);
        return proof is not null;
    }
}
