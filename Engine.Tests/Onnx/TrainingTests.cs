using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Losses, gradients, optimizers and random numbers against values by hand.</summary>
internal sealed class TrainingTests
{
    private const string Training = "ai.onnx.preview.training";

    private static readonly Tensor Scores = F32([2, 3], -1, -2, -4, -8, -16, -32);

    [TestCase("none", new[] { 4f, 32f }, TestName = "Loss_of_each")]
    [TestCase("sum", new[] { 36f }, TestName = "Loss_summed")]
    [TestCase("mean", new[] { 18f }, TestName = "Loss_on_average")]
    public void Loss_is_what_the_label_chooses(string reduction, float[] expected)
    {
        // −1 is the last class, 9 the nearest one.
        Assert.That(Loss(reduction, null, null, 2, -1), Is.EqualTo(expected));
        Assert.That(Loss(reduction, null, null, 2, 9), Is.EqualTo(expected));
    }

    [Test]
    public void Loss_weighs_classes_and_ignores_a_label() => Assert.Multiple(() =>
    {
        float[] weights = [1, 2, 4];
        Assert.That(Loss("none", weights, null, 2, 1), Is.EqualTo(F32([2], 16, 32).As<float>().ToArray()));
        Assert.That(Loss("mean", weights, null, 2, 1).Single(), Is.EqualTo(48f / 6f));
        Assert.That(Loss("mean", weights, 1, 2, 1).Single(), Is.EqualTo(4f));
        Assert.That(Loss("mean", null, -7, 0, -7).Single(), Is.EqualTo(1f));
        Assert.That(Loss("none", weights, 2, 2, 1), Is.EqualTo(F32([2], 0, 32).As<float>().ToArray()));
        Assert.That(Loss("mean", null, 2, 2, 2).Single(), Is.NaN, "of nothing");
    });

