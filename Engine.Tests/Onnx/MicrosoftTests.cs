using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>ONNX Runtime's operators, against formulas and against ONNX's operators that say the same.</summary>
internal sealed class MicrosoftTests
{
    private const string Domain = "com.microsoft";

    [Test]
    public void Sums_and_products_of_codes_are_their_formulas([Values(3, 200)] int zeroA, [Values(0, 91)] int zeroC)
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
        (float a, float b, float c) = (0.0371f, 0.0523f, 0.0617f);
        const int ZeroB = 117;
        Tensor?[] inputs =
        [
            Tensor.Of(DType.U8, new Shape(256, 1), all.AsSpan()), One(a), Code(zeroA), Tensor.Of(DType.U8, new Shape(256), all.AsSpan()), One(b), Code(ZeroB),
            One(c), Code(zeroC),
        ];
        (float ra, float rb) = (a / c, b / c);
        float shift = (ra * zeroA) + (rb * ZeroB);
        float start = zeroC - shift;
        float scale = a * b;
        scale /= c;
        byte[] sums = new byte[256 * 256];
        byte[] products = new byte[256 * 256];
        for (int i = 0; i < sums.Length; i++)
        {
            (int x, int y) = (i / 256, i % 256);
            float first = ra * x;
            first = start + first;
            float second = rb * y;
            sums[i] = Near(first + second);
            float product = (x - zeroA) * (y - ZeroB);
            product *= scale;
            products[i] = Near(product + zeroC);
        }

