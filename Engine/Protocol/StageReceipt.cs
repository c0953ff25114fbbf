using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>What a prover promises about a range of a run's nodes: that its committed values follow from the values it took in.</summary>
/// <param name="StatementId">What was run.</param>
/// <param name="Prover">Who promises.</param>
/// <param name="First">The first record of the range.</param>
/// <param name="End">The record behind its last.</param>
/// <param name="TraceRoot">Bound root of the range's trace leaves, kind trace.</param>
/// <param name="TakenRoot">Bound root of what it took in, in the form of output leaves and of their kind.</param>
/// <param name="Issued">Unix seconds, given by the host.</param>
public sealed record StageReceipt(Digest StatementId, ProverKey Prover, int First, int End, Digest TraceRoot, Digest TakenRoot, ulong Issued)
{
    /// <summary>SHA-256 of the tagged bytes, under every suite: what is signed.</summary>
    public Digest Id
    {
        get
        {
            CanonicalWriter writer = new();
            Write(writer);
            return Ids.Of("stage", writer.Written);
        }
    }

    /// <summary>Writes the canonical bytes.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Raw(StatementId.Span);
        Prover.Write(writer);
        writer.U32(First);
        writer.U32(End);
        writer.Raw(TraceRoot.Span);
        writer.Raw(TakenRoot.Span);
        writer.U64(Issued);
    }

    /// <summary>Reads the canonical bytes.</summary>
    public static StageReceipt Read(ref CanonicalReader reader)
    {
        Digest statement = reader.Digest();
        ProverKey prover = ProverKey.Read(ref reader);
        int first = reader.Int(Limits.Nodes, "no record");
        int end = reader.Int(Limits.Nodes, "no record");
        reader.Require(first < end, "a range without records");
        return new StageReceipt(statement, prover, first, end, reader.Digest(), reader.Digest(), reader.U64());
    }
}
