using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>Answers challenges from a held trace.</summary>
public static class Prover
{
    /// <summary>Opens what a challenge asks for.</summary>
    /// <exception cref="InvalidOperationException">The trace lacks something: it was not made by a run of its statement.</exception>
    public static Proof Prove(HeldTrace held, Challenge challenge, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(challenge);
        HeldLeaves leaves = new(held, hasher);
        Evaluator evaluator = new(leaves);
        foreach (ElementRef element in challenge.Elements(held.Statement.Statement.Challenge, held.Statement.Graph))
        {
            evaluator.Evaluate(element);
            evaluator.Committed(element);
            if (evaluator.Failure != Reason.None)
            {
                throw new InvalidOperationException($"{element}: {evaluator.Text}");
            }
        }

        return new Proof(challenge.Id, leaves.Open());
    }
}
