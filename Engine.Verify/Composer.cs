using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Verify;

/// <summary>What stages come to.</summary>
/// <param name="Verdict">Valid: they make a whole run. Otherwise its receipt id is that of the stage that is wrong by itself; zero where stages do not fit
/// each other, which shows of neither that it is the wrong one.</param>
/// <param name="Receipt">The receipt of the whole run with its trace table, where the verdict is Valid.</param>
/// <param name="Stages">The stage receipts in the order of their ranges.</param>
public sealed record Composition(Verdict Verdict, ReceiptFile? Receipt, ImmutableArray<StageReceipt> Stages)
{
    /// <summary>The stage whose range a record lies in. Whom a conviction falls on is for <see cref="Composer.Blame"/> to say.</summary>
    public StageReceipt? StageOf(int node) => Stages.FirstOrDefault(stage => stage.First <= node && node < stage.End);
}

/// <summary>Puts stage receipts together: the whole run's trace root and outputs root, as one prover would have given them.</summary>
public static class Composer
{
    /// <summary>Composes stages of one statement. Total: whatever the files contain, the answer is a verdict.</summary>
    /// <param name="statement">The statement that the host fixed.</param>
    /// <param name="files">The stages, in any order.</param>
    /// <param name="prover">Whose receipt the whole is.</param>
    /// <param name="issued">Unix seconds, as the host gives them.</param>
    public static Composition Compose(StatementFile statement, IEnumerable<StageFile> files, ProverKey prover = default, ulong issued = 0)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(files);
        ImmutableArray<StageFile> stages = [.. files.OrderBy(stage => stage.Receipt.First).ThenBy(stage => stage.Receipt.End)];
        ImmutableArray<StageReceipt> receipts = [.. stages.Select(stage => stage.Receipt)];
        if (Defect(statement, stages) is Verdict defect)
        {
            return new Composition(defect, null, receipts);
        }

