using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that draw. The numbers are a function of the seed (0 where none is given) and of the name of the node's first
/// result: never of a clock, nor of a node's place.</summary>
internal static class Randoms
{
    private const int FirstRatioOperand = 12;

    // 2^32, what a weight of 1 counts, and the steps of an f32 and an f64 between 0 and 1.
    private const double Words = 4294967296;
    private const double Weights = 1L << 40;
    private const double StepsF32 = 1 << 24;
    private const double StepsF64 = 1L << 53;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Dropout", (1, 3), 2, Dropout, Float("ratio", until: FirstRatioOperand - 1), Always("is_test", 1, until: 6), Int("seed", since: FirstRatioOperand)),
        Source("RandomUniform", 0, Uniform, Float("low"), Float("high"), Ints("shape") with { IsRequired = true }),
        Source("RandomUniformLike", 1, Uniform, Float("low"), Float("high")),
        Source("RandomNormal", 0, Normal, Float("mean"), Float("scale"), Ints("shape") with { IsRequired = true }),
        Source("RandomNormalLike", 1, Normal, Float("mean"), Float("scale")),
        Source("Bernoulli", 1, Bernoulli) with { Since = 15 },
        Source("Multinomial", 1, Multinomial, Int("sample_size")) with { Since = 7 },
    ];

    private static OnnxOp Source(string name, int inputs, Func<NodeImport, ValueRef> draw, params ReadOnlySpan<Reading.AttributeRule> attributes)
        => new(name, (inputs, inputs), draw, [.. attributes, ElementType("dtype"), Float("seed")]) { Since = 1 };

    // A float's seed is its bits; an integer's its two's complement.
    private static ulong Seed(NodeImport node, bool isInteger) => isInteger
        ? unchecked((ulong)node.Attributes.Int("seed", 0))
        : BitConverter.SingleToUInt32Bits(Real.Canonical(node.Attributes.Float("seed", 0)));

    private static ValueRef Bits(NodeImport node, Shape shape, bool isInteger = false)
    {
        ValueRef seed = node.Literal(Tensor.Of<ulong>(DType.U64, Shape.Scalar, Seed(node, isInteger)));
        ValueRef position = node.Literal(Tensor.Of<uint>(DType.U32, Shape.Scalar, 0u));
        return node.Add(new RandomBits(shape, Philox.Stream(node.Result)), seed, position);
    }

    private static Shape ShapeOf(NodeImport node)
        => node.Count > 0 ? node.Shape(node.Input(0)) : new Shape((node.Attributes.Ints("shape") ?? []).AsSpan());

    // The element type of the result, and the one that it is drawn in.
    private static (DType Type, DType Wide) Types(NodeImport node)
    {
        DType otherwise = node.Count > 0 ? node.DType(node.Input(0)) : DType.F32;
        DType type = (DType)node.Attributes.Int("dtype", (long)otherwise);
        return type.IsReal() ? (type, type == DType.F64 ? DType.F64 : DType.F32) : throw node.Invalid($"attribute 'dtype' is {type.Name()}");
    }

    // Whole numbers below 2^24 in f32, below 2^53 in f64: the high bits of a word, or of two.
    private static ValueRef Whole(NodeImport node, DType wide, long count)
    {
        ValueRef High(ValueRef words, double below) => node.Cast(node.Broadcast(Div.Instance, words, node.Scalar(DType.U32, below)), wide);
        if (wide == DType.F32)
        {
            return High(Bits(node, new Shape(count)), Words / StepsF32);
        }

        ValueRef pairs = Bits(node, new Shape(count, 2));
        ValueRef Part(long index) => node.Reshape(node.Slice(pairs, 1, index, 1, 1), count);
        ValueRef upper = node.Broadcast(Mul.Instance, High(Part(0), 1 << 5), node.Scalar(wide, 1 << 26));
        return node.Add(Ops.Add.Instance, upper, High(Part(1), 1 << 6));
    }

    private static ValueRef Fraction(NodeImport node, DType wide, ValueRef whole)
        => node.Broadcast(Mul.Instance, whole, node.Scalar(wide, 1 / (wide == DType.F32 ? StepsF32 : StepsF64)));

    // low + u·(high − low).
    private static ValueRef Uniform(NodeImport node)
    {
        (DType type, DType wide) = Types(node);
        Shape shape = ShapeOf(node);
        ValueRef low = node.Scalar(wide, node.Attributes.Float("low", 0));
        ValueRef length = node.Add(Sub.Instance, node.Scalar(wide, node.Attributes.Float("high", 1)), low);
        ValueRef u = Fraction(node, wide, Whole(node, wide, shape.Elements));
        ValueRef drawn = node.Broadcast(Ops.Add.Instance, node.Broadcast(Mul.Instance, u, length), low);
        return node.Cast(node.Reshape(drawn, shape), type);
    }

    // Box and Muller: √(−2·log u)·cos(2π·v), u the first half of the numbers, moved off 0, v the second.
    private static ValueRef Normal(NodeImport node)
    {
        (DType type, DType wide) = Types(node);
        Shape shape = ShapeOf(node);
        long count = shape.Elements;
        ValueRef whole = Whole(node, wide, checked(2 * count));
        ValueRef Half(int part) => node.Slice(whole, 0, part * count, 1, count);
        ValueRef Constant(double value) => node.Scalar(wide, value);
        ValueRef u = Fraction(node, wide, node.Broadcast(Ops.Add.Instance, Half(0), Constant(1)));
        ValueRef radius = node.Add(Sqrt.Instance, node.Broadcast(Mul.Instance, node.Add(Log.Instance, u), Constant(-2)));
        ValueRef angle = node.Broadcast(Mul.Instance, Fraction(node, wide, Half(1)), Constant(2 * Math.PI));
        ValueRef unit = node.Add(Mul.Instance, radius, node.Add(Cos.Instance, angle));
        ValueRef scaled = node.Broadcast(Mul.Instance, unit, Constant(node.Attributes.Float("scale", 1)));
        ValueRef drawn = node.Broadcast(Ops.Add.Instance, scaled, Constant(node.Attributes.Float("mean", 0)));
        return node.Cast(node.Reshape(drawn, shape), type);
    }

    // 1 where the word is below floor(p·2^32).
    private static ValueRef Bernoulli(NodeImport node)
    {
        ValueRef p = node.Input(0);
        ValueRef drawn = node.Add(Less.Instance, Wide(node, Bits(node, node.Shape(p))), Threshold(node, p));
        return node.Cast(drawn, (DType)node.Attributes.Int("dtype", (long)node.DType(p)));
    }

    // q = floor(e^(x − m)·2^40), T their sum; with r of 64 bits the first class whose running sum exceeds floor(r·T / 2^64).
    private static ValueRef Multinomial(NodeImport node)
    {
        ValueRef x = node.Input(0);
        long samples = node.Attributes.Int("sample_size", 1);
        DType type = (DType)node.Attributes.Int("dtype", (long)DType.I32);
        if (node.Shape(x).Rank != 2 || node.Shape(x)[1] == 0 || samples < 0 || type is not (DType.I32 or DType.I64))
        {
            throw node.Invalid($"{samples} samples of {node.Type(x)} as {type.Name()}");
        }

        (long batch, long classes) = (node.Shape(x)[0], node.Shape(x)[1]);
        DType wide = node.DType(x) == DType.F64 ? DType.F64 : DType.F32;
        ValueRef scores = node.Cast(x, wide);
        ValueRef largest = node.Reshape(node.Add(new Reduce(Reduction.Max, 1), scores), batch, 1);
        ValueRef e = node.Add(Exp.Instance, node.Broadcast(Sub.Instance, scores, largest));
        ValueRef q = node.Cast(node.Add(Floor.Instance, node.Broadcast(Mul.Instance, e, node.Scalar(wide, Weights))), DType.U64);
        ValueRef sums = node.Transpose(node.Add(new Cumulate(product: false), node.Transpose(q, 1, 0)), 1, 0);
        ValueRef total = node.Slice(sums, 1, classes - 1, 1, 1);
        ValueRef words = Wide(node, Bits(node, new Shape(2, batch, samples)));
        ValueRef Word(long index) => node.Reshape(node.Slice(words, 0, index, 1, 1), batch, samples);
        ValueRef place = node.Reshape(High(node, Word(0), Word(1), total), batch, samples, 1);
        ValueRef passed = node.Broadcast(LessOrEqual.Instance, node.Reshape(sums, batch, 1, classes), place);
        ValueRef count = node.Add(new Reduce(Reduction.Sum, 1), node.Cast(passed, type));
        return node.Broadcast(Min.Instance, count, node.Literal(Scalars.Of(type, classes - 1)));
    }

    // The high 64 bits of (low + 2^32·high)·T, word by word.
    private static ValueRef High(NodeImport node, ValueRef low, ValueRef high, ValueRef total)
    {
        ValueRef word = node.Scalar(DType.U64, Words);
        ValueRef Upper(ValueRef value) => node.Broadcast(Div.Instance, value, word);
        ValueRef Lower(ValueRef value) => node.Broadcast(new Mod(truncated: false), value, word);
        ValueRef Product(ValueRef a, ValueRef b) => node.Broadcast(Mul.Instance, a, b);
        ValueRef Sum(ValueRef a, ValueRef b) => node.Add(Ops.Add.Instance, a, b);
        (ValueRef totalLow, ValueRef totalHigh) = (Lower(total), Upper(total));
        ValueRef middle = Sum(Product(low, totalHigh), Upper(Product(low, totalLow)));
        ValueRef other = Sum(Product(high, totalLow), Lower(middle));
        return Sum(Sum(Product(high, totalHigh), Upper(middle)), Upper(other));
    }

    private static ValueRef Wide(NodeImport node, ValueRef words) => node.Cast(words, DType.U64);

    // floor(p·2^32), 0 for what is not above 0.
    private static ValueRef Threshold(NodeImport node, ValueRef p)
    {
        ValueRef scaled = node.Broadcast(Mul.Instance, node.Cast(p, DType.F64), node.Scalar(DType.F64, Words));
        return node.Cast(node.Add(Floor.Instance, scaled), DType.U64);
    }

    // Inference: X as it is, and a mask that is true everywhere. Training keeps what has a word of at least floor(ratio·2^32).
    private static ImmutableArray<ValueRef> Dropout(NodeImport node)
    {
        ValueRef x = node.Input(0);
        bool isTraining = node.Has(2) && node.Value(2).Bytes.Span.IndexOfAnyExcept((byte)0) >= 0;
        if (!isTraining)
        {
            DType mask = node.Version < 10 ? node.DType(x) : DType.Bool;
            return [x, node.Expand(node.Scalar(mask, 1), node.Shape(x))];
        }

        DType type = node.DType(x);
        DType wide = type == DType.F64 ? DType.F64 : DType.F32;
        Shape shape = node.Shape(x);
        ValueRef ratio = node.Has(1) ? node.Reshape(node.Input(1), Shape.Scalar) : node.Scalar(DType.F32, 0.5);
        ValueRef one = node.Scalar(wide, 1);
        ValueRef scale = node.Add(Div.Instance, one, node.Add(Sub.Instance, one, node.Cast(ratio, wide)));
        ValueRef kept = node.Broadcast(GreaterOrEqual.Instance, Wide(node, Bits(node, shape, isInteger: true)), Threshold(node, ratio));
        ValueRef scaled = node.Cast(node.Broadcast(Mul.Instance, node.Cast(x, wide), scale), type);
        return [node.Broadcast(Where.Instance, kept, scaled, node.Expand(node.Scalar(type, 0), shape)), kept];
    }
}
