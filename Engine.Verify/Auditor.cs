using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Verify;

/// <summary>What an audit found.</summary>
/// <param name="Verdict">Valid where all agrees; otherwise the first difference.</param>
/// <param name="FraudProof">The proof, where the accused trace was at hand to open it.</param>
public sealed record AuditResult(Verdict Verdict, FraudProof? FraudProof);

/// <summary>Runs a statement again, whole, and compares every committed value with a receipt.</summary>
/// <param name="hasher">Who hashes.</param>
public sealed class Auditor(ILeafHasher hasher)
{
    /// <summary>Audits a receipt.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="receipt">The accused receipt with its trace table.</param>
    /// <param name="graph">The statement's graph with its parameters.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="backend">Who computes again. A wrong answer of its accuses nobody: a proof is judged by the definition, and where there is none
    /// the node that differs is computed again by the definition.</param>
    /// <param name="accused">The accused trace, to find the element and to open it; without it, or with another, the node alone is found.</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ArgumentException">Graph, parameters or inputs are not the statement's: nothing would be shown about the receipt.</exception>
    public AuditResult Audit(
        StatementFile statement,
        ReceiptFile receipt,
        Graph graph,
        ImmutableArray<Tensor> inputs,
        IBackend backend,
        ITraceStore? accused = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(graph);
        HeldTrace held = new(statement, receipt, [.. graph.Parameters.Select(parameter => parameter.Value)], inputs, accused ?? new MemoryTraceStore());
        if (!statement.Graph.IsOf(graph)
            || RootOf(statement, TreeKind.Parameters, held.Parameters) != statement.Statement.ParametersRoot
            || RootOf(statement, TreeKind.Inputs, inputs) != statement.Statement.InputsRoot)
        {
            throw new ArgumentException("the graph, its parameters or the inputs are not the statement's");
        }

        Verdict delivery = Delivery.Check(statement, receipt);
        if (delivery.Kind == VerdictKind.Unverifiable)
        {
            return new AuditResult(delivery, null);
        }

        if (delivery.Reason == Reason.WrongShape)
        {
            return Accuse(held, Reason.WrongShape, delivery.Element!.Value)!;
        }

        // What of the graph is computed by the definition: where the backend and the receipt differed before, with all that it rests on.
        HashSet<Node> defined = new(ReferenceEqualityComparer.Instance);
        while (true)
        {
            using Partly partly = new(backend, defined);
            IBackend doing = defined.Count == 0 ? backend : partly;
            ElementRef? wrong = FirstDifference(statement, receipt, graph, inputs, doing, accused, progress, cancellation);
            if (wrong is null)
            {
                string text = defined.Count == 0 ? "every committed value agrees" : $"every committed value agrees; {backend.Name} does not compute as defined";
                return delivery.Reason == Reason.WrongOutputBinding
                    ? Accuse(held, Reason.WrongOutputBinding, delivery.Element!.Value)!
                    : new AuditResult(delivery with { Text = text }, null);
            }

            AuditResult? proven = null;
            if (wrong.Value.Element >= 0)
            {
                ElementRef? other = NonCanonical(statement, accused!, wrong.Value);
                proven = other is null ? Accuse(held, Reason.WrongElement, wrong.Value) : Accuse(held, Reason.NonCanonicalValue, other.Value);
            }

            if (proven?.Verdict.Kind == VerdictKind.Invalid || !Define(defined, statement, graph, wrong.Value.Node))
            {
                ElementRef first = wrong.Value with { Element = 0 };
                string text = $"node {first.Node} differs";
                return proven ?? new AuditResult(
                    new Verdict(VerdictKind.Invalid, Reason.WrongElement, statement.Statement.Id, receipt.Receipt.Id, first, text), null);
            }
        }
    }

    // Adds a node and the later ones of its op, since what computes one of them wrong may compute all wrong and each would take a run of its own;
    // false where the node is there, with all that it rests on.
    private static bool Define(HashSet<Node> defined, StatementFile statement, Graph graph, int node)
    {
        if (!DefineOne(defined, statement, graph, node))
        {
            return false;
        }

        for (int later = node + 1; later < graph.Nodes.Length; later++)
        {
            if (graph.Nodes[later].Op.Name == graph.Nodes[node].Op.Name)
            {
                DefineOne(defined, statement, graph, later);
            }
        }

        return true;
    }

    // Adds a node, and the nodes whose values are not committed that it rests on; false where all are there.
    private static bool DefineOne(HashSet<Node> defined, StatementFile statement, Graph graph, int node)
    {
        bool isNew = defined.Add(graph.Nodes[node]);
        foreach (ValueRef source in graph.Nodes[node].Inputs.Select(input => graph.Resolve(input).Source))
        {
            isNew |= source.Kind == ValueKind.Node && !statement.Graph.Committed.Contains(source) && !defined.Contains(graph.Nodes[source.Index])
                && DefineOne(defined, statement, graph, source.Index);
        }

        return isNew;
    }

    // Some nodes by the definition, the others as another backend computes them.
    private sealed class Partly(IBackend inner, HashSet<Node> defined) : IBackend
    {
        private readonly ReferenceBackend _definition = new();

