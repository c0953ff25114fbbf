using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Lowering;

/// <summary>Lowering keeps the meaning, bounds every check, and leaves no layout implicit.</summary>
internal sealed class LowererTests
{
    private static readonly int[] Seeds = [.. Enumerable.Range(0, 60)];

    [Test]
    public void Outputs_keep_their_bits([ValueSource(nameof(Seeds))] int seed, [Values] Policy policy)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = RandomGraphs.Make(seed);
        Graph lowered = Lowerer.Lower(graph, policy).Graph;
        Assert.That(Run(lowered, inputs), Is.EqualTo(Run(graph, inputs)));
    }

    [Test]
    public void No_check_costs_more_than_its_bound([ValueSource(nameof(Seeds))] int seed, [Values] Policy policy)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = RandomGraphs.Make(seed);
        Scene scene = Scene.Of(graph, inputs, policy, Suite.Sha256, samples: 1);
        CommittedGraph committed = scene.Statement.Graph;
        UInt128 step = (committed.Elements / 50) + 1;
        for (UInt128 position = 0; position < committed.Elements; position += step)
        {
            ElementRef element = committed.AtElement(position);
            (long operations, long leaves, string text) = scene.Measure(element);
            CheckCost bound = committed.CostOf(element.Node, element.Slot);
            Assert.That(text, Is.Empty, element.ToString());
            Assert.That(operations, Is.LessThanOrEqualTo(bound.Operations), $"operations of {element} {committed.Records[element.Node].Op}");
            Assert.That(leaves, Is.LessThanOrEqualTo(bound.Leaves), $"leaves of {element} {committed.Records[element.Node].Op}");
        }
    }

    [Test]
    public void Records_made_from_records_are_the_same([ValueSource(nameof(Seeds))] int seed, [Values] Policy policy)
    {
        CommittedGraph committed = Lowerer.Lower(RandomGraphs.Make(seed).Graph, policy).Committed;
        Assert.That(CommittedGraph.TryCreate(committed.Records, out CommittedGraph? again, out string defect), Is.True, defect);
        Assert.That(again!.Work, Is.EqualTo(committed.Work));
    }

    [Test]
    public void A_view_over_the_end_of_a_row_is_not_one_row()
    {
        TensorType rows = new(DType.F32, new Shape(4, 1024));
        TensorType product = new(DType.F32, new Shape(4, 4));
        TensorType two = new(DType.F32, new Shape(2));
        TensorType sum = new(DType.F32, Shape.Scalar);
        RecordInput[] factors = [.. Enumerable.Range(0, 2).Select(index => new RecordInput(new ValueRef(ValueKind.Input, index, 0), rows))];
        GraphRecord[] records =
        [
            new(Dot.Plain, [.. factors], [new RecordOutput(product, Resolution.Recomputed)], 0, 0),
            new(
                new View(new AffineView(two.Shape, 3, [1])),
                [new RecordInput(new ValueRef(ValueKind.Node, 0, 0), product)],
                [new RecordOutput(two, Resolution.View)],
                0,
                0),
            new(
                new Reduce(Reduction.Sum, 1),
                [new RecordInput(new ValueRef(ValueKind.Node, 1, 0), two)],
                [new RecordOutput(sum, Resolution.Committed, GraphOutput: 0)],
                0,
                0),
        ];
        Assert.That(CommittedGraph.TryCreate([.. records], out CommittedGraph? graph, out string defect), Is.True, defect);
        const int read = 2 * 2 * 4;
        Assert.That(graph!.CostOf(2, 0).Leaves, Is.GreaterThanOrEqualTo(read), "two rows of each factor, four leaves a row");
    }

    [Test]
    public void Doublings_do_not_cost_two_to_their_number()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(4)));
        for (int i = 0; i < 64; i++)
        {
            x = builder.Add($"double{i}", Add.Instance, x, x);
        }

        CommittedGraph committed = Lowerer.Lower(builder.Build(new GraphOutput("y", x)), Policy.Compact).Committed;
        Assert.That(committed.Records.Count(record => record.Outputs.Any(output => output.Resolution == Resolution.Committed)), Is.InRange(4, 32));
        Assert.That(committed.Records.Select((_, node) => committed.CostOf(node, 0).IsWithinLimits), Has.All.True);
    }

    [Test]
    public void Residual_stream_of_a_thousand_steps_is_committed_often_enough()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 16)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(16, 16), [.. Enumerable.Range(0, 256).Select(i => i / 999f)]));
        for (int i = 0; i < 1000; i++)
        {
            x = builder.Add($"residual{i}", Add.Instance, x, builder.Add($"dot{i}", Dot.Plain, x, w));
        }

        CommittedGraph committed = Lowerer.Lower(builder.Build(new GraphOutput("y", x)), Policy.Compact).Committed;
        Assert.That(committed.Records.Select((_, node) => committed.CostOf(node, 0).IsWithinLimits), Has.All.True);
    }

    [Test]
    public void Square_weight_is_committed_as_it_is_read()
    {
        Tensor w = Tensor.Of<float>(DType.F32, new Shape(2, 2), 1, 2, 3, 4);
        Graph Times(bool transposed)
        {
            GraphBuilder builder = new();
            ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(1, 2)));
            ValueRef weight = builder.Parameter("w", w);
            return builder.Build(new GraphOutput(
                "y", builder.Add("dot", Dot.Plain, x, transposed ? builder.Transpose("w", weight, 1, 0) : weight)));
        }

        LoweredGraph rows = Lowerer.Lower(Times(transposed: false), Policy.Compact);
        LoweredGraph columns = Lowerer.Lower(Times(transposed: true), Policy.Compact);
        Assert.Multiple(() =>
        {
            Assert.That(rows.Graph.Parameters[0].Value.As<float>().ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
            Assert.That(columns.Graph.Parameters[0].Value.As<float>().ToArray(), Is.EqualTo(new float[] { 1, 3, 2, 4 }));
            Assert.That(columns.Graph.Nodes, Has.Length.EqualTo(1), "no layout is left implicit");
        });
    }

    [Test]
    public void Bounding_an_output_looks_at_so_many_values_and_no_more([Values(6, 7)] int levels)
    {
        TensorType type = new(DType.F32, new Shape(1));
        List<GraphRecord> records = [];
        ValueRef[] level = [.. Enumerable.Range(0, 1 << levels).Select(index => new ValueRef(ValueKind.Input, index))];
        while (level.Length > 1)
        {
            ValueRef[] above = new ValueRef[level.Length / 2];
            for (int i = 0; i < above.Length; i++)
            {
                RecordOutput output = above.Length == 1 ? new(type, Resolution.Committed, GraphOutput: 0) : new(type, Resolution.Recomputed);
                RecordInput[] pair = [new(level[2 * i], type), new(level[(2 * i) + 1], type)];
                above[i] = new ValueRef(ValueKind.Node, records.Count);
                records.Add(new GraphRecord(Add.Instance, [.. pair], [output], 0, 0));
            }

            level = above;
        }

        bool valid = CommittedGraph.TryCreate([.. CommittedSums(records)], out _, out string defect);
        Assert.That(records.Count <= Limits.CheckVisits, Is.EqualTo(levels == 6));
        Assert.That(valid, Is.EqualTo(levels == 6), defect);
        Assert.That(defect, levels == 6 ? Is.Empty : Does.Contain("checking an element of output 0"));
    }

    [Test]
    public void Node_that_cannot_be_bounded_is_named()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(1, 3, 1 << 20)));
        Graph graph = builder.Build(new GraphOutput("y", builder.Add("too wide", GlobalAveragePool.Instance, x)));
        Assert.That(() => Lowerer.Lower(graph, Policy.Atomic), Throws.TypeOf<NotCommittableException>().With.Message.Contains("too wide"));
    }

    // Sums are not looked at where a record is refused before; so they are filled in only for records that are valid.
    private static IEnumerable<GraphRecord> CommittedSums(List<GraphRecord> records)
    {
        try
        {
            return CommittedGraph.Sum(records).Records;
        }
        catch (ArgumentException)
        {
            return records;
        }
    }

    private static string[] Run(Graph graph, ImmutableArray<Tensor> inputs)
    {
        using ReferenceBackend backend = new();
        return [.. new Executor(graph, backend).Run(inputs).Select(tensor => Convert.ToHexString(tensor.Bytes.Span))];
    }
}
