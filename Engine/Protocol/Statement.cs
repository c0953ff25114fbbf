using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>What is to be computed, fixed by the host before anyone runs it (docs/protocol.md, section Statement).</summary>
public sealed record Statement
{
    /// <summary>The format of all bytes here.</summary>
    public const int Format = 1;

    /// <summary>The list of op versions in <see cref="Ops.OpSet"/>.</summary>
    public const int Semantics = 1;

    /// <summary>The set of limits in <see cref="Tensors.Limits"/>.</summary>
    public const int LimitsProfile = 1;

    private const int InputsByRoot = 0;

    /// <summary>Version of the lowering that made the graph; informs only.</summary>
    public int LoweringVersion { get; init; } = Lowerer.Version;

    /// <summary>Policy by which it was made; informs only.</summary>
    public required Policy Policy { get; init; }

    /// <summary>Hash functions of all trees.</summary>
    public required Suite Suite { get; init; }

    /// <summary>Bound root of the graph's records.</summary>
    public required Digest GraphRoot { get; init; }

    /// <summary>Bound root of the parameters' commitments.</summary>
    public required Digest ParametersRoot { get; init; }

    /// <summary>Bound root of the inputs' commitments.</summary>
    public required Digest InputsRoot { get; init; }

    /// <summary>Seed of the random counters.</summary>
    public Digest Seed { get; init; }

    /// <summary>How a run is to be challenged.</summary>
    public required ChallengePolicy Challenge { get; init; }

    /// <summary>Where it counts.</summary>
    public required Domain Domain { get; init; }

    /// <summary>The host's name of the job, used once in a domain.</summary>
    public Digest JobId { get; init; }

    /// <summary>Who may prove; none: anyone.</summary>
    public ProverKey Prover { get; init; }

    /// <summary>Unix seconds after which a newly recorded demand or proof has no consequence; the largest value: never.</summary>
    public ulong LiabilityEnd { get; init; } = ulong.MaxValue;

    /// <summary>SHA-256 of the tagged bytes, under every suite.</summary>
    public Digest Id => Ids.Of("statement", ToArray());

    /// <summary>The canonical bytes.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Writes the canonical bytes.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.U16(Format);
        writer.U16(Semantics);
        writer.U16(LoweringVersion);
        writer.U8((int)Policy);
        writer.U8((int)Suite);
        writer.Raw(GraphRoot.Span);
        writer.Raw(ParametersRoot.Span);
        writer.U8(InputsByRoot);
        writer.Raw(InputsRoot.Span);
        writer.Raw(Seed.Span);
        Challenge.Write(writer);
        writer.U8(LimitsProfile);
        Domain.Write(writer);
        writer.Raw(JobId.Span);
        Prover.Write(writer);
        writer.U64(LiabilityEnd);
    }

    /// <summary>Reads the canonical bytes; of no use where the reader has failed.</summary>
    public static Statement Read(ref CanonicalReader reader)
    {
        reader.Require(reader.U16() == Format, "another format");
        reader.Require(reader.U16() == Semantics, "other semantics");
        int lowering = reader.U16();
        Policy policy = (Policy)reader.U8();
        reader.Require(policy is Policy.Atomic or Policy.Compact or Policy.Compact2, "no policy");
        Suite suite = (Suite)reader.U8();
        reader.Require(suite is Suite.Sha256 or Suite.Blake3, "no suite");
        Digest graph = reader.Digest();
        Digest parameters = reader.Digest();
        reader.Require(reader.U8() == InputsByRoot, "inputs are given by their root in this format");
        Digest inputs = reader.Digest();
        Digest seed = reader.Digest();
        ChallengePolicy challenge = ChallengePolicy.Read(ref reader);
        reader.Require(reader.U8() == LimitsProfile, "another limits profile");
        return new Statement
        {
            LoweringVersion = lowering,
            Policy = policy,
            Suite = suite,
            GraphRoot = graph,
            ParametersRoot = parameters,
            InputsRoot = inputs,
            Seed = seed,
            Challenge = challenge,
            Domain = Domain.Read(ref reader),
            JobId = reader.Digest(),
            Prover = ProverKey.Read(ref reader),
            LiabilityEnd = reader.U64(),
        };
    }
}