    [Test]
    public void Loss_of_an_image_chooses_at_each_place()
    {
        NodeProto node = Made.Node("NegativeLogLikelihoodLoss", ["i0", "i1"], ["y"], Made.Text("reduction", "none"));
        Tensor x = F32([2, 2, 3], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Tensor labels = Tensor.Of<int>(DType.I32, new Shape(2, 3), 0, 1, 0, 1, 1, 0);
        Assert.That(Run(node, 1, x, labels)[0].As<float>().ToArray(), Is.EqualTo(new float[] { 0, -4, -2, -9, -10, -8 }));
    }

    [Test]
    public void Mean_and_variance_are_normalised()
    {
        NodeProto node = Made.Node("MeanVarianceNormalization", ["i0"], ["y"], Made.Ints("axes", -1));
        Assert.That(Run(node, 1, F32([2, 2], 1, 3, 7, 3))[0].As<float>().ToArray(), Is.EqualTo(new float[] { -1, 1, 1, -1 }));
    }

    [TestCase("standard", 0L, -1.25f, 4.5f)]
    [TestCase("standard", 1L, -0.3125f, 2.625f)]
    [TestCase("nesterov", 1L, -0.90625f, 2.625f)]
    public void Momentum_moves_by_hand(string mode, long updates, float expectedX, float expectedV)
    {
        NodeProto node = Made.Node(
            "Momentum",
            ["i0", "i1", "i2", "i3", "i4"],
            ["y", "y1"],
            Made.Float("alpha", 0.5f),
            Made.Float("beta", 0.25f),
            Made.Float("norm_coefficient", 0.5f),
            Made.Text("mode", mode));
        node.Domain = Training;
        ImmutableArray<Tensor> results = Run(
            node, 2, F32([], 0.5f), Tensor.Of(DType.I64, Shape.Scalar, updates), F32([1], 1), F32([1], 2), F32([1], 4));
        Assert.That(results[0].As<float>()[0], Is.EqualTo(expectedX));
        Assert.That(results[1].As<float>()[0], Is.EqualTo(expectedV));
    }

    [Test]
    public void Gradient_of_a_product_and_of_what_is_repeated()
    {
        // y = Σ c∘(a·b), c repeated along rows: da = c·bᵀ, db = aᵀ·c, dc = Σ of rows of a·b.
        NodeProto[] nodes =
        [
            Made.Node("MatMul", ["i0", "i1"], ["p"]), Made.Node("Mul", ["p", "i2"], ["q"]), Made.Node("ReduceSum", ["q"], ["l"], Made.Int("keepdims", 0)),
            Gradient("l", "i0", "i1", "i2"),
        ];
        ImmutableArray<Tensor> results = Run(nodes, 3, F32([2, 2], 1, 2, 3, 4), F32([2, 3], 1, 0, -1, 2, 1, 0), F32([3], 1, 10, 100));
        Assert.Multiple(() =>
        {
            Assert.That(results[0].As<float>().ToArray(), Is.EqualTo(new float[] { -99, 12, -99, 12 }));
            Assert.That(results[1].As<float>().ToArray(), Is.EqualTo(new float[] { 4, 40, 400, 6, 60, 600 }));
            Assert.That(results[2].As<float>().ToArray(), Is.EqualTo(new float[] { 16, 6, -4 }));
        });
    }

    [Test]
    public void Gradient_goes_back_through_views()
    {
        // x[1::2] backwards times 1, 2; x transposed times k: each element's factor at its own place.
        NodeProto[] nodes =
        [
            Made.Node("Transpose", ["i0"], ["t"]), Made.Node("Slice", ["t", "i2", "i3", "i4", "i5"], ["s"]), Made.Node("Mul", ["s", "i1"], ["m"]),
            Made.Node("Concat", ["m", "m"], ["c"], Made.Int("axis", 0)), Made.Node("ReduceSum", ["c"], ["l"]),
            Gradient("l", "i0"),
        ];
        Tensor one = Tensor.Of<long>(DType.I64, new Shape(1), 3);
        ImmutableArray<Tensor> results = Run(
            nodes,
            1,
            F32([2, 4], 1, 1, 1, 1, 1, 1, 1, 1),
            F32([2, 2], 1, 2, 3, 4),
            one,
            Tensor.Of<long>(DType.I64, new Shape(1), -9),
            Tensor.Of<long>(DType.I64, new Shape(1), 0),
            Tensor.Of<long>(DType.I64, new Shape(1), -2));
        Assert.That(results[0].As<float>().ToArray(), Is.EqualTo(new float[] { 0, 6, 0, 2, 0, 8, 0, 4 }));
    }

    [Test]
    public void Gradient_is_taken_where_the_operands_say()
    {
        // y = x·x + z at x = 5 in place of 3; a value that is not needed by y has the gradient 0.
        NodeProto gradient = Made.Node(
            "Gradient", ["i1", "i2", "i3"], ["y", "y1"], Made.Texts("xs", "i0", "i3"), Made.Texts("zs", "i2"), Made.Text("y", "l"));
        gradient.Domain = Training;
        gradient.Input.Clear();
        gradient.Input.Add(["i1", "i3", "i2"]);
        NodeProto[] nodes = [Made.Node("Mul", ["i0", "i0"], ["s"]), Made.Node("Add", ["s", "i2"], ["l"]), gradient];
        ImmutableArray<Tensor> results = Run(nodes, 2, F32([1], 3), F32([1], 5), F32([1], 7), F32([1], 9));
        Assert.That((results[0].As<float>()[0], results[1].As<float>()[0]), Is.EqualTo((10f, 0f)));
    }

    [TestCase("Relu", 3f, 1f)]
    [TestCase("Relu", -3f, 0f)]
    [TestCase("Abs", -3f, -1f)]
    [TestCase("Neg", 3f, -1f)]
    [TestCase("Exp", 0f, 1f)]
    [TestCase("Log", 4f, 0.25f)]
    [TestCase("Sqrt", 4f, 0.25f)]
    [TestCase("Reciprocal", 2f, -0.25f)]
    [TestCase("Sigmoid", 0f, 0.25f)]
    [TestCase("Tanh", 0f, 1f)]
    [TestCase("Softplus", 0f, 0.5f)]
    [TestCase("Sin", 0f, 1f)]
    [TestCase("Cos", 0f, 0f)]
    [TestCase("Atan", 1f, 0.5f)]
    [TestCase("ReduceMean", 5f, 1f)]
    [TestCase("ReduceSumSquare", 3f, 6f)]
    [TestCase("ReduceL2", -3f, -1f)]
    [TestCase("Softmax", 3f, 0f)]
    [TestCase("Identity", 3f, 1f)]
    [TestCase("Floor", 3f, 0f)]
    public void Derivative_of_one_operator(string op, float x, float expected)
        => Assert.That(Run([Made.Node(op, ["i0"], ["l"]), Gradient("l", "i0")], 1, F32([1], x))[0].As<float>()[0], Is.EqualTo(expected));

    [Test]
    public void What_has_no_derivative_is_named()
        => Assert.That(
            () => Run([Made.Node("Gather", ["i0", "i1"], ["l"]), Gradient("l", "i0")], 1, F32([3], 1, 2, 3), Tensor.Of<long>(DType.I64, new Shape(1), 0)),
            Throws.TypeOf<UnsupportedModelException>().With.Message.Contains("'n_l' (Gather) has no derivative here"));

    [TestCase(DType.F32, 0.25f)]
    [TestCase(DType.F16, 0.25f)]
    [TestCase(DType.F64, 0f)]
    [TestCase(DType.F32, 1f)]
    public void Dropout_keeps_by_the_word_of_the_element(DType type, float ratio)
    {
        const int count = 100;
        NodeProto node = Made.Node("Dropout", ["i0", "i1", "i2"], ["y", "y1"], Made.Int("seed", -5));
        Tensor x = ReferenceBackend.Evaluate(new Engine.Ops.Cast(type), F32([count], [.. Enumerable.Repeat(3f, count)]))[0];
        ImmutableArray<Tensor> results = Run(node, 2, x, F32([], ratio), Tensor.Of<byte>(DType.Bool, Shape.Scalar, 1));
        float[] y = ReferenceBackend.Evaluate(new Engine.Ops.Cast(DType.F32), results[0])[0].As<float>().ToArray();
        Philox random = new(unchecked((ulong)-5L), Philox.Stream("y"), 0);
        bool[] kept = [.. Enumerable.Range(0, count).Select(i => random.Word(i) >= (ulong)(ratio * 4294967296.0))];
        Assert.That(results[1].As<byte>().ToArray(), Is.EqualTo(kept.Select(keep => keep ? (byte)1 : (byte)0)));
        Assert.That(y, Is.EqualTo(kept.Select(keep => keep ? 3f * (1f / (1f - ratio)) : 0f)));
        Assert.That(kept.Count(keep => keep), ratio == 0.25f ? Is.InRange(60, 90) : Is.EqualTo(ratio == 0 ? count : 0));
    }

    [Test]
    public void Uniform_and_normal_numbers_are_made_of_words()
    {
        uint seed = BitConverter.SingleToUInt32Bits(2.5f);
        Philox random = new(seed, Philox.Stream("y"), 0);
        NodeProto uniform = Made.Node(
            "RandomUniform", [], ["y"], Made.Ints("shape", 3, 5), Made.Float("low", -1), Made.Float("high", 3), Made.Float("seed", 2.5f));
        Assert.That(Run(uniform, 1)[0].As<float>().ToArray(), Is.EqualTo(Enumerable.Range(0, 15).Select(i => (random.Uniform(i) * 4f) + -1f)));
        NodeProto normal = Made.Node("RandomNormalLike", ["i0"], ["y"], Made.Float("scale", 2), Made.Float("mean", 1), Made.Float("seed", 2.5f));
        float[] expected = [.. Enumerable.Range(0, 7).Select(i =>
        {
            float radius = Functions.Sqrt(Functions.Log(((random.Word(i) >> 8) + 1) / 16777216f) * -2f);
            return ((radius * Functions.Cos(random.Uniform(7 + i) * 6.2831853071795865f)) * 2f) + 1f;
        })];
        Assert.That(Run(normal, 1, F32([7], new float[7]))[0].As<float>().ToArray(), Is.EqualTo(expected));
        NodeProto wide = Made.Node("RandomUniform", [], ["y"], Made.Ints("shape", 4), Made.Int("dtype", (long)DType.F64), Made.Float("seed", 2.5f));
        double[] fine = [.. Enumerable.Range(0, 4).Select(i => (((random.Word(2 * i) >> 5) * 67108864.0) + (random.Word((2 * i) + 1) >> 6)) / (1L << 53))];
        Assert.That(Run(wide, 1)[0].As<double>().ToArray(), Is.EqualTo(fine));
    }

    [Test]
    public void Nodes_with_one_seed_draw_different_numbers()
    {
        NodeProto[] nodes = [Made.Node("RandomUniform", [], ["y"], Made.Ints("shape", 8)), Made.Node("RandomUniform", [], ["y1"], Made.Ints("shape", 8))];
        ImmutableArray<Tensor> results = Run(nodes, 2);
        Assert.That(results[0].As<float>().ToArray(), Is.Not.EqualTo(results[1].As<float>().ToArray()));
        Assert.That(Run(nodes, 2)[0].As<float>().ToArray(), Is.EqualTo(results[0].As<float>().ToArray()));
    }

    [Test]
    public void Chances_of_0_and_1_are_certain()
    {
        NodeProto node = Made.Node("Bernoulli", ["i0"], ["y"], Made.Int("dtype", (long)DType.I32));
        Assert.That(string.Join(' ', Run(node, 1, F32([5], 0, 1, -1, 2, float.NaN))[0].As<int>().ToArray()), Is.EqualTo("0 1 0 1 0"));
    }

    [Test]
    public void Classes_are_drawn_by_running_sums()
    {
        const int samples = 50;
        float[] scores = [0.5f, -1, 2, 0.25f, float.NegativeInfinity, -1, float.NegativeInfinity, float.NegativeInfinity];
        NodeProto node = Made.Node("Multinomial", ["i0"], ["y"], Made.Int("sample_size", samples), Made.Int("dtype", (long)DType.I64), Made.Float("seed", 1));
        long[] drawn = Run(node, 1, F32([2, 4], scores))[0].As<long>().ToArray();
        Philox random = new(BitConverter.SingleToUInt32Bits(1), Philox.Stream("y"), 0);
        for (int row = 0; row < 2; row++)
        {
            float largest = scores[(row * 4)..((row + 1) * 4)].Max();
            ulong[] weights = [.. scores[(row * 4)..((row + 1) * 4)].Select(score => (ulong)(Functions.Exp(score - largest) * (double)(1L << 40)))];
            for (int sample = 0; sample < samples; sample++)
            {
                long element = (row * samples) + sample;
                UInt128 bits = random.Word(element) + ((UInt128)random.Word(element + (2 * samples)) << 32);
                ulong place = (ulong)((bits * weights.Aggregate(0UL, (a, b) => a + b)) >> 64);
                int chosen = Enumerable.Range(0, 4).First(i => weights[..(i + 1)].Aggregate(0UL, (a, b) => a + b) > place);
                Assert.That(drawn[element], Is.EqualTo(chosen));
            }
        }

        Assert.That(drawn[..samples].Distinct().Count(), Is.GreaterThan(2));
        Assert.That(drawn[samples..], Is.All.EqualTo(1L));
    }

    private static float[] Loss(string reduction, float[]? weights, long? ignored, params long[] labels)
    {
        List<AttributeProto> attributes = [Made.Text("reduction", reduction)];
        if (ignored is long label)
        {
            attributes.Add(Made.Int("ignore_index", label));
        }

        List<Tensor> operands = [Scores, Tensor.Of(DType.I64, new Shape(2), labels.AsSpan())];
        if (weights is not null)
        {
            operands.Add(F32([3], weights));
        }

        NodeProto node = Made.Node("NegativeLogLikelihoodLoss", [.. operands.Select((_, i) => $"i{i}")], ["y"], [.. attributes]);
        return Run(node, 1, [.. operands])[0].As<float>().ToArray();
    }

    private static NodeProto Gradient(string y, params string[] xs)
    {
        NodeProto node = Made.Node(
            "Gradient", xs, [.. xs.Select((_, i) => i == 0 ? "y" : $"y{i}")], Made.Texts("xs", xs), Made.Text("y", y));
        node.Domain = Training;
        return node;
    }

    private static ImmutableArray<Tensor> Run(NodeProto node, int results, params Tensor[] operands) => Run([node], results, operands);

    private static ImmutableArray<Tensor> Run(NodeProto[] nodes, int results, params Tensor[] operands)
    {
        GraphProto proto = Made.Graph(
            [.. operands.Select((operand, i) => Made.Value($"i{i}", operand.Type.DType, operand.Type.Shape.Extents.ToArray()))],
            [.. Enumerable.Range(0, results).Select(i => new ValueInfoProto { Name = i == 0 ? "y" : $"y{i}" })],
            nodes);
        ModelProto model = Made.Model(proto);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Training, Version = 1 });
        Graph graph = OnnxModel.Parse(model.ToByteArray()).Specialize([.. operands]);
        return new Executor(graph, new ReferenceBackend()).Run([.. operands]);
    }

    private static Tensor F32(long[] extents, params float[] elements)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        return Tensor.Canonical(type, Tensor.Of(DType.F32, type.Shape, elements.AsSpan()).Bytes.ToArray());
    }
}
