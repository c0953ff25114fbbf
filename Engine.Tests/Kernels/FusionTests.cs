using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>What runs together gives the bytes that it gives apart: of every output, and of every value that somebody looks at.</summary>
[Category("simd")]
internal sealed class FusionTests
{
    private static readonly ImmutableArray<CpuBackend> Backends =
    [
        .. Enum.GetValues<SimdLevel>().SelectMany(level => Enumerable.Range(1, 3).Select(threads => new CpuBackend(threads, level))),
    ];

    [Test]
    public void Any_graph_of_elementwise_ops_and_products()
        => Law.Holds(Gen.Choose(0, int.MaxValue), seed => Check(seed, Mixed(seed)), 300);

    [Test]
    public void Any_graph_of_other_ops()
        => Law.Holds(Gen.Choose(0, int.MaxValue), seed => Check(seed, RandomGraphs.Make(seed, 40)), 150);

    [Test]
    public void Any_attention()
        => Law.Holds(Gen.Choose(0, int.MaxValue), seed => Check(seed, Attention(seed)), 150);

    [Test]
    public void Scores_are_not_stored()
    {
        GraphBuilder builder = new();
        Adversarial random = new(2);
        ValueRef q = builder.Input("q", new TensorType(DType.F32, new Shape(3, 64, 8)));
        ValueRef weights = builder.Add("softmax", new Softmax(false), builder.Add("scores", Dot.Plain, q, Parameter(builder, random, new Shape(3, 50, 8))));
        ValueRef sum = builder.Add("sum", Dot.Plain, weights, Parameter(builder, random, new Shape(3, 8, 50)));
        using CpuBackend backend = new(2);
        Plan plan = new Executor(builder.Build(new GraphOutput("sum", sum)), backend).Plan;
        Assert.That(plan.ActivationBytes, Is.EqualTo(3 * 64 * 8 * 4));
    }

