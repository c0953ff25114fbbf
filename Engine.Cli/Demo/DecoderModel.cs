using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Demo;

/// <summary>A GPT-style decoder with weights drawn from Philox: real sizes and real work without a file. B = 1, T = tokens, D = width,
/// H = heads, F = inner width, V = vocabulary.</summary>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Width">D.</param>
/// <param name="Heads">H.</param>
/// <param name="Inner">F.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Tokens">T.</param>
public sealed record DecoderModel(int Layers, int Width, int Heads, int Inner, int Vocabulary, int Tokens)
{
    private const ulong Seed = 2026;
    private const float Epsilon = 1e-5f;

    /// <summary>The model of the demo: 8 layers, D = 512, H = 8, F = 2048, V = 4096, T = 128.</summary>
    public static DecoderModel Standard { get; } = new(8, 512, 8, 2048, 4096, 128);

    private int HeadWidth => Width / Heads;

    /// <summary>The graph: input <c>tokens</c> i64 [T], output <c>logits</c> f32 [T, V].</summary>
    public Graph Build()
    {
        GraphBuilder builder = new();
        ValueRef tokens = builder.Input("tokens", new TensorType(DType.I64, new Shape(Tokens)));
        ValueRef embedding = Weight(builder, "embedding", 0.05f, Vocabulary, Width);
        ValueRef x = builder.Add("embed", new Gather(0), embedding, tokens);
        x = builder.Add("position", Add.Instance, x, Weight(builder, "positions", 0.05f, Tokens, Width));
        for (int layer = 0; layer < Layers; layer++)
        {
            x = Attention(builder, $"layer{layer}/attention", x);
            x = FeedForward(builder, $"layer{layer}/mlp", x);
        }

        x = Normalise(builder, "final/norm", x);
        return builder.Build([new GraphOutput("logits", builder.Add("logits", Dot.Plain, x, embedding))]);
    }

    /// <summary>The prompt of the demo: token ids drawn from Philox.</summary>
    public Tensor Prompt()
    {
        Philox random = new(Seed, Stream("prompt"), 0);
        long[] ids = new long[Tokens];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = random.Word(i) % Vocabulary;
        }

        return Tensor.Of<long>(DType.I64, new Shape(Tokens), ids);
    }

    private ValueRef Attention(GraphBuilder builder, string name, ValueRef x)
    {
        ValueRef normed = Normalise(builder, $"{name}/norm", x);
        ValueRef query = SplitHeads(builder, name, Project(builder, $"{name}/query", normed, Width, Width));
        ValueRef key = SplitHeads(builder, name, Project(builder, $"{name}/key", normed, Width, Width));
        ValueRef value = SplitHeads(builder, name, Project(builder, $"{name}/value", normed, Width, Width));
        Shape square = new(Heads, Tokens, Tokens);
        ValueRef scores = builder.Add($"{name}/scores", Dot.Plain, query, key);
        float root = Functions.Rsqrt(HeadWidth);
        ValueRef scale = builder.Parameter($"{name}/scale", Tensor.Of<float>(DType.F32, Shape.Scalar, root));
        scores = builder.Add($"{name}/scaled", Mul.Instance, scores, builder.Expand(name, scale, square));
        ValueRef hidden = builder.Parameter($"{name}/hidden", Tensor.Of<float>(DType.F32, Shape.Scalar, float.NegativeInfinity));
        ValueRef mask = builder.Parameter($"{name}/mask", CausalMask());
        scores = builder.Add(
            $"{name}/masked",
            Where.Instance,
            builder.Expand(name, mask, square),
            scores,
            builder.Expand(name, hidden, square));
        ValueRef weights = builder.Add($"{name}/softmax", new Softmax(logarithm: false), scores);
        ValueRef mixed = builder.Add($"{name}/mixed", Dot.Plain, weights, builder.Transpose(name, value, 0, 2, 1));
        ValueRef joined = builder.Reshape($"{name}/joined", builder.Transpose(name, mixed, 1, 0, 2), new Shape(Tokens, Width));
        return builder.Add($"{name}/residual", Add.Instance, x, Project(builder, $"{name}/output", joined, Width, Width));
    }

    private ValueRef FeedForward(GraphBuilder builder, string name, ValueRef x)
    {
        ValueRef normed = Normalise(builder, $"{name}/norm", x);
        ValueRef inner = builder.Add($"{name}/gelu", Gelu.Instance, Project(builder, $"{name}/up", normed, Width, Inner));
        return builder.Add($"{name}/residual", Add.Instance, x, Project(builder, $"{name}/down", inner, Inner, Width));
    }

    private ValueRef Project(GraphBuilder builder, string name, ValueRef x, int from, int to)
    {
        float scale = 1.5f * Functions.Rsqrt(from);
        ValueRef bias = builder.Expand(name, Weight(builder, $"{name}/bias", 0.02f, to), new Shape(Tokens, to));
        return builder.Add(name, Dot.Plain, x, Weight(builder, $"{name}/weight", scale, to, from), bias);
    }

    private ValueRef Normalise(GraphBuilder builder, string name, ValueRef x)
        => builder.Add(name, new LayerNorm(Epsilon), x, Weight(builder, $"{name}/gamma", 1f, Width), Weight(builder, $"{name}/beta", 0.05f, Width));

    private ValueRef SplitHeads(GraphBuilder builder, string name, ValueRef x)
        => builder.Transpose(name, builder.Reshape(name, x, new Shape(Tokens, Heads, HeadWidth)), 1, 0, 2);

    // Uniform in [-scale, scale) on the grid of 2^-23.
    private static ValueRef Weight(GraphBuilder builder, string name, float scale, params ReadOnlySpan<long> extents)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        Philox random = new(Seed, Stream(name), 0);
        byte[] bytes = new byte[type.Bytes];
        Span<float> values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ((2f * random.Uniform(i)) - 1f) * scale;
        }

        return builder.Parameter(name, new Tensor(type, bytes));
    }

    private Tensor CausalMask()
    {
        bool[] visible = new bool[Tokens * Tokens];
        for (int i = 0; i < visible.Length; i++)
        {
            visible[i] = i % Tokens <= i / Tokens;
        }

        return Tensor.Of<bool>(DType.Bool, new Shape(Tokens, Tokens), visible);
    }

    private static uint Stream(string name)
        => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
