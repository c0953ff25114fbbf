using System.Collections.Immutable;
using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Generated;

/// <summary>Writes generated decoders as ONNX models with their weights in a file beside them, which is streamed: no size needs memory.</summary>
/// <param name="shape">The sizes.</param>
/// <param name="folder">Where the files go; models of the same sizes share the weights.</param>
internal sealed class LlamaOnnx(LlamaShape shape, string folder)
{
    private const string File = "weights.bin";
    private const int Page = 4096;
    private const int Opset = 23;

    /// <summary>Where the models and inputs of these sizes are.</summary>
    public static string Folder(LlamaShape shape) => Path.Combine(Reports.Folders.Root, "artifacts", "generated", shape.ToString());

    /// <summary>A model that reads some tokens after some others, whose keys and values are inputs; written if it is not there, and its inputs as
    /// <c>input_0.pb</c> … in a folder beside it.</summary>
    /// <param name="tokens">Tokens that are read; all logits are outputs.</param>
    /// <param name="past">Tokens before.</param>
    /// <returns>Path of the model, and of the folder of its inputs.</returns>
    public (string Model, string Inputs) Write(int tokens, int past)
    {
        Directory.CreateDirectory(folder);
        ImmutableArray<OnnxExternal> weights = WriteWeights();
        string model = Path.Combine(folder, $"t{tokens}-p{past}.onnx");
        string inputs = Path.Combine(folder, $"t{tokens}-p{past}");
        Directory.CreateDirectory(inputs);
        ImmutableArray<(string Name, Tensor Value)> given = Inputs(tokens, past);
        for (int i = 0; i < given.Length; i++)
        {
            TensorFile.Write(Path.Combine(inputs, $"input_{i}.pb"), given[i].Name, given[i].Value);
        }

        System.IO.File.WriteAllBytes(model, OnnxWriter.Model(
            Opset,
            Nodes(past),
            given.Select(input => (input.Name, input.Value.Type)),
            Tables(),
            weights,
            [("logits", DType.F32), .. Enumerable.Range(0, shape.Layers).SelectMany(Present)]));
        return (model, inputs);
    }

    /// <summary>Inputs: token ids, positions, and the keys and values of what was before.</summary>
    public ImmutableArray<(string Name, Tensor Value)> Inputs(int tokens, int past)
    {
        TensorType cache = new(DType.F32, new Shape(1, shape.Heads, past, shape.HeadWidth));
        return
        [
            ("tokens", Tensor.Of<long>(DType.I64, new Shape(1, tokens), [.. Enumerable.Range(past, tokens).Select(i => (long)Token(i))])),
            ("positions", Tensor.Of<long>(DType.I64, new Shape(1, tokens), [.. Enumerable.Range(past, tokens).Select(i => (long)i)])),
            .. past == 0 ? [] : Enumerable.Range(0, 2 * shape.Layers).Select(i => ($"past.{i}", Cache(cache, i))),
        ];
    }

    /// <summary>The token at a position of the text that all are given.</summary>
    public int Token(int position) => (int)((position + 1) * 7919L % shape.Vocabulary);

    private static Tensor Cache(TensorType type, int index)
    {
        Weight values = new(string.Empty, string.Empty, 1 << 10, (int)((type.Elements >> 10) + 1));
        float[] elements = new float[type.Elements];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = values.Value((uint)(1000 + index), 0, i);
        }

