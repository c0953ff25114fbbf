using System;
using System.Linq;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Verify.Proofs;

/// <summary>An accusation that decides itself: statement, receipt, what is false in it, and the openings that show it. Holds relative to a
/// statement that the host has validated.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Receipt">The accused receipt.</param>
/// <param name="Accusation">One of the four convictions that need no signature.</param>
/// <param name="Element">The element; for WrongShape its node, for WrongOutputBinding the node's output, the rest 0.</param>
/// <param name="Openings">What shows it.</param>
public sealed record FraudProof(Statement Statement, Receipt Receipt, Reason Accusation, ElementRef Element, Openings Openings)
{
    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        CanonicalWriter writer = new();
        FileHeader.Write(writer, FileKind.FraudProof);
        writer.Raw(Statement.Id.Span);
        writer.Raw(Receipt.Id.Span);
        Statement.Write(writer);
        Receipt.Write(writer);
        writer.U8((int)Accusation);
        writer.U32(Element.Node);
        writer.U16(Element.Slot);
        writer.I64(Element.Element);
        Openings.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads a file. The ids before statement and receipt must be theirs.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FraudProof? proof, out string why)
    {
        CanonicalReader reader = new(bytes);
        FileHeader.Read(ref reader, FileKind.FraudProof);
        Digest statementId = reader.Digest();
        Digest receiptId = reader.Digest();
        Statement statement = Statement.Read(ref reader);
        Receipt receipt = Receipt.Read(ref reader);
        Reason accusation = (Reason)reader.U8();
        reader.Require(accusation is >= Reason.WrongElement and <= Reason.WrongOutputBinding, "no conviction");
        int node = reader.Int(Limits.Nodes - 1, "no element");
        int slot = reader.U16();
        long element = reader.I64();
        reader.Require(element >= 0, "no element");
        Openings openings = Openings.Read(ref reader);
        reader.End();
        if (!reader.Failed)
        {
            reader.Require(statement.Id == statementId && receipt.Id == receiptId, "statement or receipt is another than it is named");
        }

        why = reader.Why;
        proof = reader.Failed ? null : new FraudProof(statement, receipt, accusation, new ElementRef(node, slot, element), openings);
        return proof is not null;
    }

    /// <summary>Judges the accusation. Invalid: the receipt is false under its statement. Everything else dismisses it.</summary>
    /// <param name="hasher">Who hashes.</param>
    public Verdict Verify(ILeafHasher hasher)
    {
        Verdict Dismiss(string text) => Say(VerdictKind.Unverifiable, Reason.AccusationDismissed, text);
        if (Receipt.StatementId != Statement.Id)
        {
            return Dismiss("the receipt is for another statement");
        }

        // One accusation, one file: what it is not about is 0.
        bool isExact = Accusation switch
        {
            Reason.WrongShape => Element is { Slot: 0, Element: 0 },
            Reason.WrongOutputBinding => Element is { Slot: >= 0, Element: 0 },
            _ => Element is { Slot: >= 0, Element: >= 0 },
        };
        if (!isExact)
        {
            return Dismiss("it does not name exactly what it is about");
        }

        if (!OpenedLeaves.TryOpen(Openings, Statement, Receipt, hasher, out OpenedLeaves opened, out string why))
        {
            return Dismiss(why);
        }

        if (opened.Record(Element.Node) is not GraphRecord record || Element.Slot >= record.Outputs.Length)
        {
            return Dismiss($"record {Element.Node} is not opened, or is no record of such an output");
        }

        string dismissal = Accusation switch
        {
            Reason.WrongShape => Shape(opened, record),
            Reason.WrongOutputBinding => OutputBinding(opened, record),
            Reason.NonCanonicalValue => Canonical(opened, record),
            Reason.WrongElement => Computation(opened, record),
            _ => "no conviction",
        };
        if (dismissal.Length == 0 && !opened.IsAllUsed)
        {
            dismissal = "it opens more than it needs";
        }

        return dismissal.Length > 0 ? Dismiss(dismissal) : Say(VerdictKind.Invalid, Accusation, $"{Accusation} at {Element}");
    }

    private Verdict Say(VerdictKind kind, Reason reason, string text) => new(kind, reason, Statement.Id, Receipt.Id, Element, text);

    private string Shape(OpenedLeaves opened, GraphRecord record)
    {
        if (opened.List(TreeKind.Trace, Element.Node) is not ReadOnlyMemory<byte> leaf)
        {
            return "the trace leaf is not opened";
        }

        return TraceLeaf.TryRead(leaf.Span, out TraceLeaf? trace) && trace!.Fits(record, Statement.Suite)
            ? "the trace leaf is what its record asks for"
            : string.Empty;
    }

    private string OutputBinding(OpenedLeaves opened, GraphRecord record)
    {
        int output = record.Outputs[Element.Slot].GraphOutput;
        if (output < 0 || opened.List(TreeKind.Trace, Element.Node) is not ReadOnlyMemory<byte> leaf
            || opened.List(TreeKind.Outputs, output) is not ReadOnlyMemory<byte> bound
            || !TraceLeaf.TryRead(leaf.Span, out TraceLeaf? trace) || trace![Element.Slot] is not TensorCommitment commitment)
        {
            return "no graph output, or its leaves are not opened";
        }

        byte[] honest = new OutputLeaf(Element.Node, Element.Slot, commitment).ToArray();
        return bound.Span.SequenceEqual(honest) ? "the output leaf is the trace's" : string.Empty;
    }

    private string Canonical(OpenedLeaves opened, GraphRecord record)
    {
        TensorType type = record.Outputs[Element.Slot].Type;
        if (record.Outputs[Element.Slot].Resolution != Resolution.Committed || Element.Element >= type.Elements)
        {
            return "no committed element";
        }

        Evaluator evaluator = new(opened);
        ulong committed = evaluator.Committed(Element);
        if (evaluator.Failure != Reason.None)
        {
            return evaluator.Text;
        }

        byte[] bytes = BitConverter.GetBytes(committed)[..type.DType.Size()];
        byte[] canonical = [.. bytes];
        Tensor.Canonicalise(type.DType, canonical);
        return bytes.AsSpan().SequenceEqual(canonical) ? "the element is in canonical form" : string.Empty;
    }

    private string Computation(OpenedLeaves opened, GraphRecord record)
    {
        if (record.Outputs[Element.Slot].Resolution != Resolution.Committed)
        {
            return "no committed element";
        }

        Evaluator evaluator = new(opened);
        bool differs = evaluator.Evaluate(Element) != evaluator.Committed(Element);
        if (evaluator.Failure != Reason.None)
        {
            return evaluator.Text;
        }

        (ElementRef? trace, bool isStatementCanonical) = opened.NonCanonical();
        return trace is not null || !isStatementCanonical ? "an opened value is not in canonical form: another accusation, or nobody's fault"
            : differs ? string.Empty : "the element is what its definition gives";
    }
}
