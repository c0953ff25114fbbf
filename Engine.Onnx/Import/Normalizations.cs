using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Normalisation by given or computed statistics.</summary>
internal static class Normalizations
{
    private const float Epsilon = 1e-5f;
    private const float Momentum = 0.9f;
    private const int FirstTraining = 14;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            "BatchNormalization",
            (5, 5),
            5,
            Batch,
            Float("epsilon"),
            Float("momentum"),
            Always("is_test", 1, until: 6),
            Int("spatial", until: 8),
            Int("training_mode", since: FirstTraining)),
        new("LayerNormalization", (2, 3), 3, Layer, Int("axis"), Float("epsilon"), StashType),
        new("RMSNormalization", (2, 2), RootMeanSquare, Int("axis"), Float("epsilon"), StashType),
        new("InstanceNormalization", (3, 3), Instance, Float("epsilon")),
        new("GroupNormalization", (3, 3), Group, Float("epsilon"), Int("num_groups"), StashType with { Since = 21 }),
        new("MeanVarianceNormalization", (1, 1), MeanVariance, Ints("axes")) { Since = 9 },
        new("LpNormalization", (1, 1), Length, Int("axis"), Among("p", 1, 2)) { Since = 1 },
    ];

    // The type that statistics are given in. What is computed in f16 or bf16 is computed in f32 here, so it makes no other difference.
    private static AttributeRule StashType => Among("stash_type", (long)DType.F32, (long)DType.F16, (long)DType.BF16);

    // The statistics may be of a wider type than X: all is then computed in it.
    private static ImmutableArray<ValueRef> Batch(NodeImport node)
    {
        bool training = node.Attributes.Flag("training_mode");
        if (node.Version >= FirstTraining && node.Outputs > 3)
        {
            throw node.Invalid($"{node.Outputs} outputs, not 1 to 3");
        }

        if ((node.Version < 7 && node.Attributes.Int("is_test", 0) == 0) || (!training && Enumerable.Range(1, 4).Any(node.Wants)))
        {
            throw node.Unsupported("statistics of the batch are supported in training since opset 14 only");
        }

        ImmutableArray<ValueRef> operands = node.All();
        DType type = node.DType(operands[0]);
        DType common = operands.All(operand => node.DType(operand) == type) && !training ? type
            : operands.Any(operand => node.DType(operand) == DType.F64) ? DType.F64 : DType.F32;
        Shape shape = node.Shape(operands[0]);
        if (shape.Rank == 0)
        {
            throw node.Invalid($"{node.Type(operands[0])} has no channel axis");
        }

        // Not spatial: each element of a sample is a channel of its own. Without a channel axis there is one channel.
        bool spatial = node.Attributes.Flag("spatial", true);
        Shape layout = spatial && shape.Rank >= 2 ? shape : new Shape(shape[0], shape.Product(1, shape.Rank));
        ValueRef x = Laid(node, node.Cast(operands[0], common), layout);
        ValueRef[] channels = [.. operands[1..].Select(operand => Laid(node, node.Cast(operand, common), new Shape(layout[1])))];
        BatchNorm norm = new(EpsilonOf(node));
        if (!training)
        {
            return [node.Cast(Laid(node, node.Add(norm, [x, .. channels]), shape), type)];
        }

        (ValueRef mean, ValueRef variance) = BatchStatistics(node, x);
        ValueRef y = node.Add(norm, x, channels[0], channels[1], mean, variance);
        DType statistic = node.DType(operands[3]);
        return
        [
            node.Cast(Laid(node, y, shape), type),
            node.Cast(Running(node, channels[2], mean), statistic),
            node.Cast(Running(node, channels[3], variance), statistic),
        ];
    }

    private static ValueRef Laid(NodeImport node, ValueRef value, Shape shape) => node.Shape(value).Equals(shape) ? value : node.Reshape(value, shape);

    // Mean and mean square deviation of each channel.
    private static (ValueRef Mean, ValueRef Variance) BatchStatistics(NodeImport node, ValueRef x)
    {
        Shape shape = node.Shape(x);
        ImmutableArray<int> axes = [.. Enumerable.Range(0, shape.Rank).Where(axis => axis != 1)];
        (ValueRef channels, Shape kept) = Reductions.MoveLast(node, x, axes, keep: false);
        Reduce reduce = new(Reduction.Mean, axes.Length);
        ValueRef mean = node.Add(reduce, channels);
        ValueRef column = node.Reshape(mean, [kept[0], .. Enumerable.Repeat(1L, axes.Length)]);
        ValueRef d = node.Broadcast(Sub.Instance, channels, column);
        return (mean, node.Add(reduce, node.Add(Mul.Instance, d, d)));
    }

    // running * momentum + current * (1 - momentum)
    private static ValueRef Running(NodeImport node, ValueRef running, ValueRef current)
    {
        float momentum = node.Attributes.Float("momentum", Momentum);
        ValueRef old = node.Broadcast(Mul.Instance, running, node.Scalar(node.DType(running), momentum));
        ValueRef fresh = node.Broadcast(Mul.Instance, current, node.Scalar(node.DType(current), 1f - momentum));
        return node.Add(Add.Instance, old, fresh);
    }

    private static float EpsilonOf(NodeImport node) => node.Attributes.Float("epsilon", Epsilon);

    private static ImmutableArray<ValueRef> Layer(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        Shape statistics = new([.. shape.Extents[..axis], .. Enumerable.Repeat(1L, shape.Rank - axis)]);
        DType stash = (DType)node.Attributes.Int("stash_type", (long)DType.F32);
        ImmutableArray<ValueRef> results = Normalized(node, axis, isCentred: true);
        ValueRef Statistic(int output) => node.Wants(output) ? node.Cast(node.Reshape(results[output], statistics), stash) : results[output];
        return [results[0], Statistic(1), Statistic(2)];
    }

    private static ValueRef RootMeanSquare(NodeImport node)
    {
        int axis = node.Axis(node.Attributes.Int("axis", -1), node.Shape(node.Input(0)).Rank);
        return Normalized(node, axis, isCentred: false)[0];
    }

    // Scale and bias are broadcast to X; where they only span the normalised axes they are the op's own.
    private static ImmutableArray<ValueRef> Normalized(NodeImport node, int axis, bool isCentred)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        DType type = node.DType(x);
        Shape row = new(shape.Extents[axis..]);
        ValueRef rows = node.Reshape(x, shape.Product(0, axis), row.Elements);
        ValueRef[] factors = node.Optional(2) is ValueRef bias ? [node.Input(1), bias] : [node.Input(1)];
        if (factors.All(factor => node.Shape(factor).Rank <= row.Rank && node.DType(factor) == type))
        {
            ValueRef Row(int index) => node.Reshape(node.Expand(factors[index], row), row.Elements);
            ImmutableArray<ValueRef> own = Normal(node, isCentred, rows, Row(0), factors.Length > 1 ? Row(1) : null);
            return own.SetItem(0, node.Reshape(own[0], shape));
        }

        DType wide = factors.Append(x).Any(value => node.DType(value) == DType.F64) ? DType.F64 : DType.F32;
        ValueRef one = node.Expand(node.Scalar(wide, 1), new Shape(row.Elements));
        ImmutableArray<ValueRef> results = Normal(node, isCentred, node.Cast(rows, wide), one);
        ValueRef Factor(int index) => node.Expand(node.Cast(factors[index], wide), shape);
        ValueRef y = node.Add(Mul.Instance, node.Reshape(results[0], shape), Factor(0));
        y = factors.Length > 1 ? node.Add(Add.Instance, y, Factor(1)) : y;
        return results.SetItem(0, node.Cast(y, type));
    }

    // LayerNorm or RmsNorm of rows. One element of their statistics reads a whole row; those of longer rows are made of Reduce, which has
    // blocks, and the other steps of the definition, to the same bits.
    private static ImmutableArray<ValueRef> Normal(NodeImport node, bool isCentred, ValueRef rows, ValueRef gamma, ValueRef? beta = null)
    {
        float epsilon = EpsilonOf(node);
        Shape shape = node.Shape(rows);
        if (shape[1] <= OnnxLimits.WholeRow)
        {
            Op norm = isCentred ? new LayerNorm(epsilon) : new RmsNorm(epsilon);
            return beta is ValueRef sum ? node.AddMany(norm, rows, gamma, sum) : node.AddMany(norm, rows, gamma);
        }

        DType type = node.DType(rows);
        DType wide = type == DType.F64 ? DType.F64 : DType.F32;
        Reduce reduce = new(Reduction.Mean, 1);
        ValueRef x = node.Cast(rows, wide);
        ValueRef Column(ValueRef value) => node.Reshape(value, shape[0], 1);
        ValueRef mean = Column(node.Add(reduce, x));
        ValueRef d = isCentred ? node.Broadcast(Sub.Instance, x, mean) : x;
        ValueRef square = Column(node.Add(reduce, node.Add(Mul.Instance, d, d)));
        ValueRef q = node.Add(Sqrt.Instance, node.Broadcast(Add.Instance, square, node.Scalar(wide, epsilon)));
        ValueRef r = node.Add(Reciprocal.Instance, q);
        ValueRef y = node.Broadcast(Mul.Instance, node.Broadcast(Mul.Instance, d, r), node.Cast(gamma, wide));
        y = beta is ValueRef shift ? node.Broadcast(Add.Instance, y, node.Cast(shift, wide)) : y;
        return isCentred ? [node.Cast(y, type), mean, r] : [node.Cast(y, type), r];
    }

    private static ValueRef Instance(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        return shape.Rank < 2 ? throw node.Invalid($"{shape} has no channel axis") : Grouped(node, shape[1], perChannel: true);
    }

    // Before opset 21 scale and bias belong to the groups, since then to the channels.
    private static ValueRef Group(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        long groups = node.Attributes.Int("num_groups") ?? throw node.Invalid("attribute 'num_groups' is missing");
        return shape.Rank < 2 || groups < 1 || shape[1] % groups != 0
            ? throw node.Invalid($"{shape} does not have {groups} groups of channels")
            : Grouped(node, groups, perChannel: node.Version >= 21);
    }

    // Each group of channels is a row that is normalised; then scale and bias.
    private static ValueRef Grouped(NodeImport node, long groups, bool perChannel)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        long row = shape.Elements == 0 ? 0 : shape.Elements / (shape[0] * groups);
        ValueRef one = node.Expand(node.Scalar(node.DType(x), 1), new Shape(row));
        ValueRef unit = Normal(node, isCentred: true, node.Reshape(x, shape[0] * groups, row), one)[0];
        Shape layout = perChannel
            ? new Shape(shape[0], shape[1], shape.Product(2, shape.Rank))
            : new Shape(shape[0], groups, row);
        ValueRef Factor(int index) => node.Expand(node.Reshape(node.Input(index), layout[1], 1), layout);
        ValueRef scaled = node.Add(Mul.Instance, node.Reshape(unit, layout), Factor(1));
        return node.Reshape(node.Add(Add.Instance, scaled, Factor(2)), shape);
    }

    // (x − mean) / (√(mean of x·x − mean·mean) + 1e-9) along axes, as ONNX writes it out.
    private static ValueRef MeanVariance(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        ImmutableArray<int> axes = node.Axes(node.Attributes.Ints("axes") ?? [0, 2, 3], shape.Rank);
        ValueRef Mean(ValueRef value)
        {
            (ValueRef moved, Shape kept) = Reductions.MoveLast(node, value, axes, keep: true);
            return node.Reshape(node.Add(new Reduce(Reduction.Mean, axes.Length), moved), kept);
        }

        ValueRef mean = Mean(x);
        ValueRef variance = node.Add(Sub.Instance, Mean(node.Add(Mul.Instance, x, x)), node.Add(Mul.Instance, mean, mean));
        ValueRef deviation = node.Broadcast(Add.Instance, node.Add(Sqrt.Instance, variance), node.Scalar(node.DType(x), 1e-9));
        return node.Broadcast(Div.Instance, node.Broadcast(Sub.Instance, x, mean), deviation);
    }

    // x over its length along an axis; 0 where that is 0.
    private static ValueRef Length(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        Reduction kind = node.Attributes.Int("p", 2) == 1 ? Reduction.L1 : Reduction.L2;
        (ValueRef moved, Shape kept) = Reductions.MoveLast(node, x, [axis], keep: true);
        ValueRef length = node.Expand(node.Reshape(node.Add(new Reduce(kind, 1), moved), kept), shape);
        ValueRef zero = node.Expand(node.Scalar(node.DType(x), 0), shape);
        return node.Add(Where.Instance, node.Add(Equal.Instance, length, zero), zero, node.Add(Div.Instance, x, length));
    }
}
