using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Lowering;

/// <summary>One element of what chooses, scatters or accumulates stays cheap to check, whatever the length of the axis.</summary>
internal sealed class SelectionCheckTests
{
    [Test]
    public void Elements_of_a_run_are_checked([Values] Policy policy)
    {
        GraphBuilder builder = new();
        Adversarial random = new(21);
        ImmutableArray<Tensor> inputs =
        [
            random.Tensor(DType.F32, new Shape(9000, 2), Adversarial.Mood.Ties),
            random.Tensor(DType.I64, new Shape(40)),
            random.Tensor(DType.F32, new Shape(40, 2)),
        ];
        ValueRef[] given = [.. inputs.Select((input, i) => builder.Input($"x{i}", input.Type))];
        ValueRef rows = builder.Transpose("rows", given[0], 1, 0);
        ValueRef best = builder.Add("best", new TopK(40, smallest: false), rows);
        ValueRef[] results =
        [
            builder.Add("totals", new Cumulate(product: false), given[0]),
            builder.Add("place", new ArgMax(smallest: true, last: true), rows),
            builder.Add("values", new GatherElements(1), rows, best),
            builder.Add("sums", new Scatter(Scattering.Add, 0), given[0], given[1], given[2]),
            builder.Add("set", new Scatter(Scattering.Set, 0), given[2], given[1], builder.Add("negated", Neg.Instance, given[2])),
        ];
        Graph graph = builder.Build([.. results.Select((value, i) => new GraphOutput($"y{i}", value))]);
        Scene scene = Scene.Of(graph, inputs, policy, Suite.Sha256, samples: 1);
        CommittedGraph committed = scene.Statement.Graph;
        for (UInt128 position = 0; position < committed.Elements; position += 97)
        {
            ElementRef element = committed.AtElement(position);
            (long operations, long leaves, _) = scene.Measure(element);
            CheckCost bound = committed.CostOf(element.Node, element.Slot);
            Assert.That(scene.Check(element), Is.Empty, $"{element} {committed.Records[element.Node].Op}");
            Assert.That(operations, Is.LessThanOrEqualTo(bound.Operations));
            Assert.That(leaves, Is.LessThanOrEqualTo(bound.Leaves));
        }
    }

    [Test]
    public void Long_axes_can_be_committed()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Leaves(new ArgMax(smallest: false, last: false), Real(2, 1 << 24)), Is.LessThanOrEqualTo(40));
            Assert.That(Leaves(new Cumulate(product: true), Real(1 << 20, 16)), Is.LessThanOrEqualTo(4));
            Assert.That(Leaves(new TopK(50, smallest: false), Real(2, 1 << 17)), Is.LessThanOrEqualTo(513));
            Assert.That(Leaves(new GatherElements(0), Real(1 << 20, 4), new TensorType(DType.I64, new Shape(1 << 20, 4))), Is.LessThanOrEqualTo(4));
            TensorType many = new(DType.I32, new Shape(1 << 16));
            Assert.That(Leaves(new Scatter(Scattering.Set, 0), Real(1 << 16, 64), many, Real(1 << 16, 64)), Is.LessThanOrEqualTo(300));
            Assert.That(Leaves(new Scatter(Scattering.Add, 0), Real(1 << 16, 64), many, Real(1 << 16, 64)), Is.LessThanOrEqualTo(600));
            Assert.That(Leaves(Det.Instance, Real(2, 128, 128)), Is.LessThanOrEqualTo(65));
        });
    }

    // Most leaves that checking one element of any output takes.
    private static long Leaves(Op op, params ImmutableArray<TensorType> types)
    {
        GraphBuilder builder = new();
        ValueRef[] inputs = [.. types.Select((type, i) => builder.Input($"x{i}", type))];
        ImmutableArray<ValueRef> results = builder.AddMany("op", op, inputs);
        CommittedGraph committed = Lowerer.Lower(builder.Build(new GraphOutput("y", results[0])), Policy.Compact).Committed;
        return committed.Records.SelectMany((record, node) => record.Outputs.Select((_, slot) => committed.CostOf(node, slot).Leaves)).Max();
    }

    private static TensorType Real(params ReadOnlySpan<long> extents) => new(DType.F32, new Shape(extents));
}
