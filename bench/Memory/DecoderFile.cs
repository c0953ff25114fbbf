using System.Globalization;
using System.Runtime.InteropServices;

using Google.Protobuf;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Memory;

/// <summary>Writes a GPT-style decoder as an ONNX file with its weights in a file beside it, drawn from a seed as they are written: large models
/// without a download.</summary>
/// <param name="folder">Where <c>model.onnx</c>, <c>weights.bin</c> and <c>input_0.pb</c> go.</param>
internal sealed class DecoderFile(string folder)
{
    private const int Layers = 8;
    private const int Width = 2048;
    private const int Heads = 16;
    private const int Inner = 8192;
    private const int Vocabulary = 32_000;
    private const int Tokens = 16;
    private const int Page = 4096;

    private readonly GraphProto _graph = new() { Name = "decoder" };
    private ulong _state = 2026;

    /// <summary>Path of the model.</summary>
    public string Model => Path.Combine(folder, "model.onnx");

    private string Weights => Path.Combine(folder, "weights.bin");

    /// <summary>Writes the files; the model comes last, so that it is there only when all is.</summary>
    public void Write()
    {
        Directory.CreateDirectory(folder);
        using (FileStream weights = new(Weights, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
        {
            Build(weights);
        }

        Literals();
        long[] tokens = [.. Enumerable.Range(0, Tokens).Select(_ => (long)(Next() % Vocabulary))];
        TensorFile.Write(Path.Combine(folder, "input_0.pb"), "tokens", Tensor.Of<long>(DType.I64, new Shape(Tokens), tokens));
        ModelProto model = new() { IrVersion = 10, ProducerName = "bench", Graph = _graph, OpsetImport = { new OperatorSetIdProto { Version = 20 } } };
        File.WriteAllBytes(Model, model.ToByteArray());
    }

    private void Build(FileStream weights)
    {
        _graph.Input.Add(Value("tokens", DType.I64, Tokens));
        _graph.Output.Add(Value("logits", DType.F32, Tokens, Vocabulary));
        string x = Node("Gather", "x", [Weight(weights, "embedding", Vocabulary, Width), "tokens"]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string at = $"l{layer}.";
            string n = Node("LayerNormalization", at + "n1", [x, "ones", "zeros"]);
            string q = Split(weights, at + "q", n, 1, 0, 2);
            string k = Split(weights, at + "k", n, 1, 2, 0);
            string v = Split(weights, at + "v", n, 1, 0, 2);
            string scores = Node("Mul", at + "scaled", [Node("MatMul", at + "scores", [q, k]), "scale"]);
            string shares = Node("Softmax", at + "shares", [Node("Add", at + "masked", [scores, "mask"])]);
            string mixed = Node("Transpose", at + "mixed.t", [Node("MatMul", at + "mixed", [shares, v])], Numbers("perm", 1, 0, 2));
            string joined = Node("Reshape", at + "joined", [mixed, "whole"]);
            x = Node("Add", at + "x1", [x, Node("MatMul", at + "o", [joined, Weight(weights, at + "wo", Width, Width)])]);
            n = Node("LayerNormalization", at + "n2", [x, "ones", "zeros"]);
            string up = Node("Gelu", at + "gelu", [Node("MatMul", at + "up", [n, Weight(weights, at + "wu", Width, Inner)])]);
            x = Node("Add", at + "x2", [x, Node("MatMul", at + "down", [up, Weight(weights, at + "wd", Inner, Width)])]);
        }

        x = Node("LayerNormalization", "last", [x, "ones", "zeros"]);
        Node("MatMul", "logits", [x, Weight(weights, "head", Width, Vocabulary)]);
    }

    private string Split(FileStream weights, string name, string x, params long[] order)
    {
        string product = Node("MatMul", name + ".all", [x, Weight(weights, name + ".w", Width, Width)]);
        return Node("Transpose", name, [Node("Reshape", name + ".split", [product, "split"])], Numbers("perm", order));
    }

    private void Literals()
    {
        float[] mask = [.. Enumerable.Range(0, Tokens * Tokens).Select(i => i % Tokens > i / Tokens ? float.NegativeInfinity : 0)];
        Literal("ones", DType.F32, [Width], MemoryMarshal.AsBytes(Enumerable.Repeat(1f, Width).ToArray().AsSpan()));
        Literal("zeros", DType.F32, [Width], new byte[Width * sizeof(float)]);
        Literal("scale", DType.F32, [], MemoryMarshal.AsBytes<float>([1 / MathF.Sqrt(Width / Heads)]));
        Literal("mask", DType.F32, [Tokens, Tokens], MemoryMarshal.AsBytes(mask.AsSpan()));
        Literal("split", DType.I64, [3], MemoryMarshal.AsBytes<long>([Tokens, Heads, Width / Heads]));
        Literal("whole", DType.I64, [2], MemoryMarshal.AsBytes<long>([Tokens, Width]));
    }

    private void Literal(string name, DType type, long[] dims, ReadOnlySpan<byte> bytes)
        => _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) });

    // Uniform in ±0.05, each tensor on a page of its own.
    private string Weight(FileStream weights, string name, int rows, int columns)
    {
        weights.Position = (weights.Position + Page - 1) / Page * Page;
        TensorProto tensor = new() { Name = name, DataType = (int)DType.F32, Dims = { rows, columns }, DataLocation = 1 };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = Path.GetFileName(Weights) });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = weights.Position.ToString(CultureInfo.InvariantCulture) });
        _graph.Initializer.Add(tensor);
        float[] row = new float[columns];
        for (int i = 0; i < rows; i++)
        {
            foreach (ref float value in row.AsSpan())
            {
                value = ((Next() >> 40) - (float)(1 << 23)) * (0.05f / (1 << 23));
            }

            weights.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }

        return name;
    }

    private string Node(string op, string output, string[] inputs, params AttributeProto[] attributes)
    {
        _graph.Node.Add(new NodeProto { Name = output, OpType = op, Input = { inputs }, Output = { output }, Attribute = { attributes } });
        return output;
    }

    private static AttributeProto Numbers(string name, params long[] values) => new() { Name = name, Type = 7, Ints = { values } };

    private static ValueInfoProto Value(string name, DType type, params long[] dims)
    {
        TensorShapeProto shape = new() { Dim = { dims.Select(extent => new TensorShapeProto.Types.Dimension { DimValue = extent }) } };
        return new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    // SplitMix64.
    private ulong Next() => unchecked(Mixed(_state += 0x9E3779B97F4A7C15));

    private static ulong Mixed(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
