using System;
using System.Linq;
using System.Threading;

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
    /// <param name="held">The run.</param>
    /// <param name="challenge">The challenge.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <param name="cancellation">Cancels between elements.</param>
    /// <exception cref="InvalidOperationException">The trace lacks something, or is not the one under the receipt's root: it was changed, or not made by
    /// this run.</exception>
    public static Proof Prove(HeldTrace held, Challenge challenge, ILeafHasher hasher, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(challenge);
        HeldLeaves leaves = new(held, hasher);
        Evaluator evaluator = new(leaves);
        foreach (ElementRef element in challenge.Elements(held.Statement.Statement.Challenge, held.Statement.Graph))
        {
            cancellation.ThrowIfCancellationRequested();
            evaluator.Evaluate(element);
            evaluator.Committed(element);
            if (evaluator.Failure != Reason.None)
            {
                throw new InvalidOperationException($"{element}: {evaluator.Text}");
            }
        }

        Openings openings = leaves.Open();
        Suite suite = held.Statement.Statement.Suite;
        cancellation.ThrowIfCancellationRequested();
        TensorOpening[] made = [.. openings.Tensors.Where(tensor => tensor.Value.Kind == ValueKind.Node)];
        int kept = MultiProof.VerifyInTurn(suite, TreeKind.Tensor, [.. made.Select(tensor => Promised(held, tensor))], hasher, out _);
        return kept == made.Length
            ? new Proof(challenge.Id, openings)
            : throw new InvalidOperationException($"{made[kept].Value} is not what the receipt promises");
    }

    // A root that nothing has, where nothing is promised.
    private static (MultiProof Proof, long Size, Digest Root) Promised(HeldTrace held, TensorOpening tensor)
    {
        TensorCommitment? promised = TraceLeaf.TryRead(held.Receipt.TraceLeaves[tensor.Value.Index].Span, out TraceLeaf? leaf)
            ? leaf![tensor.Value.Slot]
            : null;
        return (tensor.Proof, promised?.Type.Bytes ?? 0, promised?.Root ?? default);
    }
}
