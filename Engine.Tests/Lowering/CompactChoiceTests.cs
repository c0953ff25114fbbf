using NUnit.Framework;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Lowering;

/// <summary>The rules of compact/2 at their edges, as docs/protocol.md has them.</summary>
internal sealed class CompactChoiceTests
{
    // What is dear: a product that pulls twice so many elements.
    private const int Long = 300;

    /// <summary>Above a product, a cheap value of twice its bytes, which two values beneath it pull.</summary>
    [Test]
    public void A_dear_value_frees_its_bytes_once()
    {
        GraphBuilder builder = new();
        ValueRef dear = Product(builder, 4, 8);
        ValueRef sum = builder.Add("sum", Add.Instance, builder.Add("neg", Neg.Instance, dear), builder.Add("abs", Abs.Instance, dear));
        ValueRef wide = builder.Add(
            "wide", Add.Instance, builder.Expand("e", sum, new Shape(2, 4, 8)), builder.Input("z", new TensorType(DType.F32, new Shape(2, 4, 8))));
        Assert.That(ResolutionOf(builder, "wide", builder.Add("square", Mul.Instance, wide, wide)), Is.EqualTo(Resolution.Recomputed));
    }

    /// <summary>What is a graph output is committed anyway.</summary>
    [Test]
    public void A_graph_output_is_not_freed([Values] bool isOutput)
    {
        GraphBuilder builder = new();
        ValueRef dear = Product(builder, 4, 8);
        ValueRef cheap = builder.Add("cheap", Neg.Instance, dear);
        ValueRef square = builder.Add("square", Mul.Instance, cheap, cheap);
        Assert.That(
            ResolutionOf(builder, "cheap", isOutput ? [square, dear] : [square]),
            Is.EqualTo(isOutput ? Resolution.Recomputed : Resolution.Committed));
    }

    /// <summary>Through both operands of one product: 40 elements each of a value that takes 300, 12,000 operations each.</summary>
    [Test]
    public void What_several_slots_pull_counts_together([Values(20, 40)] int half)
    {
        GraphBuilder builder = new();
        ValueRef value = Product(builder, 1, 2 * half, "value");
        ValueRef Half(int which) => builder.Add($"half{which}", new View(new AffineView(new Shape(1, half), which * half, [2 * half, 1])), value);
        Assert.That(
            ResolutionOf(builder, "value", builder.Add("dot", Dot.Plain, Half(0), Half(1))),
            Is.EqualTo(half == 20 ? Resolution.Recomputed : Resolution.Committed));
    }

    private static ValueRef Product(GraphBuilder builder, int rows, int columns, string name = "dear") => builder.Add(
        name,
        Dot.Plain,
        builder.Input("x", new TensorType(DType.F32, new Shape(rows, Long / 2))),
        builder.Input("w", new TensorType(DType.F32, new Shape(columns, Long / 2))));

    private static Resolution ResolutionOf(GraphBuilder builder, string name, params ValueRef[] outputs)
    {
        LoweredGraph lowered = Lowerer.Lower(
            builder.Build([.. outputs.Select((output, i) => new GraphOutput($"y{i}", output))]), Policy.Compact2);
        int node = Enumerable.Range(0, lowered.Graph.Nodes.Length).Single(index => lowered.Graph.Nodes[index].Name == name);
        return lowered.Committed.Records[node].Outputs[0].Resolution;
    }
}
