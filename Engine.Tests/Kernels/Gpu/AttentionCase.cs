using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>What is done to scores before the softmax.</summary>
internal enum Mask
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One factor for all.</summary>
    Scaled,

    /// <summary>A factor, and numbers of [batch, 1, queries, keys] are added, some of them −infinity.</summary>
    Additive,

    /// <summary>Truth values of [queries, keys] choose scores or −infinity: later keys are hidden, and so are whole rows where queries are more.</summary>
    Causal,

    /// <summary>Truth values of [batch, 1, 1, keys] choose a low number or scores over a divisor.</summary>
    Padding,

    /// <summary>What is subtracted from numbers of each row is rounded to f16 and back.</summary>
    Rounded,
}

/// <summary>An attention: its shapes, its mask, what its numbers are like.</summary>
internal sealed record AttentionCase(int Batch, int Heads, int KeyHeads, int Queries, int Keys, int Depth, int Width, Mask Mask, Mood Mood)
{
    /// <summary>Small ones, one or two for each mask: rows by tiles, and few.</summary>
    internal static IEnumerable<AttentionCase> Few(IEnumerable<Mask> masks) => masks.SelectMany(mask => new AttentionCase[]
    {
        new(2, 2, mask == Mask.Additive ? 1 : 2, mask == Mask.Causal ? 66 : 9, 21, 5, mask == Mask.None ? 67 : 4, mask, Mood.Tame),
        new(2, 2, 1, 2, mask == Mask.Scaled ? 300 : 7, 5, 3, mask, Mood.Finite),
    });

    /// <summary>Queries [batch, queries, heads, depth], keys and values likewise, seen as heads of a batch; the graph gives the weighted sums.</summary>
    internal (Graph Graph, ImmutableArray<Tensor> Inputs) Build(Adversarial random)
    {
        GraphBuilder builder = new();
        List<Tensor> inputs = [];
        ValueRef Input(DType type, params long[] extents)
        {
            inputs.Add(random.Tensor(type, new Shape(extents), Mood));
            return builder.Input($"input{inputs.Count}", inputs[^1].Type);
        }

        ValueRef Seen(ValueRef value, long[] extents, long[] strides)
            => builder.Add("view", new View(new AffineView(new Shape(extents), 0, [.. strides])), value);
        long shared = Heads / KeyHeads;
        long[] batch = shared == 1 ? [Batch, Heads] : [Batch, KeyHeads, shared];
        long[] Steps(long places, long heads, long size, long repeat) => shared == 1
            ? [places * heads * size, size]
            : [places * heads * size, repeat == 0 ? size : size * shared, repeat];
        ValueRef q = Input(DType.F32, Batch, Queries, Heads, Depth);
        ValueRef k = Input(DType.F32, Batch, Keys, KeyHeads, Depth);
        ValueRef v = Input(DType.F32, Batch, Keys, KeyHeads, Width);
        q = Seen(q, [.. batch, Queries, Depth], [.. Steps(Queries, Heads, Depth, Depth), Heads * Depth, 1]);
        k = Seen(k, [.. batch, Keys, Depth], [.. Steps(Keys, KeyHeads, Depth, 0), KeyHeads * Depth, 1]);
        v = Seen(v, [.. batch, Width, Keys], [.. Steps(Keys, KeyHeads, Width, 0), 1, KeyHeads * Width]);
        ValueRef x = builder.Add("scores", new Dot(random.Of(1f, 0.125f), 1f), q, k);
        Shape shape = builder.TypeOf(x).Shape;
        long[] none = new long[batch.Length - 1];
        ValueRef Number(float number)
            => Seen(builder.Parameter($"number{number}", Tensor.Of<float>(DType.F32, Shape.Scalar, number)), [.. shape.Extents], new long[shape.Rank]);
        ValueRef Of(ValueRef value, long step, long row, long column) => Seen(value, [.. shape.Extents], [step, .. none, row, column]);
        x = Mask switch
        {
            Mask.None => x,
            Mask.Scaled => builder.Add("scaled", Mul.Instance, x, Number(0.3f)),
            Mask.Additive => builder.Add(
                "masked",
                Add.Instance,
                builder.Add("scaled", Mul.Instance, x, Number(0.125f)),
                Of(Hidden(Input(DType.F32, Batch, Queries, Keys), inputs, random), (long)Queries * Keys, Keys, 1)),
            Mask.Causal => builder.Add("masked", Where.Instance, Of(Causal(builder, inputs), 0, Keys, 1), x, Number(float.NegativeInfinity)),
            Mask.Padding => builder.Add(
                "masked",
                Where.Instance,
                Of(Input(DType.Bool, Batch, Keys), Keys, 0, 1),
                Number(-3.4e38f),
                builder.Add("scaled", Div.Instance, x, Number(5.5f))),
            _ => builder.Add("wide", new Cast(DType.F32), builder.Add(
                "narrow", new Cast(DType.F16), builder.Add("less", Sub.Instance, Of(Input(DType.F32, Batch, Queries), Queries, 1, 0), x))),
        };
        ValueRef weights = builder.Add("softmax", new Softmax(false), x);
        ValueRef sums = builder.Add("sums", new Dot(random.Of(1f, -2.5f), 1f), weights, v);
        return (builder.Build(new GraphOutput("sums", sums)), [.. inputs]);
    }

    // Every third number is −infinity.
    private static ValueRef Hidden(ValueRef mask, List<Tensor> inputs, Adversarial random)
    {
        float[] numbers = inputs[^1].As<float>().ToArray();
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = random.Below(3) == 0 ? float.NegativeInfinity : numbers[i];
        }

        inputs[^1] = Tensor.Of<float>(DType.F32, inputs[^1].Type.Shape, numbers);
        return mask;
    }

    private ValueRef Causal(GraphBuilder builder, List<Tensor> inputs)
    {
        byte[] seen = new byte[Queries * Keys];
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = (i % Keys) - (i / Keys) <= Keys - Queries ? (byte)1 : (byte)0;
        }

        inputs.Add(Tensor.Canonical(new TensorType(DType.Bool, new Shape(Queries, Keys)), seen));
        return builder.Input("seen", inputs[^1].Type);
    }
}