        Suite suite = statement.Statement.Suite;
        ImmutableArray<ReadOnlyMemory<byte>> trace = [.. stages.SelectMany(stage => stage.TraceLeaves)];
        ImmutableArray<ReadOnlyMemory<byte>> outputs = [.. statement.Graph.Outputs.Select(value => (ReadOnlyMemory<byte>)new OutputLeaf(
            value.Index, value.Slot, Owner(stages, value.Index).CommitmentTo(value.Index, value.Slot)!).ToArray())];
        Receipt receipt = new(
            statement.Statement.Id,
            prover,
            MerkleTree.RootOf(suite, TreeKind.Trace, trace, PlainHasher.Instance),
            MerkleTree.RootOf(suite, TreeKind.Outputs, outputs, PlainHasher.Instance),
            issued);
        ReceiptFile whole = new(receipt, trace, outputs);
        Verdict verdict = Delivery.Check(statement, whole);
        return new Composition(verdict, verdict.Kind == VerdictKind.Valid ? whole : null, receipts);
    }

    /// <summary>Whom a conviction falls on: the stage whose range has the convicted record, if the accused receipt is what these stages compose to. Without
    /// that nobody but the receipt's own prover is blamed: whoever composes could change what a stage never signed.</summary>
    /// <param name="statement">The statement that the host fixed.</param>
    /// <param name="files">The stages, in any order.</param>
    /// <param name="proof">The accusation; it is judged here.</param>
    /// <param name="hasher">Who hashes.</param>
    /// <returns>The verdict of the proof, and the stage; or why no stage is blamed, and null.</returns>
    public static (Verdict Verdict, StageReceipt? Stage) Blame(StatementFile statement, IEnumerable<StageFile> files, FraudProof proof, ILeafHasher hasher)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(proof);
        Verdict verdict = proof.Verify(hasher);
        if (verdict.Kind != VerdictKind.Invalid)
        {
            return (verdict, null);
        }

        Composition whole = Compose(statement, files, proof.Receipt.Prover, proof.Receipt.Issued);
        if (whole.Verdict.Kind != VerdictKind.Valid)
        {
            return (whole.Verdict, null);
        }

        return whole.Receipt!.Receipt.Id == proof.Receipt.Id
            ? (verdict, whole.StageOf(proof.Element.Node))
            : (new Verdict(
                VerdictKind.Unverifiable, Reason.NotBound, statement.Statement.Id, proof.Receipt.Id, null, "the stages compose to another receipt"), null);
    }

    private static Verdict? Defect(StatementFile statement, ImmutableArray<StageFile> stages)
    {
        Verdict Say(VerdictKind kind, Reason reason, int stage, string text, ElementRef? element = null) => new(
            kind, reason, statement.Statement.Id, stages[stage].Receipt.Id, element, $"stage {stage + 1} of {stages.Length}, {Range(stages[stage])}: {text}");
        Verdict Apart(int stage, string text) => Say(VerdictKind.Unverifiable, Reason.StagesApart, stage, text) with { ReceiptId = default };
        int records = statement.Graph.Records.Length;
        Cuts cuts = statement.Graph.Cuts();
        for (int stage = 0; stage < stages.Length; stage++)
        {
            StageFile file = stages[stage];
            if (file.Receipt.StatementId != statement.Statement.Id)
            {
                return Say(VerdictKind.Unverifiable, Reason.NotBound, stage, "the receipt is for another statement");
            }

            if (!file.IsDelivered(statement))
            {
                return Say(VerdictKind.Unverifiable, Reason.NotDelivered, stage, "the leaves are not those under the receipt's roots");
            }

            int expected = stage == 0 ? 0 : stages[stage - 1].Receipt.End;
            if (file.Receipt.First != expected)
            {
                bool isGap = file.Receipt.First > expected;
                return Apart(stage, isGap ? $"nobody ran the records from {expected} on" : $"somebody else ran records from {file.Receipt.First} on");
            }

            if (!cuts.IsRange(file.Receipt.First, file.Receipt.End))
            {
                return Apart(stage, "the graph cannot be cut there");
            }

            for (int node = file.Receipt.First; node < file.Receipt.End; node++)
            {
                if (!TraceLeaf.TryRead(file.TraceLeaves[node - file.Receipt.First].Span, out TraceLeaf? leaf)
                    || !leaf!.Fits(statement.Graph.Records[node], statement.Statement.Suite))
                {
                    return Say(
                        VerdictKind.Invalid, Reason.WrongShape, stage, $"trace leaf {node} is not what record {node} asks for", new ElementRef(node, 0, 0));
                }
            }

            if (Taken(stages, stage, cuts) is string other)
            {
                return Apart(stage, other);
            }
        }

        return stages.Length > 0 && stages[^1].Receipt.End == records ? null : stages.Length > 0
            ? Apart(stages.Length - 1, $"nobody ran the records from {stages[^1].Receipt.End} on")
            : new Verdict(VerdictKind.Unverifiable, Reason.StagesApart, statement.Statement.Id, default, null, "there are no stages");
    }

    // What a stage took in must be what earlier ones commit to; null where it is.
    private static string? Taken(ImmutableArray<StageFile> stages, int stage, Cuts cuts)
    {
        StageFile file = stages[stage];
        ImmutableArray<ValueRef> needed = cuts.Taken(file.Receipt.First, file.Receipt.End);
        if (file.TakenLeaves.Length != needed.Length)
        {
            return $"it took in {file.TakenLeaves.Length} values, not {needed.Length}";
        }

        for (int i = 0; i < needed.Length; i++)
        {
            (int node, int slot) = (needed[i].Index, needed[i].Slot);
            StageFile giver = Owner(stages, node);
            if (!file.TakenLeaves[i].Span.SequenceEqual(new OutputLeaf(node, slot, giver.CommitmentTo(node, slot)!).ToArray()))
            {
                return $"it took in another value as output {slot} of record {node} than stage {stages.IndexOf(giver) + 1}, {Range(giver)}, commits to";
            }
        }

        return null;
    }

    private static StageFile Owner(ImmutableArray<StageFile> stages, int node) => stages.First(stage => node < stage.Receipt.End);

    private static string Range(StageFile stage) => $"records {stage.Receipt.First} to {stage.Receipt.End - 1}";
}
