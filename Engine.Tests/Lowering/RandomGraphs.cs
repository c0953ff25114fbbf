using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Lowering;

/// <summary>Graphs that nobody would write: ops, views and reuse in any order, from a seed.</summary>
internal static class RandomGraphs
{
    /// <summary>A graph and inputs for it.</summary>
    internal static (Graph Graph, ImmutableArray<Tensor> Inputs) Make(int seed, int nodes = 24)
    {
        Adversarial random = new((ulong)seed);
        GraphBuilder builder = new();
        List<ValueRef> values = [];
        List<Tensor> inputs = [];
        foreach (Shape shape in new Shape[] { new(3, 8), new(8, 12), new(2, 3, 6, 6) })
        {
            inputs.Add(Plain(random, shape));
            values.Add(builder.Input($"input{values.Count}", inputs[^1].Type));
        }

        for (int i = 0; i < nodes; i++)
        {
            ValueRef value = values[random.Below(values.Count)];
            values.Add(Step(builder, values, value, random, $"n{i}"));
        }

        int outputs = 1 + random.Below(3);
        return (builder.Build([.. Enumerable.Range(0, outputs).Select(i => new GraphOutput($"out{i}", values[^(i + 1)]))]), [.. inputs]);
    }

    private static ValueRef Step(GraphBuilder builder, List<ValueRef> values, ValueRef x, Adversarial random, string name)
    {
        Shape shape = builder.ShapeOf(x);
        ValueRef Same() => values.Where(value => builder.TypeOf(value) == builder.TypeOf(x)).ElementAt(random.Below(
            values.Count(value => builder.TypeOf(value) == builder.TypeOf(x))));
        switch (random.Below(14))
        {
            case 0:
                return builder.Add(name, Relu.Instance, x);
            case 1:
                return builder.Add(name, Exp.Instance, x);
            case 2:
                return builder.Add(name, Add.Instance, x, Same());
            case 3:
                return builder.Add(name, Mul.Instance, x, Same());
            case 4:
                return builder.Add(name, Where.Instance, builder.Add(name, Less.Instance, x, Same()), Same(), x);
            case 5 when shape.Rank > 0:
                return builder.Add(name, new Softmax(random.Below(2) == 0), x);
            case 6 when shape.Rank > 0:
                Shape row = new(shape[^1]);
                return builder.Add(name, new LayerNorm(1e-5f), x, Parameter(builder, random, row), Parameter(builder, random, row));
            case 7 when shape.Rank > 0:
                return Reduced(builder, x, random, name);
            case 8 when shape.Rank > 1:
                int[] order = [.. Enumerable.Range(0, shape.Rank)];
                int a = random.Below(order.Length);
                int b = random.Below(order.Length);
                (order[a], order[b]) = (order[b], order[a]);
                return builder.Transpose(name, x, [.. order]);
            case 9:
                long outer = shape.Rank > 3 ? shape[0] * shape[1] : 1;
                return builder.Reshape(name, x, new Shape(outer, shape.Elements / outer));
            case 10 when shape.Rank > 0 && shape[0] > 1:
                return builder.View(name, x, map => map.Slice(0, shape[0] - 1, -1, shape[0] - 1));
            case 11 when shape.Rank > 0 && shape.Elements < 4096:
                return builder.Add(name, new Concat(shape.Rank - 1), x, Same());
            case 12 when shape.Rank == 4 && shape[2] > 2 && shape[3] > 2:
                Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [.. shape.Extents[2..]]);
                return builder.Add(name, new Conv(window, 1), x, Parameter(builder, random, new Shape(4, shape[1], 3, 3)));
            case 13 when shape.Rank > 0:
                Tensor indices = Tensor.Of<long>(DType.I64, new Shape(3), random.Below(9) - 4, random.Below(9), random.Below(100));
                return builder.Add(name, new Gather(0), x, builder.Parameter(name, indices));
            default:
                return shape.Rank > 0
                    ? builder.Add(name, Dot.Plain, Matrix(builder, x, name), Parameter(builder, random, new Shape(5, shape[^1])))
                    : builder.Add(name, Neg.Instance, x);
        }
    }

    private static ValueRef Reduced(GraphBuilder builder, ValueRef x, Adversarial random, string name)
    {
        Reduction[] kinds = [Reduction.Sum, Reduction.Mean, Reduction.Max, Reduction.L2, Reduction.LogSumExp];
        return builder.Add(name, new Reduce(kinds[random.Below(kinds.Length)], 1), x);
    }

    private static ValueRef Matrix(GraphBuilder builder, ValueRef x, string name)
    {
        Shape shape = builder.ShapeOf(x);
        return builder.Reshape(name, x, new Shape(shape.Elements / Math.Max(shape[^1], 1), shape[^1]));
    }

    private static ValueRef Parameter(GraphBuilder builder, Adversarial random, Shape shape) => builder.Parameter("w", Plain(random, shape));

    private static Tensor Plain(Adversarial random, Shape shape) =>
        Tensor.Of<float>(DType.F32, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (random.Below(2001) - 1000) / 300f)]);
}
