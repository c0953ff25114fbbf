using System;
using System.Collections.Immutable;
using System.Threading;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Settles a challenge: every element it names, computed again by its definition from what the proof opens. Needs statement, receipt,
/// challenge and proof; not the model.</summary>
public static class SpotCheck
{
    /// <summary>Judges a proof. Total: whatever the files contain, the answer is a verdict. What checking may cost is bounded by the challenge's
    /// size and the limits of a check before anything is computed.</summary>
    /// <param name="statement">The statement that the host fixed.</param>
    /// <param name="receipt">The receipt with its trace table.</param>
    /// <param name="challenge">The challenge.</param>
    /// <param name="proof">The answer to it.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="cancellation">Cancels between elements; then there is no verdict.</param>
    public static Verdict Verify(
        StatementFile statement,
        ReceiptFile receipt,
        Challenge challenge,
        Proof proof,
        ILeafHasher hasher,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(challenge);
        ArgumentNullException.ThrowIfNull(proof);
        Verdict Say(VerdictKind kind, Reason reason, string text, ElementRef? element = null) =>
            new(kind, reason, statement.Statement.Id, receipt.Receipt.Id, element, text);
        if (challenge.StatementId != statement.Statement.Id || challenge.ReceiptId != receipt.Receipt.Id)
        {
            return Say(VerdictKind.Unverifiable, Reason.NotBound, "the challenge is for another statement or receipt");
        }

        ChallengePolicy policy = statement.Statement.Challenge;
        if (challenge.BeaconId != policy.BeaconId || challenge.Samples < policy.Samples)
        {
            return Say(VerdictKind.Unverifiable, Reason.ChallengeNotValid, "another beacon, or fewer samples than the statement asks for");
        }

        Verdict delivery = Delivery.Check(statement, receipt);
        if (delivery.Kind != VerdictKind.Valid)
        {
            return delivery;
        }

        if (proof.ChallengeId != challenge.Id)
        {
            return Say(VerdictKind.Unverifiable, Reason.NotBound, "the proof answers another challenge");
        }

        if (!OpenedLeaves.TryOpen(proof.Openings, statement.Statement, receipt.Receipt, hasher, out OpenedLeaves opened, out string why))
        {
            return Say(VerdictKind.Unverifiable, Reason.BadOpening, why);
        }

        ImmutableArray<ElementRef> elements = challenge.Elements(policy, statement.Graph);
        Evaluator evaluator = new(opened);
        ElementRef? wrong = null;
        foreach (ElementRef element in elements)
        {
            cancellation.ThrowIfCancellationRequested();
            ulong evaluated = evaluator.Evaluate(element);
            ulong committed = evaluator.Committed(element);
            if (evaluator.Failure != Reason.None)
            {
                return Say(VerdictKind.Unverifiable, evaluator.Failure, evaluator.Text, element);
            }

            wrong ??= evaluated == committed ? null : element;
        }

        if (!opened.IsAllUsed)
        {
            return Say(VerdictKind.Unverifiable, Reason.Surplus, "the proof opens more than the challenge asks for");
        }

        (ElementRef? notCanonical, bool isStatementCanonical) = opened.NonCanonical();
        return (isStatementCanonical, notCanonical, wrong) switch
        {
            (false, _, _) => Say(VerdictKind.Unverifiable, Reason.StatementNotValid, "a parameter or input is not in canonical form"),
            (_, not null, _) => Say(VerdictKind.Invalid, Reason.NonCanonicalValue, $"{notCanonical} is not in canonical form", notCanonical),
            (_, _, not null) => Say(VerdictKind.Invalid, Reason.WrongElement, $"{wrong} is not what its definition gives", wrong),
            _ => Say(VerdictKind.Valid, Reason.None, $"{elements.Length} elements are what their definitions give"),
        };
    }
}