        Assert.That(Run("QLinearAdd", inputs, 1)[0].As<byte>().ToArray(), Is.EqualTo(sums));
        Assert.That(Run("QLinearMul", inputs, 1)[0].As<byte>().ToArray(), Is.EqualTo(products));
    }

    [Test]
    public void Narrow_weights_are_those_that_they_stand_for([Values(2, 4, 8)] int bits, [Values] bool isParameter)
    {
        const int K = 40, N = 3, Block = 16, Blocks = 3;
        Adversarial random = new((ulong)bits);
        Tensor a = random.Tensor(DType.F32, new Shape(2, K), Adversarial.Mood.Tame);
        Tensor codes = random.Tensor(DType.U8, new Shape(N, Blocks, Block * bits / 8));
        Tensor scales = random.Tensor(DType.F32, new Shape(N * Blocks), Adversarial.Mood.Tame);
        int width = ((Blocks * bits) + 7) / 8;
        Tensor zeros = random.Tensor(DType.U8, new Shape(N * width));
        float[] weights = new float[K * N];
        for (int i = 0; i < weights.Length; i++)
        {
            (int k, int n) = (i / N, i % N);
            int code = Packed(codes, (n * Blocks * Block * bits) + (k * bits), bits);
            int zero = Packed(zeros, (n * width * 8) + (k / Block * bits), bits);
            weights[i] = (code - zero) * scales.As<float>()[(n * Blocks) + (k / Block)];
        }

        AttributeProto[] attributes = [Made.Int("K", K), Made.Int("N", N), Made.Int("bits", bits), Made.Int("block_size", Block)];
        Tensor expected = Run("MatMul", [a, Tensor.Of(DType.F32, new Shape(K, N), weights.AsSpan())], 1, domain: string.Empty)[0];
        Tensor?[] inputs = [a, codes, scales, zeros];
        Tensor y = Run("MatMulNBits", inputs, 1, attributes, isParameter ? [1, 2, 3] : [])[0];
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(expected.As<float>().ToArray()));
        Tensor order = Tensor.Of<int>(DType.I32, new Shape(K), [.. Enumerable.Range(0, K).Select(k => k / Block)]);
        Assert.That(Run("MatMulNBits", [.. inputs, order], 1, attributes)[0].As<float>().ToArray(), Is.EqualTo(expected.As<float>().ToArray()));
    }

    [Test]
    public void Heads_give_the_bits_of_attention()
    {
        Adversarial random = new(2);
        Tensor Draw(params ReadOnlySpan<long> extents) => random.Tensor(DType.F32, new Shape(extents), Adversarial.Mood.Tame);
        Tensor[] operands = [Draw(2, 3, 12), Draw(2, 5, 12), Draw(2, 5, 16)];
        AttributeProto scale = Made.Float("scale", 1f);
        float[] attention = Run("Attention", operands, 1, [Made.Int("q_num_heads", 2), Made.Int("kv_num_heads", 2), scale], domain: string.Empty)[0]
            .As<float>().ToArray();
        Assert.That(Run("MultiHeadAttention", operands, 1, [Made.Int("num_heads", 2), scale])[0].As<float>().ToArray(), Is.EqualTo(attention));

        Tensor x = Draw(2, 3, 10);
        Tensor w = Draw(10, 36);
        Tensor bias = Draw(36);
        Tensor[] parts =
        [
            .. Enumerable.Range(0, 3).Select(part => Run(
                "Gemm", [Reshaped(x, 6, 10), Columns(w, part * 12, 12), Columns(Reshaped(bias, 1, 36), part * 12, 12)], 1, domain: string.Empty)[0]),
        ];
        float[] apart = Run("MultiHeadAttention", [.. parts.Select(part => Reshaped(part, 2, 3, 12))], 1, [Made.Int("num_heads", 2)])[0].As<float>().ToArray();
        Assert.That(Run("Attention", [x, w, bias], 1, [Made.Int("num_heads", 2)])[0].As<float>().ToArray(), Is.EqualTo(apart));
    }

    [Test]
    public void A_cache_of_groups_gives_the_bits_of_the_whole_prompt([Values(-1, 2)] int window, [Values] bool sink)
    {
        const int Length = 9;
        Adversarial random = new(3);
        Tensor Draw(params ReadOnlySpan<long> extents) => random.Tensor(DType.F32, new Shape(extents), Adversarial.Mood.Tame);
        Tensor[] whole = [Draw(1, Length, 32), Draw(1, Length, 16), Draw(1, Length, 16)];
        Tensor cos = Draw(20, 4);
        Tensor sin = Draw(20, 4);
        Tensor? sinks = sink ? Draw(4) : null;
        AttributeProto[] attributes =
        [
            Made.Int("num_heads", 4), Made.Int("kv_num_heads", 2), Made.Int("do_rotary", 1), Made.Int("local_window_size", window), Made.Float("softcap", 3f),
        ];
        Tensor[] prompt = Run(
            "GroupQueryAttention", [.. whole, null, null, Index(Length - 1), Index(Length), cos, sin, null, null, sinks], 3, attributes);
        Tensor keys = Draw(1, 2, 0, 8);
        Tensor values = keys;
        List<float> steps = [];
        for (int position = 0; position < Length; position++)
        {
            Tensor[] step = Run(
                "GroupQueryAttention",
                [.. whole.Select(part => Rows(part, position, 1)), keys, values, Index(position), Index(position + 1), cos, sin, null, null, sinks],
                3,
                attributes);
            steps.AddRange(step[0].As<float>());
            (keys, values) = (step[1], step[2]);
        }

        Assert.That(steps, Is.EqualTo(prompt[0].As<float>().ToArray()));
        Assert.That(keys.As<float>().ToArray(), Is.EqualTo(prompt[1].As<float>().ToArray()));
        Assert.That(values.As<float>().ToArray(), Is.EqualTo(prompt[2].As<float>().ToArray()));
    }

    [Test]
    public void Sequences_of_other_lengths_do_not_reach_each_other()
    {
        Adversarial random = new(4);
        Tensor Draw(params ReadOnlySpan<long> extents) => random.Tensor(DType.F32, new Shape(extents), Adversarial.Mood.Tame);
        Tensor[] fresh = [Draw(2, 1, 32), Draw(2, 1, 16), Draw(2, 1, 16)];
        Tensor[] past = [Draw(2, 2, 6, 8), Draw(2, 2, 6, 8)];
        AttributeProto[] attributes = [Made.Int("num_heads", 4), Made.Int("kv_num_heads", 2)];
        Tensor both = Run(
            "GroupQueryAttention", [.. fresh, .. past, Tensor.Of<int>(DType.I32, new Shape(2), 6, 3), Index(7)], 3, attributes)[0];
        for (int row = 0; row < 2; row++)
        {
            int kept = row == 0 ? 6 : 3;
            Tensor?[] own =
            [
                .. fresh.Select(part => Reshaped(Rows(Reshaped(part, 1, 2, part.Type.Shape[2]), row, 1), 1, 1, part.Type.Shape[2])),
                .. past.Select(part => Cut(part, row, kept)),
                Index(kept),
                Index(kept + 1),
            ];
            Tensor alone = Run("GroupQueryAttention", own, 3, attributes)[0];
            Assert.That(alone.As<float>().ToArray(), Is.EqualTo(both.As<float>().Slice(row * 32, 32).ToArray()), $"row {row}");
        }
    }

    [Test]
    public void Attention_of_codes_is_that_of_what_they_are_projected_to([Values] bool isMasked, [Values] bool hasZeros)
    {
        const int Size = 10, Width = 12;
        Adversarial random = new(6);
        Tensor Draw(DType type, params ReadOnlySpan<long> extents) => random.Tensor(type, new Shape(extents), Adversarial.Mood.Tame);
        Tensor x = Draw(DType.U8, 2, 3, Size);
        Tensor w = Draw(DType.I8, Size, 3 * Width);
        Tensor bias = Draw(DType.F32, 3 * Width);
        Tensor? zeroX = hasZeros ? Code(117) : null;
        Tensor? zeroW = hasZeros ? Tensor.Of<sbyte>(DType.I8, Shape.Scalar, -3) : null;
        Tensor? mask = isMasked ? Tensor.Of(DType.I32, new Shape(2, 3), 1, 1, 0, 1, 0, 0) : null;
        Tensor[] parts =
        [
            .. Enumerable.Range(0, 3).Select(part => Run(
                "MatMulIntegerToFloat",
                [
                    x, Columns(w, part * Width, Width), One(0.01f), One(0.02f), zeroX, zeroW,
                    Reshaped(Columns(Reshaped(bias, 1, 3 * Width), part * Width, Width), Width),
                ],
                1)[0]),
        ];
        float[] expected = Run("MultiHeadAttention", [.. parts, null, mask], 1, [Made.Int("num_heads", 2)])[0].As<float>().ToArray();
        Tensor coded = Run("QAttention", [x, w, bias, One(0.01f), One(0.02f), mask, zeroX, zeroW], 1, [Made.Int("num_heads", 2)])[0];
        Assert.That(coded.As<float>().ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void A_convolution_may_end_in_a_clip()
    {
        Adversarial random = new(7);
        Tensor x = random.Tensor(DType.F32, new Shape(1, 2, 5, 5), Adversarial.Mood.Tame);
        Tensor w = random.Tensor(DType.F32, new Shape(3, 2, 3, 3), Adversarial.Mood.Tame);
        Tensor conv = Run("Conv", [x, w], 1, domain: string.Empty)[0];
        float[] sorted = [.. conv.As<float>().ToArray().Order()];
        (float least, float most) = (sorted[sorted.Length / 4], sorted[sorted.Length * 3 / 4]);
        float[] expected = Run("Clip", [conv, One(least), One(most)], 1, domain: string.Empty)[0].As<float>().ToArray();
        AttributeProto activation = Made.Text("activation", "Clip");
        Tensor y = Run("FusedConv", [x, w], 1, [activation, Made.Floats("activation_params", least, most)])[0];
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(expected));
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(3));
        Assert.That(
            () => Run("FusedConv", [x, w], 1, [activation, Made.Floats("activation_params", 0f)]),
            Throws.TypeOf<InvalidModelException>().With.Message.Contains("has 1 values"));
    }

    [Test]
    public void The_largest_codes_with_the_channels_last_are_those_with_them_after_the_batch()
    {
        Tensor x = new Adversarial(8).Tensor(DType.U8, new Shape(2, 7, 6, 3));
        AttributeProto[] attributes = [Made.Ints("kernel_shape", 3, 2), Made.Ints("strides", 2, 2), Made.Ints("pads", 1, 0, 1, 1), Made.Int("ceil_mode", 1)];
        Tensor first = Run("Transpose", [x], 1, [Made.Ints("perm", 0, 3, 1, 2)], domain: string.Empty)[0];
        Tensor pooled = Run("MaxPool", [first], 1, attributes, domain: string.Empty)[0];
        Tensor expected = Run("Transpose", [pooled], 1, [Made.Ints("perm", 0, 2, 3, 1)], domain: string.Empty)[0];
        Tensor y = Run("NhwcMaxPool", [x], 1, attributes)[0];
        Assert.That(y.Type, Is.EqualTo(expected.Type));
        Assert.That(y.As<byte>().ToArray(), Is.EqualTo(expected.As<byte>().ToArray()));
    }

    [Test]
    public void A_convolution_of_codes_may_have_the_channels_last([Values(1, 3)] int group)
    {
        Adversarial random = new(9);
        Tensor x = random.Tensor(DType.U8, new Shape(2, 7, 6, 3));
        Tensor w = random.Tensor(DType.I8, new Shape(6, 3 / group, 3, 2));
        Tensor scales = Tensor.Of<float>(DType.F32, new Shape(6), 0.01f, 0.02f, 0.03f, 0.04f, 0.05f, 0.06f);
        Tensor zeros = new(new TensorType(DType.I8, new Shape(6)), new byte[6]);
        AttributeProto[] attributes = [Made.Ints("strides", 2, 1), Made.Ints("pads", 1, 0, 1, 1), Made.Int("group", group)];
        Tensor?[] Operands(Tensor codes) => [codes, One(0.1f), Code(117), w, scales, zeros, One(0.7f), Code(100)];
        Tensor first = Run("Transpose", [x], 1, [Made.Ints("perm", 0, 3, 1, 2)], domain: string.Empty)[0];
        Tensor convolved = Run("QLinearConv", Operands(first), 1, attributes, domain: string.Empty)[0];
        Tensor expected = Run("Transpose", [convolved], 1, [Made.Ints("perm", 0, 2, 3, 1)], domain: string.Empty)[0];
        Tensor y = Run("QLinearConv", Operands(x), 1, [.. attributes, Made.Int("channels_last", 1)])[0];
        Assert.That(y.Type, Is.EqualTo(expected.Type));
        Assert.That(y.As<byte>().ToArray(), Is.EqualTo(expected.As<byte>().ToArray()));
        Assert.That(expected.As<byte>().ToArray().Distinct().Count(), Is.GreaterThan(9));
    }

    [Test]
    public void What_is_not_supported_is_refused()
    {
        Adversarial random = new(5);
        Tensor x = random.Tensor(DType.F32, new Shape(1, 2, 8), Adversarial.Mood.Tame);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Run("MultiHeadAttention", [x, x, x, null, Tensor.Of<int>(DType.I32, new Shape(5), 0, 0, 0, 0, 0)], 1, [Made.Int("num_heads", 2)]),
                Throws.TypeOf<UnsupportedModelException>().With.Message.Contains("a mask of shape"));
            Assert.That(
                () => Run("Attention", [x, x], 1, [Made.Int("num_heads", 2), Made.Int("do_rotary", 1)]),
                Throws.TypeOf<UnsupportedModelException>().With.Message.Contains("do_rotary"));
            Assert.That(
                () => Run("GroupQueryAttention", [x, x, x, null, null, Index(2), Index(2)], 1, [Made.Int("num_heads", 2), Made.Int("kv_num_heads", 2)]),
                Throws.TypeOf<InvalidModelException>().With.Message.Contains("seqlens_k (2)"));
        });
    }

    private static byte Near(float value) => (byte)Math.Clamp(Math.Round((double)value, MidpointRounding.ToEven), 0, 255);

    // The code at a bit of a row of bytes, the lowest bits first.
    private static int Packed(Tensor bytes, int at, int bits) => (bytes.As<byte>()[at / 8] >> (at % 8)) & ((1 << bits) - 1);

    private static Tensor One(float value) => Tensor.Of<float>(DType.F32, Shape.Scalar, value);

    private static Tensor Code(int value) => Tensor.Of<byte>(DType.U8, Shape.Scalar, (byte)value);

    private static Tensor Index(int value) => Tensor.Of<int>(DType.I32, new Shape(1), value);

    private static Tensor Reshaped(Tensor tensor, params ReadOnlySpan<long> extents) => new(tensor.Type with { Shape = new Shape(extents) }, tensor.Bytes);

    private static Tensor Columns(Tensor tensor, long start, long count) => Part(tensor, AffineView.Identity(tensor.Type.Shape).Slice(1, start, 1, count));

    private static Tensor Rows(Tensor tensor, long start, long count) => Columns(tensor, start, count);

    private static Tensor Cut(Tensor cache, long row, long kept)
        => Part(cache, AffineView.Identity(cache.Type.Shape).Slice(0, row, 1, 1).Slice(2, 0, 1, kept));

    private static Tensor Part(Tensor tensor, AffineView map)
    {
        byte[] bytes = new byte[new TensorType(tensor.Type.DType, map.Shape).Bytes];
        AffineCopy.Run(tensor.Bytes.Span, tensor.Type.DType.Size(), map, bytes);
        return new Tensor(tensor.Type with { Shape = map.Shape }, bytes);
    }

    private static Tensor[] Run(
        string op, Tensor?[] inputs, int outputs, AttributeProto[]? attributes = null, int[]? parameters = null, string domain = Domain)
    {
        string[] names = [.. inputs.Select((input, index) => input is null ? string.Empty : $"i{index}")];
        string[] results = [.. Enumerable.Range(0, outputs).Select(index => $"o{index}")];
        NodeProto node = Made.Node(op, names, results, attributes ?? []);
        node.Domain = domain;
        GraphProto graph = Made.Graph([], [.. results.Select(name => new ValueInfoProto { Name = name })], node);
        List<Tensor> given = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not Tensor input)
            {
                continue;
            }

            long[] extents = input.Type.Shape.Extents.ToArray();
            if (parameters is not null && parameters.Contains(i))
            {
                graph.Initializer.Add(Made.Raw(names[i], input.Type.DType, extents, input.Bytes.ToArray()));
                continue;
            }

            graph.Input.Add(Made.Value(names[i], input.Type.DType, extents));
            given.Add(input);
        }

        ModelProto model = Made.Model(graph, opset: 23);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        using CpuBackend backend = new(1);
        return [.. new Executor(OnnxModel.Parse(model.ToByteArray()).Specialize([.. given]), backend).Run([.. given])];
    }
}
