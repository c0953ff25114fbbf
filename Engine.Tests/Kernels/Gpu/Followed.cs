using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A product on a device of some size and capability, whose kernels are to be named so, and what follows it.</summary>
/// <param name="Kernel">The kernel that runs the chain.</param>
/// <param name="Product">The product, of operands of a mood.</param>
/// <param name="Units">Multiprocessors that the device says it has: none, so that nothing is split, or very many.</param>
/// <param name="Capability">The compute capability that it says it has.</param>
internal sealed record Followed(string Kernel, Func<GraphBuilder, Adversarial, Mood, ValueRef> Product, int Units = 0, int Capability = 0)
{
    private const int Many = 100_000;

    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];
    private static readonly DType[] Bytes = [DType.U8, DType.I8];

    /// <summary>Every kernel that a chain may follow, at least once.</summary>
    public static ImmutableArray<Followed> All { get; } = [.. Products(), .. Convolutions(), .. Codes()];

    /// <summary>The kinds of chains behind a product of reals, or of codes.</summary>
    public static ImmutableArray<Func<GraphBuilder, Adversarial, ValueRef, ValueRef>> ChainsOf(DType made) => made.IsReal()
        ? [BiasAndActivation, Residual, Gate, Requantised, Casts]
        : [Dequantised, Counted];

    /// <inheritdoc/>
    public override string ToString() => Kernel;

    /// <summary>The product and what follows it: output y.</summary>
    public (Graph Graph, ImmutableArray<Tensor> Inputs) Make(ulong seed, int chain, Mood mood)
    {
        Adversarial random = new(seed);
        GraphBuilder builder = new();
        ValueRef product = Product(builder, random, mood);
        ImmutableArray<Func<GraphBuilder, Adversarial, ValueRef, ValueRef>> chains = ChainsOf(builder.TypeOf(product).DType);
        ValueRef y = chains[chain % chains.Length](builder, random, product);
        return (builder.Build(new GraphOutput("y", y)), []);
    }

    /// <summary>Compares what is seen of a graph with the reference.</summary>
    public static void Check(IBackend backend, Graph graph, ImmutableArray<Tensor> inputs, Func<ValueRef, bool> visible, Func<string> words)
    {
        using ReferenceBackend reference = new();
        Dictionary<ValueRef, byte[]> expected = [];
        ImmutableArray<Tensor> outputs = new Executor(graph, reference).Run(
            inputs, (value, tensor) => expected.Add(value, tensor.Bytes.ToArray()), null, CancellationToken.None);
        HashSet<ValueRef> seen = [.. expected.Keys.Where(visible)];
        int shown = 0;
        ImmutableArray<Tensor> got = new Executor(graph, backend, seen).Run(
            inputs,
            (value, tensor) =>
            {
                Assert.That(tensor.Bytes.Span.SequenceEqual(expected[value]), Is.True, () => $"{value} {graph.Nodes[value.Index]} of {words()}");
                shown++;
            },
            null,
            CancellationToken.None,
            seen);
        Assert.That(shown, Is.EqualTo(seen.Count), words);
        Assert.That(got.Zip(outputs).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)), Is.True, words);
    }

    private static IEnumerable<Followed> Products()
    {
        static Followed Dot(string kernel, DType type, int units, float beta, long m, long n, long k, params long[] batch) => new(
            $"DotChain.{kernel}_{Suffix(type)}",
            (builder, random, mood) =>
            {
                ValueRef a = Parameter(builder, random.Tensor(type, new Shape([.. batch, m, k]), mood));
                ValueRef b = Parameter(builder, random.Tensor(type, new Shape([.. batch, n, k]), mood));
                ValueRef c = Parameter(builder, random.Tensor(type, new Shape(n), mood));
                return beta == 0
                    ? builder.Add("product", Engine.Ops.Dot.Plain, a, b)
                    : builder.Add("product", new Dot(0.5f, beta), a, b, builder.Expand("c", c, new Shape([.. batch, m, n])));
            },
            units);
        foreach (DType type in Singles)
        {
            yield return Dot("large", type, 0, 0, 130, 97, 7);
            yield return Dot("large", type, 0, 2, 96, 132, 258);
            yield return Dot("small", type, 0, 0, 9, 67, 17);
            yield return Dot("small", type, 0, 3, 65, 36, 515, 2);
            yield return Dot("fold", type, Many, -1, 11, 9, 520, 2);
            yield return Dot("skinny", type, 0, 1, 7, 150, 33);
            yield return Dot("skinny", type, 0, 0, 131, 3, 40, 3);
            yield return Dot("fold", type, 0, 2, 3, 140, 600);
            yield return Dot("fold", type, 0, 0, 70, 2, 300);
        }

        yield return Dot("fold", DType.F32, 0, 1, 20, 12, 0);
    }

    private static IEnumerable<Followed> Convolutions()
    {
        static Followed Conv(string kernel, DType type, int units, int images, int channels, int extent, int outputs, int taps, int groups)
        {
            int pad = taps / 2;
            Window window = new([taps, taps], [1, 1], [1, 1], [pad, pad], [pad, pad], [extent, extent]);
            return new(
                $"{kernel}_{Suffix(type)}",
                (builder, random, mood) => builder.Add(
                    "conv",
                    new Conv(window, groups),
                    Parameter(builder, random.Tensor(type, new Shape(images, channels, extent, extent), mood)),
                    Parameter(builder, random.Tensor(type, new Shape(outputs, channels / groups, taps, taps), Mood.Tame)),
                    Parameter(builder, random.Tensor(type, new Shape(outputs), Mood.Tame))),
                units);
        }

        foreach (DType type in Singles)
        {
            yield return Conv("ConvChain.large", type, 0, 1, 3, 11, 97, 3, 1);
            yield return Conv("ConvChain.small", type, 0, 2, 4, 9, 20, 3, 1);
            yield return Conv("ConvChain.small", type, 0, 1, 60, 6, 34, 3, 2);
            yield return Conv("ConvChain.direct", type, 0, 2, 6, 7, 6, 3, 6);
            yield return Conv("DotChain.fold", type, Many, 1, 40, 5, 18, 3, 1);
            yield return Conv("DotChain.small", type, 0, 1, 12, 8, 20, 1, 1);
        }
    }

    private static IEnumerable<Followed> Codes()
    {
        static Followed Dot(string kernel, DType type, bool coded, int m, int n, int k, int capability) => new(
            kernel,
            (builder, random, mood) =>
            {
                ValueRef a = Parameter(builder, random.Tensor(type, new Shape(m, k), mood));
                ValueRef b = Parameter(builder, random.Tensor(DType.I8, new Shape(n, k), mood));
                ValueRef zeroA = Parameter(builder, random.Tensor(type, new Shape(m), mood));
                ValueRef zeroB = Parameter(builder, random.Tensor(DType.I8, new Shape(n), mood));
                return coded
                    ? builder.Add(
                        "dot",
                        QLinearDot.Instance,
                        a,
                        Scale(builder, 0.25f, m),
                        zeroA,
                        b,
                        Scale(builder, 0.5f, n),
                        zeroB,
                        Scale(builder, 96f),
                        Zero(builder, random, type))
                    : builder.Add("dot", DotInteger.Instance, a, b, zeroA, zeroB);
            },
            Capability: capability);
        static Followed Conv(string kernel, DType type, bool coded, int outputs, int groups, int capability)
        {
            Window window = new([3, 2], [1, 2], [2, 1], [2, 1], [1, 0], [7, 9]);
            return new(
                kernel,
                (builder, random, mood) =>
                {
                    ValueRef x = Parameter(builder, random.Tensor(type, new Shape(1, 6, 8, 18), mood));
                    ValueRef w = Parameter(builder, random.Tensor(DType.I8, new Shape(outputs, 6 / groups, 3, 2), mood));
                    ValueRef zeroX = Zero(builder, random, type);
                    ValueRef zeroW = Parameter(builder, random.Tensor(DType.I8, new Shape(outputs), mood));
                    return coded
                        ? builder.Add(
                            "conv",
                            new QLinearConv(window, groups),
                            x,
                            Scale(builder, 0.25f),
                            zeroX,
                            w,
                            Scale(builder, 0.5f, outputs),
                            zeroW,
                            Scale(builder, 64f),
                            Zero(builder, random, type))
                        : builder.Add("conv", new ConvInteger(window, groups), x, w, zeroX, zeroW);
                },
                Capability: capability);
        }

        foreach (DType type in Bytes)
        {
            foreach (bool coded in (bool[])[false, true])
            {
                yield return Dot("DotIntegerChain.dot_codes", type, coded, 50, 67, 70, 0);
                yield return Dot("DotIntegerChain.dot_codes_thin", type, coded, 5, 70, 130, 0);
                yield return Dot("DotIntegerMmaChain.dot_codes", type, coded, 50, 131, 67, 80);
                yield return Conv("ConvIntegerChain.conv_codes", type, coded, 18, 2, 0);
                yield return Conv("ConvIntegerChain.conv_codes_each", type, coded, 6, 6, 0);
                yield return Conv("ConvIntegerMmaChain.conv_codes", type, coded, 50, 1, 80);
            }
        }
    }

    private static ValueRef BiasAndActivation(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        y = builder.Add("bias", Add.Instance, y, Channel(builder, random, y));
        return builder.Add("activation", random.Of<Op>(
            Relu.Instance, Gelu.Instance, GeluTanh.Instance, Tanh.Instance, Erf.Instance, Exp.Instance, new LeakyRelu(0.1f), HardSwish.Instance), y);
    }

    // What is added lies in any way: the same for all of an axis, turned, with a step.
    private static ValueRef Residual(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        TensorType type = builder.TypeOf(y);
        Shape some = new([.. type.Shape.Extents.ToArray().Select(extent => random.Below(2) == 0 ? 1 : extent)]);
        y = builder.Add("sum", Add.Instance, y, builder.Expand("some", Parameter(builder, random.Tensor(type.DType, some)), type.Shape));
        ValueRef wide = Parameter(builder, random.Tensor(type.DType, new Shape([.. type.Shape.Extents[..^1], 2 * type.Shape[^1]])));
        y = builder.Add("more", Mul.Instance, builder.View("apart", wide, map => map.Slice(type.Shape.Rank - 1, 1, 2, type.Shape[^1])), y);
        return builder.Add("most", Max.Instance, y, Channel(builder, random, y));
    }

    // Reads twice what the product made.
    private static ValueRef Gate(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        ValueRef gate = builder.Add("gate", Sigmoid.Instance, random.Below(2) == 0 ? y : builder.Add("more", Add.Instance, y, Channel(builder, random, y)));
        y = builder.Add("gated", Mul.Instance, y, gate);
        return builder.Add("where", Where.Instance, builder.Add("less", Less.Instance, y, Channel(builder, random, y)), Channel(builder, random, y), y);
    }

    private static ValueRef Requantised(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        TensorType type = builder.TypeOf(y);
        ValueRef Bound(float value)
            => Parameter(builder, ReferenceBackend.Evaluate(new Cast(type.DType), [Tensor.Of<float>(DType.F32, Shape.Scalar, value)])[0]);
        y = builder.Add("clip", Clip.Instance, y, Bound(-1.5f), Bound(6));
        ValueRef zero = builder.Expand("zero", Zero(builder, random, random.Of(DType.U8, DType.I8, DType.U16)), type.Shape);
        return builder.Add("codes", QuantizeLinear.Instance, y, builder.Expand("scale", Bound(0.046875f), type.Shape), zero);
    }

    private static ValueRef Casts(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        y = builder.Add("cast", new Cast(random.Of(DType.F16, DType.BF16, DType.F32)), y);
        y = builder.Add("neg", Neg.Instance, y);
        y = builder.Add("whole", new Cast(random.Of(DType.I32, DType.I64, DType.F64, DType.U8, DType.Bool)), y);
        return builder.Add("again", new Cast(DType.F32), y);
    }

    private static ValueRef Dequantised(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        Shape shape = builder.TypeOf(y).Shape;
        ValueRef All(float value) => builder.Expand("scale", Scale(builder, value), shape);
        ValueRef Zeros(DType type) => builder.Expand("zero", Zero(builder, random, type), shape);
        bool counts = builder.TypeOf(y).DType == DType.I32;
        y = counts ? builder.Add("real", new Cast(DType.F32), y)
            : builder.Add("real", DequantizeLinear.Instance, y, All(0.25f), Zeros(builder.TypeOf(y).DType));
        y = counts ? builder.Add("scaled", Mul.Instance, y, Channel(builder, random, y)) : y;
        y = builder.Add("relu", Relu.Instance, builder.Add("bias", Add.Instance, y, Channel(builder, random, y)));
        return builder.Add("codes", QuantizeLinear.Instance, y, All(3), Zeros(random.Of(Bytes)));
    }

    private static ValueRef Counted(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        y = builder.Add("sum", Add.Instance, y, Channel(builder, random, y));
        y = builder.Add("most", Max.Instance, y, Channel(builder, random, y));
        return builder.Add("flags", Greater.Instance, y, Channel(builder, random, y));
    }

    // One number for each channel of an image, or for each column of a matrix.
    private static ValueRef Channel(GraphBuilder builder, Adversarial random, ValueRef y)
    {
        TensorType type = builder.TypeOf(y);
        int axis = type.Shape.Rank == 4 ? 1 : type.Shape.Rank - 1;
        Shape row = new([.. Enumerable.Range(0, type.Shape.Rank).Select(other => other == axis ? type.Shape[axis] : 1)]);
        return builder.Expand("channel", Parameter(builder, random.Tensor(type.DType, row, Mood.Tame)), type.Shape);
    }

    private static ValueRef Scale(GraphBuilder builder, float value, params long[] extents)
        => builder.Expand("scale", Parameter(builder, Tensor.Of<float>(DType.F32, Shape.Scalar, value)), new Shape(extents));

    private static ValueRef Zero(GraphBuilder builder, Adversarial random, DType type) => Parameter(builder, random.Tensor(type, Shape.Scalar, Mood.Tame));

    private static ValueRef Parameter(GraphBuilder builder, Tensor tensor) => builder.Parameter("p", tensor);

    private static string Suffix(DType type) => type == DType.F32 ? "f32" : type == DType.F16 ? "f16" : "bf16";
}
