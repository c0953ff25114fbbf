using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Activation functions, those along an axis included.</summary>
internal static class Activations
{
    private const int FirstAxisSoftmax = 13;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Relu", (1, 1), node => node.Add(Relu.Instance, node.Input(0))),
        new("Sigmoid", (1, 1), node => node.Add(Sigmoid.Instance, node.Input(0))),
        new("Softplus", (1, 1), node => node.Add(Softplus.Instance, node.Input(0))) { Since = 1 },
        new("Softsign", (1, 1), node => node.Add(Softsign.Instance, node.Input(0))) { Since = 1 },
        new("HardSwish", (1, 1), node => node.Add(HardSwish.Instance, node.Input(0))),
        new("Gelu", (1, 1), Gelu, OneOf("approximate", "none", "tanh")),
        new("LeakyRelu", (1, 1), node => node.Add(new LeakyRelu(Alpha(node, 0.01f)), node.Input(0)), Float("alpha")),
        new("Elu", (1, 1), node => node.Add(new Elu(Alpha(node, 1f)), node.Input(0)), Float("alpha")),
        new("Selu", (1, 1), node => node.Add(new Selu(Alpha(node, SeluAlpha), Gamma(node)), node.Input(0)), Float("alpha"), Float("gamma")),
        new("HardSigmoid", (1, 1), HardSigmoid, Float("alpha"), Float("beta")),
        new("ThresholdedRelu", (1, 1), node => node.Add(new ThresholdedRelu(Alpha(node, 1f)), node.Input(0)), Float("alpha")),
        new("Celu", (1, 1), Celu, Float("alpha")),
        new("PRelu", (2, 2), ParametricRelu),
        new("Mish", (1, 1), Mish),
        new("Swish", (1, 1), Swish, Float("alpha")),
        new("Shrink", (1, 1), Shrink, Float("lambd"), Float("bias")),
        new("Softmax", (1, 1), node => AlongAxis(node, logarithm: false), Int("axis")) { Since = 1 },
        new("LogSoftmax", (1, 1), node => AlongAxis(node, logarithm: true), Int("axis")) { Since = 1 },
    ];

    private const float SeluAlpha = 1.67326319217681884765625f;

    private static float Alpha(NodeImport node, float otherwise) => node.Attributes.Float("alpha", otherwise);

    private static float Gamma(NodeImport node) => node.Attributes.Float("gamma", 1.05070102214813232421875f);

    private static ValueRef Gelu(NodeImport node)
        => node.Add(node.Attributes.Text("approximate", "none") == "tanh" ? GeluTanh.Instance : Ops.Gelu.Instance, node.Input(0));

    private static ValueRef HardSigmoid(NodeImport node)
        => node.Add(new HardSigmoid(Alpha(node, 0.2f), node.Attributes.Float("beta", 0.5f)), node.Input(0));

    // alpha * elu(x / alpha), as ONNX writes it out.
    private static ValueRef Celu(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef alpha = node.Scalar(node.DType(x), Alpha(node, 1f));
        ValueRef elu = node.Add(new Elu(1f), node.Broadcast(Div.Instance, x, alpha));
        return node.Broadcast(Mul.Instance, alpha, elu);
    }

    // The slope is broadcast to x, never x to the slope; before opset 7 a vector belongs to the channels.
    private static ValueRef ParametricRelu(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef slope = node.Input(1);
        Shape shape = node.Shape(x);
        if (node.Version < 7 && node.Shape(slope).Rank == 1 && shape.Rank > 2)
        {
            slope = node.Reshape(slope, [node.Shape(slope)[0], .. Enumerable.Repeat(1L, shape.Rank - 2)]);
        }

        ValueRef zero = node.Expand(node.Scalar(node.DType(x), 0), shape);
        ValueRef scaled = node.Add(Mul.Instance, x, node.Expand(slope, shape));
        return node.Add(Where.Instance, node.Add(Less.Instance, x, zero), scaled, x);
    }

    private static ValueRef Mish(NodeImport node)
        => node.Add(Mul.Instance, node.Input(0), node.Add(Tanh.Instance, node.Add(Softplus.Instance, node.Input(0))));

    private static ValueRef Swish(NodeImport node)
    {
        ValueRef x = node.Input(0);
        float alpha = Alpha(node, 1f);
        ValueRef scaled = alpha == 1f ? x : node.Broadcast(Mul.Instance, x, node.Scalar(node.DType(x), alpha));
        return node.Add(Mul.Instance, x, node.Add(Sigmoid.Instance, scaled));
    }

    // x + bias below -lambd, x - bias above lambd, else 0; integers in f64, truncated, unless the bias is an integer and lambd rounds toward 0.
    private static ValueRef Shrink(NodeImport node)
    {
        ValueRef given = node.Input(0);
        Shape shape = node.Shape(given);
        float lambda = node.Attributes.Float("lambd", 0.5f);
        float offset = node.Attributes.Float("bias", 0f);
        DType type = node.DType(given);
        bool exact = type.IsReal() || (lambda >= 0 && offset == float.Truncate(offset));
        ValueRef x = exact ? given : node.Cast(given, DType.F64);
        ValueRef Constant(float value) => node.Expand(node.Scalar(node.DType(x), value), shape);
        ValueRef bias = Constant(offset);
        ValueRef above = node.Add(
            Where.Instance, node.Add(Greater.Instance, x, Constant(lambda)), node.Add(Sub.Instance, x, bias), Constant(0f));
        ValueRef y = node.Add(Where.Instance, node.Add(Less.Instance, x, Constant(-lambda)), node.Add(Ops.Add.Instance, x, bias), above);
        return node.Cast(y, type);
    }

    // Since opset 13 along one axis; before, over all axes from one on.
    private static ValueRef AlongAxis(NodeImport node, bool logarithm)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        if (node.Version < FirstAxisSoftmax)
        {
            int from = node.Axis(node.Attributes.Int("axis", 1), shape.Rank);
            ValueRef rows = node.Reshape(x, shape.Product(0, from), shape.Product(from, shape.Rank));
            return node.Reshape(OfRows(node, rows, logarithm), shape);
        }

        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        ImmutableArray<int> last = [.. Enumerable.Range(0, shape.Rank).Where(other => other != axis), axis];
        ImmutableArray<int> back = [.. Enumerable.Range(0, shape.Rank).Select(other => last.IndexOf(other))];
        return node.Transpose(OfRows(node, node.Transpose(x, last), logarithm), back);
    }

    // One element of Softmax's denominator reads a whole row; that of a longer row is made of Reduce, which has blocks, to the same bits.
    private static ValueRef OfRows(NodeImport node, ValueRef rows, bool logarithm)
    {
        Shape shape = node.Shape(rows);
        DType type = node.DType(rows);
        if (shape[shape.Rank - 1] <= OnnxLimits.WholeRow || !type.IsReal())
        {
            return node.Add(new Softmax(logarithm), rows);
        }

        Shape column = shape.With(shape.Rank - 1, 1);
        ValueRef Reduced(Reduction kind, ValueRef value) => node.Reshape(node.Add(new Reduce(kind, 1), value), column);
        ValueRef x = node.Cast(rows, type == DType.F64 ? DType.F64 : DType.F32);
        ValueRef d = node.Broadcast(Sub.Instance, x, Reduced(Reduction.Max, x));
        ValueRef e = node.Add(Exp.Instance, d);
        ValueRef s = Reduced(Reduction.Sum, e);
        ValueRef y = logarithm ? node.Broadcast(Sub.Instance, d, node.Add(Log.Instance, s)) : node.Broadcast(Div.Instance, e, s);
        return node.Cast(y, type);
    }
}
