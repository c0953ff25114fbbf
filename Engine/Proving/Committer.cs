using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Proving;

/// <summary>A run under commitment.</summary>
/// <param name="Outputs">The graph outputs.</param>
/// <param name="Receipt">The receipt with its trace table.</param>
public sealed record CommittedRun(ImmutableArray<Tensor> Outputs, ReceiptFile Receipt);

/// <summary>Commits: tensors to roots, graphs to statements, runs to receipts.</summary>
/// <param name="hasher">Who hashes leaves.</param>
public sealed class Committer(ILeafHasher hasher)
{
    private TraceLayout? _layout;

    /// <summary>The commitment to a tensor.</summary>
    public TensorCommitment Commit(Suite suite, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Digest[] leaves = new Digest[LeafRun.Count(tensor.Bytes.Length)];
        hasher.HashLeaves(suite, tensor.Bytes.Span, 0, leaves.Length == 1, leaves);
        FileMemory.Drop(tensor.Bytes);
        return new TensorCommitment(tensor.Type, MerkleTree.TensorRoot(suite, tensor.Bytes.Length, leaves, hasher));
    }

    /// <summary>Leaves of the parameters tree or the inputs tree: a commitment each.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Leaves(Suite suite, IEnumerable<Tensor> tensors) =>
        [.. tensors.Select(tensor => (ReadOnlyMemory<byte>)Commit(suite, tensor).ToArray())];

    /// <summary>The statement of a graph on inputs. What is not about them is taken from <paramref name="template"/>.</summary>
    /// <exception cref="ArgumentException">The inputs are not the graph's, or a parameter or input is not canonical.</exception>
    public StatementFile State(LoweredGraph graph, ImmutableArray<Tensor> inputs, Statement template)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(template);
        Suite suite = template.Suite;
        ImmutableArray<Tensor> parameters = [.. graph.Graph.Parameters.Select(parameter => parameter.Value)];
        RequireCanonical("parameter", parameters);
        RequireCanonical("input", inputs);
        return StatementFile.Make(graph.Committed, template with
        {
            ParametersRoot = MerkleTree.RootOf(suite, TreeKind.Parameters, Leaves(suite, parameters), hasher),
            InputsRoot = MerkleTree.RootOf(suite, TreeKind.Inputs, Leaves(suite, inputs), hasher),
        });
    }

    /// <summary>Runs a graph and commits to what its records say.</summary>
    /// <param name="statement">What is to be run; its graph must be <paramref name="graph"/>'s.</param>
    /// <param name="graph">The graph with its parameters.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="backend">Who computes.</param>
    /// <param name="prover">Whose receipt it is.</param>
    /// <param name="issued">Unix seconds, as the host gives them.</param>
    /// <param name="store">Where committed values are kept; null: nowhere.</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ArgumentException">The inputs are not the statement's, or the graph is not.</exception>
    public CommittedRun Run(
        StatementFile statement,
        Graph graph,
        ImmutableArray<Tensor> inputs,
        IBackend backend,
        ProverKey prover = default,
        ulong issued = 0,
        ITraceStore? store = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return statement.Graph.IsOf(graph)
            ? Run(statement, new Executor(graph, backend, statement.Graph.Committed), inputs, prover, issued, store, progress, cancellation)
            : throw Error.OtherGraph();
    }

    /// <summary>The same on an executor that was made before, for a graph that is run more than once.</summary>
    /// <param name="statement">What is to be run; its graph must be the executor's.</param>
    /// <param name="executor">Who computes.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="prover">Whose receipt it is.</param>
    /// <param name="issued">Unix seconds, as the host gives them.</param>
    /// <param name="store">Where committed values are kept; null: nowhere.</param>
    /// <param name="progress">Told after each node.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="ArgumentException">The inputs are not the statement's, or the graph is not.</exception>
    public CommittedRun Run(
        StatementFile statement,
        Executor executor,
        ImmutableArray<Tensor> inputs,
        ProverKey prover = default,
        ulong issued = 0,
        ITraceStore? store = null,
        IProgress<RunProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(executor);
        Suite suite = statement.Statement.Suite;
        TraceLayout layout = LayoutOf(statement, executor.Graph);

        // What was stated is canonical, so what hashes to it is.
        if (MerkleTree.RootOf(suite, TreeKind.Inputs, Leaves(suite, inputs), hasher) != statement.Statement.InputsRoot)
        {
            throw Error.OtherInputs();
        }

        RootQueue roots = new(suite, hasher, layout.Count);
        Action<ValueRef, Digest> known = (value, hash)
            => roots.Add(layout.NumberOf(value.Index, value.Slot), executor.Graph.TypeOf(value).Bytes, hash);
        void Visit(Shown shown)
        {
            bool hashed = shown.TryHash(suite, known);
            if (hashed && store is null)
            {
                return; // Nobody needs the bytes.
            }

            ValueRef value = shown.Value;
            ReadOnlySpan<byte> bytes = shown.ToTensor().Bytes.Span;
            if (!hashed)
            {
                roots.Add(layout.NumberOf(value.Index, value.Slot), bytes);
            }

            store?.Write(value.Index, value.Slot, bytes);
        }

        ImmutableArray<Tensor> outputs = executor.Run(inputs, Visit, progress, cancellation, statement.Graph.Committed);
        (ImmutableArray<ReadOnlyMemory<byte>> traceLeaves, ImmutableArray<ReadOnlyMemory<byte>> outputLeaves) = layout.Table(roots.Finish());
        Receipt receipt = new(
            statement.Statement.Id,
            prover,
            MerkleTree.RootOf(suite, TreeKind.Trace, traceLeaves, hasher),
            MerkleTree.RootOf(suite, TreeKind.Outputs, outputLeaves, hasher),
            issued);
        return new CommittedRun(outputs, new ReceiptFile(receipt, traceLeaves, outputLeaves));
    }

    // Kept for the next run of the same statement on the same graph; both never change.
    private TraceLayout LayoutOf(StatementFile statement, Graph graph)
    {
        TraceLayout? last = _layout;
        if (last is null || !ReferenceEquals(last.Statement, statement) || !ReferenceEquals(last.Graph, graph))
        {
            last = statement.Graph.IsOf(graph) ? new TraceLayout(statement, graph) : throw Error.OtherGraph();
            _layout = last;
        }

        return last;
    }

    private static void RequireCanonical(string what, ImmutableArray<Tensor> tensors)
    {
        for (int index = 0; index < tensors.Length; index++)
        {
            if (!tensors[index].IsCanonical())
            {
                throw Error.NotCanonical(what, index);
            }
        }
    }
}
