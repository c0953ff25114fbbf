using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Forgeries;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Verify;

/// <summary>The auditor names the first difference whatever order its backend shows values in, and a backend that computes an op wrong costs it few
/// runs.</summary>
internal sealed class AuditorTests
{
    /// <summary>Node 0 is shown after nodes 1 and 2, with node 3 that reads it.</summary>
    [Test]
    public void First_difference_is_named_where_nodes_are_shown_out_of_order([Values] bool hasTrace)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(4)));
        ValueRef first = builder.Add("first", Neg.Instance, x);
        ValueRef second = builder.Add("second", Abs.Instance, x);
        ValueRef third = builder.Add("third", Neg.Instance, second);
        Graph graph = builder.Build(new GraphOutput("y", builder.Add("sum", Add.Instance, first, third)));
        Scene honest = Scene.Of(graph, [Tensor.Of<float>(DType.F32, new Shape(4), 1, 2, 3, 4)], Policy.Atomic, Suite.Sha256, samples: 1);
        using Late backend = new();
        foreach (int[] nodes in (int[][])[[0, 1], [0, 2], [0, 3], [0, 1, 2, 3], [1, 2], [1, 3], [3]])
        {
            Scene cheat = nodes.Aggregate(honest, (scene, node) => Forge.Flipped(scene, new ElementRef(node, 0, 1), 3));
            AuditResult result = new Auditor(PlainHasher.Instance)
                .Audit(cheat.Statement, cheat.Receipt, cheat.Graph.Graph, cheat.Inputs, backend, hasTrace ? cheat.Store : null);
            Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Invalid), result.Verdict.Text);
            Assert.That(result.Verdict.Element, Is.EqualTo(new ElementRef(nodes[0], 0, hasTrace ? 1 : 0)), string.Join(' ', nodes));
        }
    }

    [Test]
    public void All_of_an_op_is_left_to_the_definition_when_one_is_computed_wrong([Values] Policy policy, [Values] bool hasTrace)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(4)));
        List<GraphOutput> outputs = [];
        for (int i = 0; i < 6; i++)
        {
            x = builder.Add($"abs{i}", Abs.Instance, builder.Add($"neg{i}", Neg.Instance, x));
            outputs.Add(new GraphOutput($"y{i}", x));
        }

        Scene scene = Scene.Of(
            builder.Build([.. outputs]), [Tensor.Of<float>(DType.F32, new Shape(4), 1, 2, 3, 4)], policy, Suite.Sha256, samples: 1);
        using Wrong backend = new();
        AuditResult result = new Auditor(PlainHasher.Instance)
            .Audit(scene.Statement, scene.Receipt, scene.Graph.Graph, scene.Inputs, backend, hasTrace ? scene.Store : null);
        Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), result.Verdict.Text);
        Assert.That(backend.Faults, Is.InRange(1, 3));
    }

    // Runs the first node with the last.
    private sealed class Late : IBackend
    {
        private readonly ReferenceBackend _inner = new();

        public string Name => "late";

        public void Run(NodeCall call, CancellationToken cancellation) => _inner.Run(call, cancellation);

        public IProgram Load(Graph graph, IReadOnlySet<ValueRef> visible) => new Program(graph, _inner);

        public void Dispose() => _inner.Dispose();

        private sealed class Program(Graph graph, IBackend backend) : IProgram
        {
            private readonly NodeProgram _inner = new(graph, backend);

            public ImmutableArray<Stage> Stages { get; } =
            [
                .. Enumerable.Range(1, graph.Nodes.Length - 2).Select(Stage.Of), new Stage([0, graph.Nodes.Length - 1], [], []),
            ];

            public void Bind(ValueRef value, ReadOnlyMemory<byte> bytes) => _inner.Bind(value, bytes);

            public void Run(int stage, CancellationToken cancellation)
            {
                foreach (int node in Stages[stage].Nodes)
                {
                    _inner.Run(node, cancellation);
                }
            }

            public void End() => _inner.End();
        }
    }

    // Gives every absolute value with one bit changed.
    private sealed class Wrong : IBackend
    {
        private readonly ReferenceBackend _inner = new();

        public string Name => "wrong";

        internal int Faults { get; private set; }

        public void Run(NodeCall call, CancellationToken cancellation)
        {
            _inner.Run(call, cancellation);
            if (call.Node.Op is Abs)
            {
                call.Outputs[0].Span[0] ^= 1;
                Faults++;
            }
        }

        public void Dispose() => _inner.Dispose();
    }
}
