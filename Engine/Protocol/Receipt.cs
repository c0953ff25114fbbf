using System;

using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>What a prover promises about one run, and all that is its choice.</summary>
/// <param name="StatementId">What was run.</param>
/// <param name="Prover">Who promises.</param>
/// <param name="TraceRoot">Bound root of the trace leaves.</param>
/// <param name="OutputsRoot">Bound root of the output leaves.</param>
/// <param name="Issued">Unix seconds, given by the host.</param>
public sealed record Receipt(Digest StatementId, ProverKey Prover, Digest TraceRoot, Digest OutputsRoot, ulong Issued)
{
    /// <summary>SHA-256 of the tagged bytes, under every suite: what is signed.</summary>
    public Digest Id
    {
        get
        {
            CanonicalWriter writer = new();
            Write(writer);
            return Ids.Of("receipt", writer.Written);
        }
    }

    /// <summary>Writes the canonical bytes.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Raw(StatementId.Span);
        Prover.Write(writer);
        writer.Raw(TraceRoot.Span);
        writer.Raw(OutputsRoot.Span);
        writer.U64(Issued);
    }

    /// <summary>Reads the canonical bytes.</summary>
    public static Receipt Read(ref CanonicalReader reader) =>
        new(reader.Digest(), ProverKey.Read(ref reader), reader.Digest(), reader.Digest(), reader.U64());
}