        public string Name => inner.Name;

        public void Run(NodeCall call, CancellationToken cancellation) =>
            (defined.Contains(call.Node) ? _definition : inner).Run(call, cancellation);

        public void Dispose() => _definition.Dispose();
    }

    private Digest RootOf(StatementFile statement, TreeKind kind, ImmutableArray<Tensor> tensors)
    {
        Suite suite = statement.Statement.Suite;
        return MerkleTree.RootOf(suite, kind, new Committer(hasher).Leaves(suite, tensors), hasher);
    }

    // The first element in order of node, evaluation and index that differs. It is -1 where only node and output are known: without a trace, or
    // with one that is not what the receipt commits to.
    private ElementRef? FirstDifference(
        StatementFile statement,
        ReceiptFile receipt,
        Graph graph,
        ImmutableArray<Tensor> inputs,
        IBackend backend,
        ITraceStore? accused,
        IProgress<RunProgress>? progress,
        CancellationToken cancellation)
    {
        Committer committer = new(hasher);
        TraceLeaf[] table = [.. receipt.TraceLeaves.Select(
            leaf => TraceLeaf.TryRead(leaf.Span, out TraceLeaf? read) ? read! : throw new UnreachableException("delivery was checked"))];
        ElementRef? found = null;
        int order = 0;

        // A node may be shown after later ones: nothing is the first difference before all values of earlier nodes, and of its own, were seen.
        SortedSet<(int Node, int Slot)> unseen = [.. statement.Graph.Committed.Select(value => (value.Index, value.Slot))];
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        void Visit(ValueRef value, Tensor tensor)
        {
            unseen.Remove((value.Index, value.Slot));
            TensorCommitment? claimed = table[value.Index][value.Slot];
            if (claimed is not null && claimed != committer.Commit(statement.Statement.Suite, tensor))
            {
                int place = graph.Nodes[value.Index].Op.EvaluationOrder(graph.Nodes[value.Index].Outputs.Length).IndexOf(value.Slot);
                ReadOnlySpan<byte> bytes = accused is null ? default : accused.Read(value.Index, value.Slot).Span;
                bool isAccused = accused is not null && bytes.Length == tensor.Bytes.Length
                    && MerkleTree.TensorRoot(statement.Statement.Suite, bytes, hasher) == claimed.Root;
                long element = isAccused ? FirstDifference(tensor, bytes) : -1;
                bool isFirst = found is null || (value.Index, place).CompareTo((found.Value.Node, order)) < 0;
                (found, order) = isFirst ? (new ElementRef(value.Index, value.Slot, element), place) : (found, order);
            }

            if (found is not null && (unseen.Count == 0 || unseen.Min.Node > found.Value.Node))
            {
                enough.Cancel();
            }
        }

        try
        {
            new Executor(graph, backend, statement.Graph.Committed).Run(inputs, Visit, progress, enough.Token, statement.Graph.Committed);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The first difference was found; what comes after it does not matter.
        }

        return found;
    }

    private static long FirstDifference(Tensor honest, ReadOnlySpan<byte> claimed) =>
        honest.Bytes.Span.CommonPrefixLength(claimed) / honest.Type.DType.Size();

    // The first element of the accused leaf with an element that is not in canonical form: with it opened, nothing else can be shown.
    private static ElementRef? NonCanonical(StatementFile statement, ITraceStore accused, ElementRef element)
    {
        DType type = statement.Graph.TypeOf(element.Node, element.Slot).DType;
        int inLeaf = Limits.LeafBytes / type.Size();
        long first = element.Element - (element.Element % inLeaf);
        ReadOnlySpan<byte> leaf = accused.Read(element.Node, element.Slot).Span[(int)(first * type.Size())..];
        int other = OpenedLeaves.NonCanonical(type, leaf[..Math.Min(leaf.Length, Limits.LeafBytes)]);
        return other < 0 ? null : element with { Element = first + other };
    }

    // The proof is judged here as it will be judged everywhere: nobody is accused with a proof that does not hold. Null where the accused trace
    // lacks what must be opened.
    private AuditResult? Accuse(HeldTrace held, Reason accusation, ElementRef element)
    {
        HeldLeaves leaves = new(held, hasher);
        GraphRecord record = leaves.Record(element.Node)!;
        switch (accusation)
        {
            case Reason.WrongShape:
                leaves.OpenTraceLeaf(element.Node);
                break;
            case Reason.WrongOutputBinding:
                leaves.OpenTraceLeaf(element.Node);
                leaves.OpenOutput(record.Outputs[element.Slot].GraphOutput);
                break;
            default:
                Evaluator evaluator = new(leaves);
                evaluator.Committed(element);
                if (accusation == Reason.WrongElement)
                {
                    evaluator.Evaluate(element);
                }

                if (evaluator.Failure != Reason.None)
                {
                    return null;
                }

                break;
        }

        FraudProof proof = new(held.Statement.Statement, held.Receipt.Receipt, accusation, element, leaves.Open());
        return new AuditResult(proof.Verify(hasher), proof);
    }
}
