using System;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>Answers challenges from a held trace.</summary>
public static class Prover
{
    /// <summary>Opens what a challenge asks for.</summary>
    /// <exception cref="InvalidOperationException">The trace lacks something, or is not the one under the receipt's root: it was changed, or not made by
    /// this run.</exception>
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

        Openings openings = leaves.Open();
        Suite suite = held.Statement.Statement.Suite;
        foreach (TensorOpening tensor in openings.Tensors.Where(tensor => tensor.Value.Kind == ValueKind.Node))
        {
            bool isPromised = TraceLeaf.TryRead(held.Receipt.TraceLeaves[tensor.Value.Index].Span, out TraceLeaf? leaf)
                && leaf![tensor.Value.Slot] is TensorCommitment promised
                && tensor.Proof.TryVerify(suite, TreeKind.Tensor, promised.Type.Bytes, promised.Root, hasher, out _);
            if (!isPromised)
            {
                throw new InvalidOperationException($"{tensor.Value} is not what the receipt promises");
            }
        }

        return new Proof(challenge.Id, openings);
    }
}