    [Test]
    public void What_only_a_chain_reads_is_not_stored()
    {
        GraphBuilder builder = new();
        Reduce rows = new(Reduction.Sum, 1);
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(64, 32)));
        ValueRef w = builder.Parameter("w", new Adversarial(1).Tensor(DType.F32, new Shape(48, 32)));
        ValueRef y = builder.Add("product", Dot.Plain, x, w);
        y = builder.Add("relu", Relu.Instance, y);
        y = builder.Add("exp", Exp.Instance, y);
        Graph graph = builder.Build(new GraphOutput("sum", builder.Add("sum", rows, y)));
        using CpuBackend backend = new(1);
        Plan plan = new Executor(graph, backend).Plan;
        Assert.Multiple(() =>
        {
            Assert.That(plan.Places.Take(3).Select(place => place[0]), Is.EqualTo(new[] { Plan.IsHidden, Plan.IsHidden, 0 }));
            Assert.That(plan.ActivationBytes, Is.EqualTo((64 * 48 * 4) + (64 * 4)));
        });
    }

    [Test]
    public void What_is_made_of_parameters_is_counted_and_is_little_work([Values] bool product)
    {
        GraphBuilder builder = new();
        Adversarial random = new(3);
        Shape shape = new(1024, 1024);
        ValueRef a = Parameter(builder, random, shape);
        ValueRef constant = product
            ? builder.Add("product", Dot.Plain, a, Parameter(builder, random, shape))
            : builder.Add("neg", Neg.Instance, a);
        ValueRef y = builder.Add("y", Add.Instance, builder.Input("x", new TensorType(DType.F32, shape)), constant);
        using CpuBackend backend = new(1);
        Executor executor = new(builder.Build(new GraphOutput("y", y)), backend);
        Assert.That(backend.PackedBytes, Is.EqualTo(product ? 0 : shape.Elements * sizeof(float)));
        GC.KeepAlive(executor);
    }

    [Test]
    public void Products_of_codes_and_what_follows_them()
        => Law.Holds(Gen.Choose(0, int.MaxValue), seed => Check(seed, OfCodes(seed)), 150);

    // The last op reads what the product reads: it may not write over it while another piece of the product still reads it.
    [Test]
    public void What_a_product_reads_lasts_as_long_as_the_product([Values("add", "gate", "convolution")] string form)
    {
        bool convolution = form == "convolution";
        Adversarial random = new(7);
        GraphBuilder builder = new();
        Shape shape = convolution ? new Shape(1, 16, 64, 64) : new Shape(1024, 256);
        Tensor input = random.Tensor(DType.F32, shape, Adversarial.Mood.Tame);
        ValueRef x = builder.Add("x", Neg.Instance, builder.Input("input", input.Type));
        ValueRef w = Parameter(builder, random, convolution ? new Shape(16, 16, 3, 3) : new Shape(256, 256));
        Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [64, 64]);
        ValueRef product = builder.Add("product", convolution ? new Conv(window, 1) : Dot.Plain, x, w);
        ValueRef y = form == "gate"
            ? builder.Add("y", Mul.Instance, x, builder.Add("sigmoid", Sigmoid.Instance, product))
            : builder.Add("y", Add.Instance, x, product);
        Graph graph = builder.Build(new GraphOutput("sum", builder.Add("sum", new Reduce(Reduction.Max, 1), y)), new GraphOutput("product", product));
        using ReferenceBackend reference = new();
        Dictionary<ValueRef, byte[]> expected = [];
        new Executor(graph, reference).Run([input], (value, tensor) => expected.Add(value, tensor.Bytes.ToArray()), null, CancellationToken.None);
        foreach (CpuBackend backend in Backends)
        {
            new Executor(graph, backend, expected.Keys.ToHashSet()).Run(
                [input],
                (value, tensor) => Assert.That(
                    tensor.Bytes.Span.SequenceEqual(expected[value]), Is.True, () => $"{value} at {backend.Level}, {backend.Threads} threads"),
                null,
                CancellationToken.None,
                expected.Keys.ToHashSet());
        }
    }

    // A product or convolution of codes, as int32 or as codes, and a chain behind it that ends in reals, int32 or codes.
    internal static (Graph Graph, ImmutableArray<Tensor> Inputs) OfCodes(int seed)
    {
        Adversarial random = new((ulong)seed ^ 0xC0DE);
        GraphBuilder builder = new();
        ValueRef Parameter(DType type, Shape of) => builder.Parameter($"p{random.Word()}", random.Tensor(type, of, Adversarial.Mood.Tame));
        ValueRef Scale(Shape of) => builder.Expand("scale", builder.Parameter($"s{random.Word()}", Tensor.Of<float>(
            DType.F32, Shape.Scalar, random.Of(0.5f, 0.25f, 0.013f))), of);
        DType codes = random.Of(DType.U8, DType.I8);
        bool convolution = random.Below(2) == 0;
        bool coded = random.Below(2) == 0;
        int channels = random.Of(1, 3, 17, 40);
        Shape shape = convolution ? new Shape(1 + random.Below(2), channels, 5, 9) : new Shape(random.Of(1, 5, 130), channels);
        Tensor input = random.Tensor(codes, shape, Adversarial.Mood.Tame);
        ValueRef x = builder.Input("x", input.Type);
        int outputs = random.Of(1, 16, 37);
        ValueRef w = Parameter(random.Of(DType.U8, DType.I8), convolution ? new Shape(outputs, channels, 3, 3) : new Shape(outputs, channels));
        ValueRef zerosW = Parameter(builder.TypeOf(w).DType, new Shape(outputs));
        ValueRef zeroX = Parameter(codes, convolution ? Shape.Scalar : new Shape(shape[0]));
        ValueRef zeroY = Parameter(codes, Shape.Scalar);
        Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [5, 9]);
        Shape row = new(outputs);
        ValueRef y = (convolution, coded) switch
        {
            (true, true) => builder.Add(
                "conv", new QLinearConv(window, 1), x, Scale(Shape.Scalar), zeroX, w, Scale(row), zerosW, Scale(Shape.Scalar), zeroY),
            (true, false) => builder.Add("conv", new ConvInteger(window, 1), x, w, zeroX, zerosW),
            (false, true) => builder.Add(
                "dot", QLinearDot.Instance, x, Scale(new Shape(shape[0])), zeroX, w, Scale(row), zerosW, Scale(Shape.Scalar), zeroY),
            _ => builder.Add("dot", DotInteger.Instance, x, w, zeroX, zerosW),
        };
        Shape of = builder.TypeOf(y).Shape;
        ValueRef Zero() => builder.Expand("zero", zeroY, of);
        y = coded ? builder.Add("real", DequantizeLinear.Instance, y, Scale(of), Zero()) : builder.Add("real", new Cast(DType.F32), y);
        y = builder.Add("mul", Mul.Instance, y, Scale(of));
        y = random.Below(2) == 0 ? y : builder.Add("relu", Relu.Instance, y);
        y = random.Below(3) == 0 ? y : builder.Add("codes", QuantizeLinear.Instance, y, Scale(of), Zero());
        return (builder.Build(new GraphOutput("y", y)), [input]);
    }

    /// <summary>Compares all outputs and what is visible with the reference, on some backends.</summary>
    internal static bool Check(int seed, (Graph Graph, ImmutableArray<Tensor> Inputs) made) => Check(seed, made, random =>
    {
        CpuBackend backend = random.Of([.. Backends]);
        return (backend, $"{backend.Level}, {backend.Threads} threads");
    });

    /// <summary>Compares all outputs and what is visible with the reference, three times, with other values visible each time.</summary>
    internal static bool Check(
        int seed, (Graph Graph, ImmutableArray<Tensor> Inputs) made, Func<Adversarial, (IBackend Backend, string Words)> choose)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = made;
        using ReferenceBackend reference = new();
        Dictionary<ValueRef, byte[]> expected = [];
        ImmutableArray<Tensor> outputs = new Executor(graph, reference).Run(
            inputs, (value, tensor) => expected.Add(value, tensor.Bytes.ToArray()), null, CancellationToken.None);
        Adversarial random = new((ulong)seed);
        for (int turn = 0; turn < 3; turn++)
        {
            (IBackend backend, string words) = choose(random);
            int share = random.Of(0, 20, 60, 100);
            HashSet<ValueRef> visible = [.. expected.Keys.Where(_ => random.Below(100) < share)];
            Executor executor = new(graph, backend, visible);
            string Case() => $"seed {seed} at {words}, {share} % visible";
            for (int run = 0; run < 2; run++)
            {
                List<ValueRef> seen = [];
                ImmutableArray<Tensor> got = executor.Run(
                    inputs,
                    (value, tensor) =>
                    {
                        seen.Add(value);
                        Assert.That(tensor.Bytes.Span.SequenceEqual(expected[value]), Is.True, () => $"{value} {graph.Nodes[value.Index]} of {Case()}");
                    },
                    null,
                    CancellationToken.None,
                    visible);
                Assert.That(seen, Is.EqualTo(visible.OrderBy(value => value.Index).ThenBy(value => value.Slot)), Case);
                Assert.That(got, Has.Length.EqualTo(outputs.Length), Case);
                for (int i = 0; i < got.Length; i++)
                {
                    Assert.That(got[i].Bytes.Span.SequenceEqual(outputs[i].Bytes.Span), Is.True, () => $"output {i} of {Case()}");
                }
            }
        }

        return true;
    }

    // Scores of queries and keys, some elementwise ops, softmax, weighted values; sometimes somebody else reads what is between.
    internal static (Graph Graph, ImmutableArray<Tensor> Inputs) Attention(int seed)
    {
        Adversarial random = new((ulong)seed ^ 0xA77);
        GraphBuilder builder = new();
        Adversarial.Mood mood = random.Of(Adversarial.Mood.Tame, Adversarial.Mood.Ties, Adversarial.Mood.Wild);
        long batch = random.Of(1, 2, 5);
        long rows = random.Of(1, 5, 12, 30, 70);
        long columns = random.Of(1, 7, 16, 33, 300);
        long depth = random.Of(1, 8, 33);
        long width = random.Of(1, 8, 40);
        Tensor q = random.Tensor(DType.F32, new Shape(batch, rows, depth), mood);
        Tensor k = random.Tensor(DType.F32, new Shape(random.Of(1, batch), columns, depth), mood);
        Tensor v = random.Tensor(DType.F32, new Shape(batch, columns, width), mood);
        ValueRef keys = builder.Expand("k", builder.Input("k", k.Type), new Shape(batch, columns, depth));
        ValueRef x = builder.Add("scores", new Dot(random.Of(1f, 0.5f), 1f), builder.Input("q", q.Type), keys);
        List<ValueRef> between = [x];
        for (int i = random.Below(4); i > 0; i--)
        {
            Shape shape = random.Of(Shape.Scalar, new Shape(rows, columns), new Shape(batch, 1, columns), new Shape(1, rows, 1));
            ValueRef other = builder.Expand("other", Parameter(builder, random, shape), new Shape(batch, rows, columns));
            x = random.Below(4) == 0
                ? builder.Add("where", Where.Instance, builder.Add("less", Less.Instance, x, other), other, x)
                : builder.Add("op", random.Of<Op>(Mul.Instance, Add.Instance, Div.Instance), x, other);
            between.Add(x);
        }

        ImmutableArray<ValueRef> softmax = builder.AddMany("softmax", new Softmax(random.Below(8) == 0), x);
        ValueRef values = builder.Transpose("v", builder.Input("v", v.Type), 0, 2, 1);
        ValueRef y = builder.Add("sum", Dot.Plain, softmax[0], values);
        if (random.Below(2) == 0)
        {
            ValueRef bias = builder.Expand("bias", Parameter(builder, random, new Shape(width)), new Shape(batch, rows, width));
            y = builder.Add("after", Add.Instance, y, bias);
        }

        List<GraphOutput> outputs = [new("y", y)];
        if (random.Below(4) == 0)
        {
            outputs.Add(new GraphOutput("seen", random.Of([.. between, .. softmax])));
        }

        Graph graph = builder.Build([.. outputs]);
        Dictionary<string, Tensor> given = new() { ["q"] = q, ["k"] = k, ["v"] = v };
        return (graph, [.. graph.Inputs.Select(input => given[input.Name])]);
    }

    private static ValueRef Parameter(GraphBuilder builder, Adversarial random, Shape shape)
        => builder.Parameter($"p{random.Word()}", random.Tensor(DType.F32, shape, Adversarial.Mood.Tame));

    // Elementwise ops over values of one shape, views of smaller ones, products and convolutions between them.
    internal static (Graph Graph, ImmutableArray<Tensor> Inputs) Mixed(int seed)
    {
        Adversarial random = new((ulong)seed ^ 0xF00D);
        DType type = random.Of(DType.F32, DType.F32, DType.F32, DType.F16, DType.BF16);
        Shape shape = random.Of(
            new Shape(3, 7), new Shape(2, 3, 5, 4), new Shape(1, 4, 9, 9), new Shape(40, 33), new Shape(5, 1100), new Shape(1), new Shape(65, 64));
        Adversarial.Mood mood = random.Of(Adversarial.Mood.Wild, Adversarial.Mood.Tame, Adversarial.Mood.Ties);
        GraphBuilder builder = new();
        List<ValueRef> values = [];
        List<Tensor> inputs = [];
        for (int i = 0; i < 2; i++)
        {
            inputs.Add(random.Tensor(type, shape, mood));
            values.Add(builder.Input($"input{i}", inputs[^1].Type));
        }

        for (int i = 0; i < 6 + random.Below(20); i++)
        {
            ValueRef x = random.Below(3) == 0 ? random.Of([.. values]) : values[^1];
            values.Add(Next(builder, random, x, values, type, shape, mood, $"n{i}"));
        }

        int outputs = 1 + random.Below(2);
        return (builder.Build([.. Enumerable.Range(0, outputs).Select(i => new GraphOutput($"out{i}", values[^(i + 1)]))]), [.. inputs]);
    }

    private static ValueRef Next(
        GraphBuilder builder, Adversarial random, ValueRef x, List<ValueRef> values, DType type, Shape shape, Adversarial.Mood mood, string name)
    {
        ValueRef Parameter(Shape of) => builder.Parameter(name + random.Word(), random.Tensor(type, of, mood));
        ValueRef Other() => random.Below(4) switch
        {
            0 => builder.Expand(name, Parameter(new Shape([.. Enumerable.Range(0, shape.Rank).Select(axis => random.Below(2) == 0 ? 1 : shape[axis])])), shape),
            1 when shape.Rank > 1 => builder.Expand(
                name, builder.View(name, random.Of([.. values]), map => map.Slice(0, random.Below((int)shape[0]), 1, 1)), shape),
            _ => random.Of([.. values]),
        };
        ValueRef Backwards(ValueRef value) => builder.View(name, value, map => map.Slice(0, shape[0] - 1, -1, shape[0]));
        switch (random.Below(16))
        {
            case 0:
                return builder.Add(name, random.Of<Op>(Relu.Instance, Neg.Instance, Abs.Instance, Sqrt.Instance, Ceil.Instance), x);
            case 1:
                return builder.Add(name, random.Of<Op>(Exp.Instance, Tanh.Instance, Sigmoid.Instance, Gelu.Instance), x);
            case 2 or 3 or 4 or 5:
                return builder.Add(name, random.Of<Op>(Add.Instance, Sub.Instance, Mul.Instance, Div.Instance, Max.Instance, Min.Instance), x, Other());
            case 6:
                return builder.Add(name, Pow.Instance, x, builder.Expand(name, builder.Parameter(name, Tensor.Canonical(
                    new TensorType(type, Shape.Scalar), random.Tensor(type, Shape.Scalar, Adversarial.Mood.Ties).Bytes.Span)), shape));
            case 7:
                return builder.Add(name, Clip.Instance, x, Parameter(Shape.Scalar), Parameter(Shape.Scalar));
            case 8:
                return builder.Add(name, Where.Instance, builder.Add(name, Less.Instance, x, Other()), Other(), x);
            case 9:
                return builder.Add(name, new Cast(type), builder.Add(name, new Cast(random.Of(DType.F32, DType.F16, DType.BF16, DType.I32, DType.I64)), x));
            case 10:
                return Backwards(x);
            case 11 or 12 when shape.Rank == 2 && shape[1] < 100:
                ValueRef product = builder.Add(name, Dot.Plain, x, Parameter(new Shape(shape[1], shape[1])));
                return product;
            case 13 when shape.Rank == 2 && shape[1] < 100:
                return builder.Add(name, new Dot(1f, 0.5f), x, Parameter(new Shape(shape[1], shape[1])), Other());
            case 11 or 12 or 13 when shape.Rank == 4:
                Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [.. shape.Extents[2..]]);
                bool depthwise = random.Below(2) == 0;
                return builder.Add(name, new Conv(window, depthwise ? (int)shape[1] : 1), x, Parameter(new Shape(shape[1], depthwise ? 1 : shape[1], 3, 3)));
            case 14 when shape.Rank == 4:
                Shape channel = new(shape[1]);
                return builder.Add(name, new BatchNorm(1e-5f), x, Parameter(channel), Parameter(channel), Parameter(channel), Parameter(channel));
            default:
                return builder.Add(name, Add.Instance, x, random.Of([.. values]));
        }
    }
}
