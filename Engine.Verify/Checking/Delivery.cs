using System;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Verify.Checking;

/// <summary>Whether a receipt is one for its statement, and what its trace table alone tells.</summary>
public static class Delivery
{
    /// <summary>Judges a receipt as delivered: Valid where its table is complete and agrees with records and outputs.</summary>
    public static Verdict Check(StatementFile statement, ReceiptFile file)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(file);
        Receipt receipt = file.Receipt;
        Verdict Say(VerdictKind kind, Reason reason, string text, ElementRef? element = null) =>
            new(kind, reason, statement.Statement.Id, receipt.Id, element, text);
        if (receipt.StatementId != statement.Statement.Id)
        {
            return Say(VerdictKind.Unverifiable, Reason.NotBound, "the receipt is for another statement");
        }

        if (statement.Statement.Prover != ProverKey.None && statement.Statement.Prover != receipt.Prover)
        {
            return Say(VerdictKind.Unverifiable, Reason.WrongProver, "the statement names another prover");
        }

        if (!file.IsDelivered(statement))
        {
            return Say(VerdictKind.Unverifiable, Reason.NotDelivered, "the trace table is not the one under the receipt's roots");
        }

        TraceLeaf?[] trace = [.. file.TraceLeaves.Select(leaf => TraceLeaf.TryRead(leaf.Span, out TraceLeaf? read) ? read : null)];
        for (int node = 0; node < trace.Length; node++)
        {
            if (trace[node] is null || !trace[node]!.Fits(statement.Graph.Records[node], statement.Statement.Suite))
            {
                return Say(VerdictKind.Invalid, Reason.WrongShape, $"trace leaf {node} is not what record {node} asks for", new ElementRef(node, 0, 0));
            }
        }

        for (int output = 0; output < file.OutputLeaves.Length; output++)
        {
            ValueRef value = statement.Graph.Outputs[output];
            byte[] honest = new OutputLeaf(value.Index, value.Slot, trace[value.Index]![value.Slot]!).ToArray();
            if (!file.OutputLeaves[output].Span.SequenceEqual(honest))
            {
                return Say(
                    VerdictKind.Invalid, Reason.WrongOutputBinding, $"output leaf {output} is not the trace's", new ElementRef(value.Index, value.Slot, 0));
            }
        }

        return Say(VerdictKind.Valid, Reason.None, "delivered");
    }
}
