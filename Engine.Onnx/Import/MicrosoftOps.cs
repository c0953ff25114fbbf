using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Fused operators on reals of ONNX Runtime: activations, norms and products.</summary>
internal static class MicrosoftOps
{
    private const string Domain = "com.microsoft.";
    private const float Epsilon = 1e-5f;
    private const float SmallEpsilon = 1e-12f;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Named("Gelu", (1, 1), node => node.Add(Gelu.Instance, node.Input(0))),
        Named("BiasGelu", (2, 2), node => node.Add(Gelu.Instance, node.Broadcast(Add.Instance, node.Input(0), node.Input(1)))),
        Named("FastGelu", (1, 2), node => node.Add(GeluTanh.Instance, Biased(node, node.Input(0), 1))),
        Named("QuickGelu", (1, 1), QuickGelu, Float("alpha")),
        new(Domain + "SkipLayerNormalization", (3, 5), 4, SkipLayer, Float("epsilon")) { Since = 1 },
        new(Domain + "SkipSimplifiedLayerNormalization", (3, 4), 4, SkipSimplified, Float("epsilon")) { Since = 1 },
        new("SimplifiedLayerNormalization", (2, 2), 2, Simplified, Int("axis"), Float("epsilon"), Always("stash_type", 1)) { Since = 1 },
        new(Domain + "SimplifiedLayerNormalization", (2, 2), 2, Simplified, Int("axis"), Float("epsilon"), Always("stash_type", 1)) { Since = 1 },
        Named("FusedMatMul", (2, 2), Product, Float("alpha"), Int("transA"), Int("transB"), Int("transBatchA"), Int("transBatchB")),
        Named("TransposeMatMul", (2, 2), Product, Float("alpha"), Int("transA"), Int("transB")),
        Named(
            "FusedGemm",
            (2, 3),
            node => Activated(node, Dots.Gemm(node), node.Attributes.Float("activation_alpha"), node.Attributes.Float("activation_beta")),
            Float("alpha"),
            Float("beta"),
            Int("transA"),
            Int("transB"),
            Activation,
            Float("activation_alpha"),
            Float("activation_beta")),
        Named(
            "FusedConv",
            (2, 4),
            FusedConv,
            [
                .. Windows.Rules,
                Int("group"),
                Activation with { Texts = [.. Activation.Texts, "Clip"] },
                new("activation_params", Reading.AttributeKind.Floats),
            ]),
        new(
            Domain + "EmbedLayerNormalization",
            (1, 9),
            3,
            Embedded,
            Float("epsilon"),
            Int("mask_index_type"))
        {
            Since = 1,
        },
        Named(
            "MatMulNBits",
            (3, 6),
            NarrowProduct,
            Int("K") with { IsRequired = true },
            Int("N") with { IsRequired = true },
            Int("bits"),
            Int("block_size") with { IsRequired = true },
            Int("accuracy_level"),
            Int("weight_prepacked")),
    ];

    private static Reading.AttributeRule Activation => OneOf("activation", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid");

    private static OnnxOp Named(
        string name, (int Least, int Most) inputs, System.Func<NodeImport, ValueRef> lower, params ImmutableArray<Reading.AttributeRule> attributes)
        => new(Domain + name, inputs, lower, attributes) { Since = 1 };

    private static ValueRef Biased(NodeImport node, ValueRef x, int index)
        => node.Optional(index) is ValueRef bias ? node.Broadcast(Add.Instance, x, bias) : x;

    // x * sigmoid(alpha * x)
    private static ValueRef QuickGelu(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef scaled = node.Broadcast(Mul.Instance, x, node.Scalar(node.DType(x), node.Attributes.Float("alpha", 1.702f)));
        return node.Add(Mul.Instance, x, node.Add(Sigmoid.Instance, scaled));
    }

    // (input + skip) + bias
    private static ValueRef Sum(NodeImport node, int bias)
    {
        ValueRef x = node.Input(0);
        return Biased(node, node.Add(Add.Instance, x, node.Expand(node.Input(1), node.Shape(x))), bias);
    }

    private static ImmutableArray<ValueRef> SkipLayer(NodeImport node)
    {
        ValueRef sum = Sum(node, 4);
        LayerNorm norm = new(node.Attributes.Float("epsilon", SmallEpsilon));
        ImmutableArray<ValueRef> y = node.Optional(3) is ValueRef beta
            ? node.AddMany(norm, sum, node.Input(2), beta)
            : node.AddMany(norm, sum, node.Input(2));
        return [y[0], y[1], y[2], sum];
    }

    private static ImmutableArray<ValueRef> SkipSimplified(NodeImport node)
    {
        ValueRef sum = Sum(node, 3);
        ImmutableArray<ValueRef> y = node.AddMany(new RmsNorm(node.Attributes.Float("epsilon", SmallEpsilon)), sum, node.Input(2));
        if (node.Wants(1))
        {
            throw node.Unsupported("output 'mean' is not supported");
        }

        return [y[0], y[1], y[1], sum];
    }

    private static ImmutableArray<ValueRef> Simplified(NodeImport node)
    {
        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        int axis = node.Axis(node.Attributes.Int("axis", -1), shape.Rank);
        Shape row = new(shape.Extents[axis..]);
        ValueRef rows = node.Reshape(x, shape.Product(0, axis), row.Elements);
        DType type = node.DType(node.Input(1));
        ValueRef gamma = node.Reshape(node.Expand(node.Input(1), row), row.Elements);
        ImmutableArray<ValueRef> y = node.AddMany(new RmsNorm(node.Attributes.Float("epsilon", Epsilon)), node.Cast(rows, type), gamma);
        Shape statistics = new([.. shape.Extents[..axis], .. Enumerable.Repeat(1L, shape.Rank - axis)]);
        return [node.Reshape(y[0], shape), node.Reshape(y[1], statistics)];
    }

    // A transposed batch has its first axis next to the last one.
    private static ValueRef Product(NodeImport node)
    {
        ValueRef Operand(int index, string batch, string last)
        {
            ValueRef x = node.Input(index);
            int rank = node.Shape(x).Rank;
            if (node.Attributes.Flag(batch) && rank > 2)
            {
                x = node.Transpose(x, [.. Enumerable.Range(1, rank - 2), 0, rank - 1]);
            }

            return node.Attributes.Flag(last) && rank > 1 ? node.SwapLast(x) : x;
        }

        return Dots.Product(node, Operand(0, "transBatchA", "transA"), Operand(1, "transBatchB", "transB"), node.Attributes.Float("alpha", 1f));
    }

    private static ValueRef Activated(NodeImport node, ValueRef x, float? alpha, float? beta)
        => node.Attributes.Text("activation", string.Empty) switch
        {
            "Relu" => node.Add(Relu.Instance, x),
            "LeakyRelu" => node.Add(new LeakyRelu(alpha ?? 0.01f), x),
            "Sigmoid" => node.Add(Sigmoid.Instance, x),
            "Tanh" => node.Add(Tanh.Instance, x),
            "HardSigmoid" => node.Add(new HardSigmoid(alpha ?? 0.2f, beta ?? 0.5f), x),
            _ => x,
        };

    // The convolution, what is added to it, the activation.
    private static ValueRef FusedConv(NodeImport node)
    {
        ValueRef y = Convolutions.Real(node);
        ValueRef sum = node.Optional(3) is ValueRef z ? node.Add(Add.Instance, y, z) : y;
        ImmutableArray<float> given = node.Attributes.Floats("activation_params") ?? [];
        if (node.Attributes.Text("activation", string.Empty) != "Clip")
        {
            return Activated(node, sum, given.IsEmpty ? null : given[0], given.Length < 2 ? null : given[1]);
        }

        ValueRef Bound(int index) => node.Scalar(node.DType(sum), given[index]);
        return given.Length == 2
            ? node.Add(Clip.Instance, sum, Bound(0), Bound(1))
            : throw node.Invalid($"attribute 'activation_params' has {given.Length} values, not least and most");
    }

    // (words + positions) + segments, normalised; the number of words that the mask shows.
    private static ImmutableArray<ValueRef> Embedded(NodeImport node)
    {
        ValueRef words = node.Input(0);
        Shape shape = node.Shape(words);
        ValueRef Rows(int table, ValueRef indices) => node.Add(new Gather(0), node.Input(table), indices);
        if (shape.Rank != 2)
        {
            throw node.Invalid($"{node.Type(words)} is not [batch, words]");
        }

        ValueRef positions = node.Optional(8) is ValueRef given
            ? node.Expand(node.Cast(given, DType.I64), shape)
            : node.Expand(node.Counting(shape[1]), shape);
        ValueRef sum = node.Add(Add.Instance, Rows(2, words), Rows(3, positions));
        if (node.Optional(1) is ValueRef segments)
        {
            sum = node.Add(Add.Instance, sum, Rows(4, segments));
        }

        ValueRef y = node.Add(new LayerNorm(node.Attributes.Float("epsilon", SmallEpsilon)), sum, node.Input(5), node.Input(6));
        ValueRef count = node.Optional(7) is ValueRef mask
            ? node.Add(new Reduce(Reduction.Sum, 1), mask)
            : node.Expand(node.Scalar(DType.I32, 0), new Shape(shape[0]));
        return [y, count, sum];
    }

    // A [.., K] times B, given as codes [N, blocks of K]: w = fl(fl(code - zero) * scale), one scale and zero a block.
    private static ValueRef NarrowProduct(NodeImport node)
    {
        ValueRef a = node.Input(0);
        long k = node.Attributes.Int("K", 0);
        long n = node.Attributes.Int("N", 0);
        long bits = node.Attributes.Int("bits", 4);
        long block = node.Attributes.Int("block_size", 0);
        if (node.Attributes.Int("weight_prepacked", 0) != 0 || bits is not (2 or 4 or 8) || block < 1 || k < 1 || n < 1)
        {
            throw node.Unsupported($"bits = {bits}, block_size = {block}, K = {k}, N = {n} or prepacked weights are not supported");
        }

        long blocks = ((k - 1) / block) + 1;
        DType type = node.DType(a);
        ValueRef codes = node.Reshape(Codes(node, node.Input(1), bits, n * blocks, block), n, blocks, block);
        ValueRef scales = node.Reshape(node.Cast(node.Input(2), DType.F32), n, blocks);
        ValueRef zeros = node.Optional(3) is not ValueRef given ? node.Scalar(DType.U8, 1L << (int)(bits - 1))
            : node.DType(given).IsReal() ? node.Reshape(node.Cast(given, DType.F32), n, blocks)
            : Codes(node, given, bits, n, blocks);
        if (node.Optional(4) is ValueRef order)
        {
            // Each k names its block.
            codes = node.Slice(node.Reshape(codes, n, checked(blocks * block)), 1, 0, 1, k);
            scales = node.Add(new Gather(1), scales, order);
            zeros = node.Shape(zeros).Rank == 0 ? zeros : node.Add(new Gather(1), zeros, order);
        }
        else
        {
            scales = node.Reshape(scales, n, blocks, 1);
            zeros = node.Shape(zeros).Rank == 0 ? zeros : node.Reshape(zeros, n, blocks, 1);
        }

        Shape shape = node.Shape(codes);
        ValueRef weights = node.DType(zeros) == DType.F32
            ? node.Broadcast(Mul.Instance, node.Broadcast(Sub.Instance, node.Cast(codes, DType.F32), zeros), scales)
            : node.Add(DequantizeLinear.Instance, codes, node.Expand(scales, shape), node.Expand(zeros, shape));
        ValueRef rows = node.Has(4) ? weights : node.Slice(node.Reshape(weights, n, checked(blocks * block)), 1, 0, 1, k);
        return Biased(node, Dots.Product(node, a, node.SwapLast(node.Cast(rows, type)), 1f), 5);
    }

    // Rows of bytes as rows of the codes in them, the lowest bits first; what is left over at the end of a row is dropped.
    private static ValueRef Codes(NodeImport node, ValueRef bytes, long bits, long rows, long count)
    {
        long each = 8 / bits;
        long width = ((count - 1) / each) + 1;
        if (node.DType(bytes) != DType.U8 || node.Shape(bytes).Elements != checked(rows * width))
        {
            throw node.Invalid($"{node.Type(bytes)} is not {rows} rows of {count} codes of {bits} bits");
        }

        ValueRef packed = node.Reshape(bytes, rows, width);
        if (each == 1)
        {
            return packed;
        }

        if (node.Parameter(bytes) is Tensor known)
        {
            return node.Literal(Unpacked(known, (int)bits, rows, count, width));
        }

        ValueRef base2 = node.Scalar(DType.U8, 1L << (int)bits);
        ValueRef[] parts = new ValueRef[each];
        for (int part = 0; part < each; part++)
        {
            ValueRef shifted = node.Broadcast(Div.Instance, packed, node.Scalar(DType.U8, 1L << (int)(part * bits)));
            parts[part] = node.Reshape(node.Broadcast(new Mod(false), shifted, base2), rows, width, 1);
        }

        ValueRef all = node.Reshape(node.Add(new Concat(2), parts), rows, checked(width * each));
        return node.Slice(all, 1, 0, 1, count);
    }

    private static Tensor Unpacked(Tensor bytes, int bits, long rows, long count, long width)
    {
        byte[] codes = new byte[checked(rows * count)];
        System.ReadOnlySpan<byte> from = bytes.Bytes.Span;
        int each = 8 / bits;
        int next = 0;
        for (long row = 0; row < rows; row++)
        {
            for (long i = 0; i < count; i++)
            {
                int held = from[(int)((row * width) + (i / each))];
                codes[next++] = (byte)((held >> (int)(i % each * bits)) & ((1 << bits) - 1));
            }
        }

        return new Tensor(new TensorType(DType.U8, new Shape(rows, count)), codes);
    }
}
