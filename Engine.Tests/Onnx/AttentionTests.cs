using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Attention to the bit: against loops that say the same, and against itself in other cuts.</summary>
internal sealed class AttentionTests
{
    private const int Size = 16;

    private static readonly int[] Seeds = [1, 2, 3];

    [Test]
    public void Causal_attention_is_its_loops([ValueSource(nameof(Seeds))] int seed)
    {
        Adversarial random = new((ulong)seed);
        Tensor q = Draw(random, 2, 4, 5, Size);
        Tensor k = Draw(random, 2, 2, 7, Size);
        Tensor v = Draw(random, 2, 2, 7, 9);
        Tensor y = Run([q, k, v], ["y"], Made.Int("is_causal", 1), Made.Float("softcap", 1.5f))[0];
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(Loops(q, k, v, 0, 1.5f)));
    }

    [Test]
    public void Prompts_steps_and_batches_give_the_same_bits([ValueSource(nameof(Seeds))] int seed)
    {
        const int Length = 40;
        Adversarial random = new((ulong)seed);
        Tensor q = Draw(random, 3, 4, Length, Size);
        Tensor k = Draw(random, 3, 2, Length, Size);
        Tensor v = Draw(random, 3, 2, Length, Size);
        float[] whole = Run([q, k, v], ["y"], Made.Int("is_causal", 1))[0].As<float>().ToArray();
        for (int start = 0; start < Length; start += 13)
        {
            int count = Math.Min(13, Length - start);
            for (int row = 0; row < 3; row++)
            {
                Tensor[] inputs =
                [
                    Part(q, row, start, count), Part(k, row, start, count), Part(v, row, start, count), Part(k, row, 0, start), Part(v, row, 0, start),
                ];
                Tensor[] outputs = Run([inputs[0], inputs[1], inputs[2], null, inputs[3], inputs[4]], ["y", "k", "v"], Made.Int("is_causal", 1));
                Tensor all = Tensor.Of<float>(DType.F32, q.Type.Shape, whole);
                Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo(Part(all, row, start, count).As<float>().ToArray()));
                Assert.That(outputs[1].As<float>().ToArray(), Is.EqualTo(Part(k, row, 0, start + count).As<float>().ToArray()));
            }
        }
    }

    [Test]
    public void A_padded_cache_gives_the_bits_of_its_prefix([ValueSource(nameof(Seeds))] int seed)
    {
        Adversarial random = new((ulong)seed);
        Tensor q = Draw(random, 2, 2, 3, Size);
        Tensor k = Draw(random, 2, 2, 11, Size);
        Tensor v = Draw(random, 2, 2, 11, Size);
        Tensor lengths = Tensor.Of<long>(DType.I64, new Shape(2), 8, 5);
        float[] padded = Run([q, k, v, null, null, null, lengths], ["y"], Made.Int("is_causal", 1))[0].As<float>().ToArray();
        for (int row = 0; row < 2; row++)
        {
            int length = row == 0 ? 8 : 5;
            Tensor past = Part(k, row, 0, length - 3);
            Tensor[] alone = Run(
                [Part(q, row, 0, 3), Part(k, row, length - 3, 3), Part(v, row, length - 3, 3), null, past, Part(v, row, 0, length - 3)],
                ["y", "k", "v"],
                Made.Int("is_causal", 1));
            Assert.That(alone[0].As<float>().ToArray(), Is.EqualTo(padded[(row * 96)..((row + 1) * 96)]));
        }
    }

    [Test]
    public void A_row_that_sees_nothing_is_zero_and_no_other_is()
    {
        Adversarial random = new(5);
        Tensor q = Draw(random, 1, 1, 2, Size);
        Tensor k = Draw(random, 1, 1, 3, Size);
        Tensor v = Draw(random, 1, 1, 3, Size);
        Tensor truth = Tensor.Of<byte>(DType.Bool, new Shape(2, 3), 0, 0, 0, 0, 1, 0);
        const float None = float.NegativeInfinity;
        Tensor added = Tensor.Of(DType.F32, new Shape(2, 3), None, None, None, None, 0f, None);
        foreach (Tensor mask in (Tensor[])[truth, added])
        {
            Tensor[] outputs = Run([q, k, v, mask], ["y", "k", "v", "p"], Made.Int("qk_matmul_output_mode", 3));
            Assert.That(outputs[3].As<float>().ToArray(), Is.EqualTo([0f, 0f, 0f, 0f, 1f, 0f]));
            Assert.That(outputs[0].As<float>()[..Size].ToArray(), Is.All.EqualTo(0f));
            Assert.That(outputs[0].As<float>()[Size..].ToArray(), Is.EqualTo(v.As<float>()[Size..(2 * Size)].ToArray()));
        }
    }

    [Test]
    public void A_short_mask_ends_with_hidden_keys()
    {
        Adversarial random = new(6);
        Tensor q = Draw(random, 1, 2, 3, Size);
        Tensor k = Draw(random, 1, 2, 5, Size);
        Tensor v = Draw(random, 1, 2, 5, Size);
        Tensor mask = Tensor.Of<byte>(DType.Bool, new Shape(3, 2), 1, 0, 1, 1, 0, 1);
        Tensor whole = Tensor.Of<byte>(DType.Bool, new Shape(3, 5), 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0);
        Assert.That(
            Run([q, k, v, mask], ["y"])[0].As<float>().ToArray(), Is.EqualTo(Run([q, k, v, whole], ["y"])[0].As<float>().ToArray()));
    }

    [Test]
    public void Long_causal_attention_can_be_checked()
    {
        const int Keys = 8192;
        OnnxModel model = Model(
            [new(DType.F32, new Shape(1, 2, Keys, 128)), new(DType.F32, new Shape(1, 1, Keys, 128)), new(DType.F32, new Shape(1, 1, Keys, 128))],
            ["y"],
            Made.Int("is_causal", 1));
        Graph graph = model.Specialize(
            Zeros(1, 2, Keys, 128), Zeros(1, 1, Keys, 128), Zeros(1, 1, Keys, 128));
        foreach (Policy policy in Enum.GetValues<Policy>())
        {
            CommittedGraph committed = Lowerer.Lower(graph, policy).Committed;
            CheckCost[] costs =
            [
                .. committed.Records.SelectMany((record, node) => Enumerable.Range(0, record.Outputs.Length)
                    .Where(slot => record.Outputs[slot].Resolution == Resolution.Committed)
                    .Select(slot => committed.CostOf(node, slot))),
            ];
            TestContext.Out.WriteLine($"{policy}: {costs.Max(cost => cost.Leaves)} leaves, {costs.Max(cost => cost.Operations)} operations");
            Assert.That(costs.Select(cost => cost.IsWithinLimits), Has.All.True);
            Assert.That(costs.Max(cost => cost.Leaves), Is.LessThan(200));
        }
    }

    [Test]
    public void Every_element_is_checked_within_its_bound([Values] Policy policy)
    {
        Adversarial random = new(8);
        ImmutableArray<Tensor> inputs =
        [
            Draw(random, 2, 4, 3, Size), Draw(random, 2, 2, 5, Size), Draw(random, 2, 2, 5, Size), random.Tensor(DType.Bool, new Shape(3, 5)),
            Tensor.Of<long>(DType.I64, new Shape(2), 5, 4),
        ];
        OnnxModel model = Model(
            [inputs[0].Type, inputs[1].Type, inputs[2].Type, inputs[3].Type, null, null, inputs[4].Type],
            ["y", "k", "v", "p"],
            Made.Int("is_causal", 1),
            Made.Float("softcap", 2f),
            Made.Int("qk_matmul_output_mode", 3));
        Scene scene = Scene.Of(model.Specialize(inputs), inputs, policy, Suite.Sha256, samples: 1);
        CommittedGraph committed = scene.Statement.Graph;
        for (UInt128 position = 0; position < committed.Elements; position += 7)
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
    public void Misfits_are_refused()
    {
        Adversarial random = new(7);
        Tensor q = Draw(random, 1, 3, 2, Size);
        Tensor k = Draw(random, 1, 2, 2, Size);
        Assert.Multiple(() =>
        {
            Assert.That(() => Run([q, k, k], ["y"]), Throws.TypeOf<InvalidModelException>().With.Message.Contains("do not fit"));
            Assert.That(
                () => Run([k, k, k], ["y"], Made.Int("softmax_precision", (long)DType.I32)),
                Throws.TypeOf<InvalidModelException>().With.Message.Contains("softmax_precision"));
            Assert.That(
                () => Run([k, k, k], ["y"], Made.Int("qk_matmul_output_mode", 4)),
                Throws.TypeOf<InvalidModelException>().With.Message.Contains("qk_matmul_output_mode"));
        });
    }

    // The documented steps one after the other, without the engine's ops: heads of keys are shared by pairs of query heads.
    private static float[] Loops(Tensor q, Tensor k, Tensor v, int past, float cap)
    {
        (int batch, int heads, int rows) = ((int)q.Type.Shape[0], (int)q.Type.Shape[1], (int)q.Type.Shape[2]);
        (int groups, int keys, int width) = ((int)k.Type.Shape[1], (int)k.Type.Shape[2], (int)v.Type.Shape[3]);
        float root = Functions.Sqrt(1f / Functions.Sqrt((float)Size));
        List<float> results = [];
        for (int index = 0; index < batch * heads * rows; index++)
        {
            int head = index / rows;
            int group = (head / heads * groups) + (head % heads / (heads / groups));
            int visible = Math.Min(keys, (index % rows) + past + 1);
            float[] scores = new float[visible];
            for (int key = 0; key < visible; key++)
            {
                float dot = 0;
                for (int i = 0; i < Size; i++)
                {
                    float a = q.As<float>()[(index * Size) + i] * root;
                    float b = k.As<float>()[(((group * keys) + key) * Size) + i] * root;
                    dot = float.FusedMultiplyAdd(a, b, dot);
                }

                scores[key] = Functions.Tanh((dot + 0f) / cap) * cap;
            }

            float most = scores.Max();
            float[] powers = [.. scores.Select(score => Functions.Exp(score - most))];
            float total = Engine.Numerics.Folds.Sum<float>(visible, (start, terms) => powers.AsSpan((int)start, terms.Length).CopyTo(terms));
            for (int i = 0; i < width; i++)
            {
                float sum = 0;
                for (int key = 0; key < visible; key++)
                {
                    sum = float.FusedMultiplyAdd(powers[key] / total, v.As<float>()[(((group * keys) + key) * width) + i], sum);
                }

                results.Add(sum);
            }
        }

        return [.. results];
    }

    private static Tensor Draw(Adversarial random, params ReadOnlySpan<long> extents)
        => random.Tensor(DType.F32, new Shape(extents), Adversarial.Mood.Tame);

    private static Tensor Zeros(params ReadOnlySpan<long> extents)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        return new Tensor(type, new byte[type.Bytes]);
    }

    // Positions of one sequence of [batch, heads, positions, size].
    private static Tensor Part(Tensor whole, long row, long start, long count)
    {
        AffineView map = AffineView.Identity(whole.Type.Shape).Slice(0, row, 1, 1).Slice(2, start, 1, count);
        return ReferenceBackend.Evaluate(Engine.Ops.Copy.Instance, ReferenceBackend.Evaluate(new Engine.Ops.View(map), whole)[0])[0];
    }

    private static Tensor[] Run(Tensor?[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        ImmutableArray<Tensor> given = [.. inputs.OfType<Tensor>()];
        Graph graph = Model([.. inputs.Select(input => input?.Type)], outputs, attributes).Specialize(given);
        using CpuBackend backend = new(1);
        return [.. new Executor(graph, backend).Run(given)];
    }

    private static OnnxModel Model(TensorType?[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        string[] names = [.. inputs.Select((input, index) => input is null ? string.Empty : $"i{index}")];
        ValueInfoProto[] declared =
        [
            .. inputs.Select((input, index) => input is TensorType type ? Made.Value(names[index], type.DType, type.Shape.Extents.ToArray()) : null)
                .OfType<ValueInfoProto>(),
        ];
        GraphProto graph = Made.Graph(
            declared, [.. outputs.Select(name => new ValueInfoProto { Name = name })], Made.Node("Attention", names, outputs, attributes));
        return OnnxModel.Parse(Made.Model(graph, opset: 24).ToByteArray());
    }
}
