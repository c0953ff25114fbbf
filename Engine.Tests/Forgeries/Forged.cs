using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Files as a stranger presents them: bytes, nothing that was read before.</summary>
internal abstract record Forged
{
    /// <summary>All files together.</summary>
    internal abstract long Length { get; }

    /// <summary>What the library says of them.</summary>
    internal abstract Verdict Judge();

    /// <summary>The same with one kind of file changed; a file of another kind stays as it is.</summary>
    internal abstract Forged Edit(FileKind kind, Func<byte[], byte[]> edit);

    private protected static Verdict Unreadable(Reason reason, string why) => new(VerdictKind.Unverifiable, reason, default, default, null, why);
}

/// <summary>A spot check: statement, receipt, challenge and proof.</summary>
internal sealed record SpotFiles(byte[] Statement, byte[] Receipt, byte[] Challenge, byte[] Proof) : Forged
{
    /// <inheritdoc/>
    internal override long Length => (long)Statement.Length + Receipt.Length + Challenge.Length + Proof.Length;

    /// <inheritdoc/>
    internal override Verdict Judge()
    {
        if (!StatementFile.TryRead(Statement, out StatementFile? statement, out string why))
        {
            return Unreadable(Reason.StatementNotValid, why);
        }

        bool isRead = ReceiptFile.TryRead(Receipt, out ReceiptFile? receipt, out string whyReceipt);
        isRead &= Engine.Verify.Challenges.Challenge.TryRead(Challenge, out Challenge? challenge, out string whyChallenge);
        isRead &= Engine.Verify.Proofs.Proof.TryRead(Proof, out Proof? proof, out string whyProof);
        return isRead
            ? SpotCheck.Verify(statement!, receipt!, challenge!, proof!, PlainHasher.Instance)
            : Unreadable(Reason.Malformed, whyReceipt + whyChallenge + whyProof);
    }

    /// <inheritdoc/>
    internal override SpotFiles Edit(FileKind kind, Func<byte[], byte[]> edit) => kind switch
    {
        FileKind.Statement => this with { Statement = edit(Statement) },
        FileKind.Receipt => this with { Receipt = edit(Receipt) },
        FileKind.Challenge => this with { Challenge = edit(Challenge) },
        FileKind.Proof => this with { Proof = edit(Proof) },
        _ => this,
    };
}

/// <summary>An accusation.</summary>
internal sealed record FraudFile(byte[] Bytes) : Forged
{
    /// <inheritdoc/>
    internal override long Length => Bytes.Length;

    /// <inheritdoc/>
    internal override Verdict Judge() =>
        FraudProof.TryRead(Bytes, out FraudProof? proof, out string why) ? proof!.Verify(PlainHasher.Instance) : Unreadable(Reason.Malformed, why);

    /// <inheritdoc/>
    internal override FraudFile Edit(FileKind kind, Func<byte[], byte[]> edit) => kind == FileKind.FraudProof ? new FraudFile(edit(Bytes)) : this;
}

/// <summary>The stages of a run, to be composed.</summary>
internal sealed record StageFiles(byte[] Statement, ImmutableArray<byte[]> Stages) : Forged
{
    /// <inheritdoc/>
    internal override long Length => Statement.Length + Stages.Sum(stage => (long)stage.Length);

    /// <inheritdoc/>
    internal override Verdict Judge()
    {
        if (!StatementFile.TryRead(Statement, out StatementFile? statement, out string why))
        {
            return Unreadable(Reason.StatementNotValid, why);
        }

        List<StageFile> stages = [];
        foreach (byte[] bytes in Stages)
        {
            if (!StageFile.TryRead(bytes, out StageFile? stage, out why))
            {
                return Unreadable(Reason.Malformed, why);
            }

            stages.Add(stage!);
        }

        return Composer.Compose(statement!, stages).Verdict;
    }

    /// <inheritdoc/>
    internal override StageFiles Edit(FileKind kind, Func<byte[], byte[]> edit) => kind switch
    {
        FileKind.Statement => this with { Statement = edit(Statement) },
        FileKind.Stage => this with { Stages = Stages.SetItem(Stages.Length - 1, edit(Stages[^1])) },
        _ => this,
    };
}
