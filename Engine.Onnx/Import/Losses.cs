using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What a model's scores for classes are worth, given the labels.</summary>
internal static class Losses
{
    private const int FirstLoss = 12;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("NegativeLogLikelihoodLoss", (2, 3), node => Likelihood(node, node.Input(0)), Ignored, Kind) { Since = FirstLoss },
        new("SoftmaxCrossEntropyLoss", (2, 3), 2, CrossEntropy, Ignored, Kind) { Since = FirstLoss },
    ];

    private static Reading.AttributeRule Ignored => Int("ignore_index");

    private static Reading.AttributeRule Kind => OneOf("reduction", "none", "sum", "mean");

    // The second result is the logarithm of the softmax along the classes.
    private static ImmutableArray<ValueRef> CrossEntropy(NodeImport node)
    {
        ValueRef scores = node.Input(0);
        int rank = Classes(node, scores);
        ImmutableArray<int> last = [0, .. Enumerable.Range(2, rank - 2), 1];
        ImmutableArray<int> back = [0, rank - 1, .. Enumerable.Range(1, rank - 2)];
        ValueRef rows = node.Add(new Softmax(logarithm: true), node.Transpose(scores, last));
        ValueRef logarithms = node.Transpose(rows, back);
        return [Likelihood(node, logarithms), logarithms];
    }

    private static int Classes(NodeImport node, ValueRef x)
    {
        int rank = node.Shape(x).Rank;
        return rank >= 2 ? rank : throw node.Invalid($"{node.Type(x)} has no axis of classes");
    }

    // Labels choose as the indices of Gather do: those below 0 count from the end, then the nearest class is taken.
    private static ValueRef Likelihood(NodeImport node, ValueRef x)
    {
        int rank = Classes(node, x);
        Shape shape = node.Shape(x);
        DType type = node.DType(x);
        ValueRef given = node.Cast(node.Input(1), DType.I64);
        Shape labels = new([shape[0], .. shape.Extents[2..]]);
        if (!node.DType(node.Input(1)).IsInteger() || !node.Shape(given).Equals(labels))
        {
            throw node.Invalid($"the labels are {node.Type(node.Input(1))}, not integers {labels}");
        }

        ValueRef loss = node.Add(Neg.Instance, Chosen(node, x, given));
        ValueRef? weight = null;
        if (node.Has(2))
        {
            weight = node.Shape(node.Input(2)).Equals(new Shape(shape[1]))
                ? node.Add(new Gather(0), node.Input(2), given)
                : throw node.Invalid($"the weights are {node.Type(node.Input(2))}, not [{shape[1]}]");
            loss = node.Add(Mul.Instance, loss, weight.Value);
        }

        if (node.Attributes.Int("ignore_index") is long index)
        {
            ValueRef isIgnored = node.Broadcast(Equal.Instance, given, node.Number(index));
            ValueRef zero = node.Expand(node.Scalar(type, 0), labels);
            ValueRef counted = weight ?? node.Expand(node.Scalar(type, 1), labels);
            loss = node.Add(Where.Instance, isIgnored, zero, loss);
            weight = node.Add(Where.Instance, isIgnored, zero, counted);
        }

        ValueRef Sum(ValueRef value) => node.Add(new Reduce(Reduction.Sum, rank - 1), value);
        return (node.Attributes.Text("reduction", "mean"), weight) switch
        {
            ("none", _) => loss,
            ("sum", _) => Sum(loss),
            (_, ValueRef weights) => node.Add(Div.Instance, Sum(loss), Sum(weights)),
            _ => node.Add(new Reduce(Reduction.Mean, rank - 1), loss),
        };
    }

    // Element (n, label, d..) of X for each (n, d..): class c of them is c·D after (n·C·D + d), D elements of an image.
    private static ValueRef Chosen(NodeImport node, ValueRef x, ValueRef labels)
    {
        Shape shape = node.Shape(x);
        (long batch, long classes, long image) = (shape[0], shape[1], shape.Product(2, shape.Rank));
        ValueRef wrapped = node.Broadcast(
            Where.Instance, node.Broadcast(Less.Instance, labels, node.Number(0)), node.Broadcast(Add.Instance, labels, node.Number(classes)), labels);
        ValueRef held = node.Add(Clip.Instance, wrapped, node.Number(0), node.Number(classes - 1));
        ValueRef firsts = node.Reshape(node.Add(new Range(batch), node.Number(0), node.Number(classes * image)), batch, 1);
        ValueRef places = node.Broadcast(Add.Instance, firsts, node.Counting(image));
        ValueRef index = node.Add(
            Add.Instance, node.Broadcast(Mul.Instance, held, node.Number(image)), node.Reshape(places, node.Shape(labels)));
        return node.Add(new Gather(0), node.Reshape(x, shape.Elements), index);
    }
}