        return new Tensor(type, MemoryMarshal.AsBytes(elements.AsSpan()).ToArray());
    }

    // The offsets are known before anything is written; a file of the right length is there already.
    private ImmutableArray<OnnxExternal> WriteWeights()
    {
        List<OnnxExternal> externals = [];
        long end = 0;
        foreach (Weight weight in shape.Weights)
        {
            Shape extents = weight.IsVector ? new Shape(weight.Columns) : new Shape(weight.Rows, weight.Columns);
            externals.Add(new OnnxExternal(weight.Name, new TensorType(DType.F32, extents), File, end));
            end = (end + weight.Bytes + Page - 1) / Page * Page;
        }

        string path = Path.Combine(folder, File);
        if (System.IO.File.Exists(path) && new FileInfo(path).Length == end)
        {
            return [.. externals];
        }

        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        uint number = 0;
        foreach (Weight weight in shape.Weights)
        {
            stream.Position = externals[(int)number].Offset;
            float[] row = new float[weight.Columns];
            for (int i = 0; i < weight.Rows; i++)
            {
                for (int j = 0; j < row.Length; j++)
                {
                    row[j] = weight.Value(number, i, j);
                }

                stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
            }

            number++;
        }

        stream.SetLength(end);
        return [.. externals];
    }

    private List<OnnxNode> Nodes(int past)
    {
        List<OnnxNode> nodes = [];
        string x = Add("Gather", "x", ["embedding", "tokens"]);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string at = $"{layer}.";
            string normed = Norm(at + "n1", x, at + "norm1");
            string query = Rotate(Add("MatMul", at + "query", [normed, at + "q"]));
            string key = Rotate(Add("MatMul", at + "key", [normed, at + "k"]));
            string value = Add("MatMul", at + "value", [normed, at + "v"]);
            string[] cache = past == 0 ? [] : [string.Empty, $"past.{2 * layer}", $"past.{(2 * layer) + 1}"];
            nodes.Add(new OnnxNode(
                "Attention",
                [query, key, value, .. cache],
                [at + "mixed", $"present.{2 * layer}", $"present.{(2 * layer) + 1}"],
                new OnnxAttribute("is_causal", past == 0 ? 1L : 0L),
                new OnnxAttribute("q_num_heads", (long)shape.Heads),
                new OnnxAttribute("kv_num_heads", (long)shape.Heads)));
            x = Add("Add", at + "x1", [x, Add("MatMul", at + "out", [at + "mixed", at + "o"])]);
            normed = Norm(at + "n2", x, at + "norm2");
            string gate = Add("MatMul", at + "g", [normed, at + "gate"]);
            string silu = Add("Mul", at + "silu", [gate, Add("Sigmoid", at + "sigmoid", [gate])]);
            string inner = Add("Mul", at + "inner", [silu, Add("MatMul", at + "u", [normed, at + "up"])]);
            x = Add("Add", at + "x2", [x, Add("MatMul", at + "d", [inner, at + "down"])]);
        }

        Add("MatMul", "logits", [Norm("last", x, "norm"), "head"]);
        return nodes;

        string Add(string op, string name, ImmutableArray<string> inputs, params ImmutableArray<OnnxAttribute> attributes)
        {
            nodes.Add(new OnnxNode(op, inputs, [name], attributes));
            return name;
        }

        string Norm(string name, string value, string gain)
            => Add("RMSNormalization", name, [value, gain], new OnnxAttribute("axis", -1L), new OnnxAttribute("epsilon", LlamaShape.Epsilon));

        string Rotate(string value)
            => Add(
                "RotaryEmbedding",
                value + ".rotated",
                [value, "cos", "sin", "positions"],
                new OnnxAttribute("interleaved", 1L),
                new OnnxAttribute("num_heads", (long)shape.Heads));
    }

    private static (string Name, DType Type)[] Present(int layer)
        => [($"present.{2 * layer}", DType.F32), ($"present.{(2 * layer) + 1}", DType.F32)];

    private ImmutableArray<(string Name, Tensor Value)> Tables()
    {
        int half = shape.HeadWidth / 2;
        float[] cos = new float[LlamaShape.Positions * half];
        float[] sin = new float[cos.Length];
        for (int i = 0; i < cos.Length; i++)
        {
            double angle = i / half * Math.Pow(LlamaShape.Base, -2.0 * (i % half) / shape.HeadWidth);
            (cos[i], sin[i]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }

        Shape extents = new(LlamaShape.Positions, half);
        return [("cos", Tensor.Of<float>(DType.F32, extents, cos)), ("sin", Tensor.Of<float>(DType.F32, extents, sin))];
    }
}
