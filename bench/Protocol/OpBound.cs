using System.Collections.Immutable;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>The bound on checking one element, where sizes go beyond the open models: from records alone, nothing is run.</summary>
/// <param name="Text">The operator and its sizes.</param>
/// <param name="Records">Records that it becomes under <c>compact/1</c>.</param>
/// <param name="Leaves">Most leaves that checking any element may open.</param>
/// <param name="Operations">Most elements that checking any element may compute and pull.</param>
/// <param name="Depth">Deepest nesting.</param>
/// <param name="Widest">The record with most leaves.</param>
internal sealed record OpBound(string Text, int Records, long Leaves, long Operations, int Depth, string Widest)
{
    private const long Opset = 24;

    /// <summary>All rows.</summary>
    internal static IEnumerable<OpBound> All()
    {
        yield return Of("MatMul, K = 4,096", "MatMul", [], F32(1, 4096), F32(4096, 64));
        yield return Of("MatMul, K = 65,536", "MatMul", [], F32(1, 65536), F32(65536, 16));
        yield return Of("Conv 3×3, 512 channels, 56×56", "Conv", [Ints("pads", 1, 1, 1, 1)], F32(1, 512, 56, 56), F32(64, 512, 3, 3));
        yield return Of(
                "ConvTranspose 4×4, stride 2, 256 channels, 32×32", "ConvTranspose", [Ints("strides", 2, 2)], F32(1, 256, 32, 32), F32(256, 64, 4, 4));
        yield return Of(
            "Attention, causal, 8,192 positions, 128 a head",
            "Attention",
            [Int("is_causal", 1)],
            F32(1, 1, 8192, 128),
            F32(1, 1, 8192, 128),
            F32(1, 1, 8192, 128));
        yield return Of("LSTM, 512 units, 512 steps", "LSTM", [Int("hidden_size", 512)], F32(512, 1, 512), F32(1, 2048, 512), F32(1, 2048, 512));
        yield return Of("GRU, 512 units, 512 steps", "GRU", [Int("hidden_size", 512)], F32(512, 1, 512), F32(1, 1536, 512), F32(1, 1536, 512));
        yield return Of("Softmax, 151,936", "Softmax", [], F32(1, 151936));
        yield return Of("LayerNormalization, 16,384", "LayerNormalization", [], F32(1, 16384), F32(16384), F32(16384));
        yield return Of("ReduceSum, 16,777,216", "ReduceSum", [], F32(1 << 24));
        yield return Of("ArgMax, 151,936", "ArgMax", [Int("axis", 1)], F32(1, 151936));
        yield return Of("CumSum, 65,536", "CumSum", [], F32(65536), Tensor.Of(DType.I32, Shape.Scalar, 0));
        yield return Of("DFT, 16,000 points, one-sided", "DFT", [Int("onesided", 1)], F32(1, 16000, 1));
        yield return Of(
            "Resize, cubic, twice, 3×512×512",
            "Resize",
            [new("mode", "cubic")],
            F32(1, 3, 512, 512),
            null,
            Tensor.Of<float>(DType.F32, new Shape(4), 1, 1, 2, 2));
        yield return Of("GridSample, linear, 64×128×128", "GridSample", [], F32(1, 64, 128, 128), F32(1, 128, 128, 2));
        yield return Of(
            "ScatterElements, 1,024 updates",
            "ScatterElements",
            [],
            F32(4096, 8),
            new Tensor(new TensorType(DType.I64, new Shape(1024, 8)), new byte[1024 * 8 * sizeof(long)]),
            F32(1024, 8));
        yield return Of("GlobalAveragePool, 224×224", "GlobalAveragePool", [], F32(1, 3, 224, 224));
        yield return Of("MaxPool 3×3, 112×112", "MaxPool", [Ints("kernel_shape", 3, 3)], F32(1, 64, 112, 112));
    }

    private static OpBound Of(string text, string op, ImmutableArray<OnnxAttribute> attributes, params Tensor?[] operands)
    {
        string[] names = [.. operands.Select((operand, i) => operand is null ? string.Empty : $"x{i}")];
        (string Name, Tensor Value)[] given = [.. names.Zip(operands).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!))];
        byte[] model = OnnxWriter.OneNode(op, Opset, attributes, [.. names], [.. given], [], [("y", op == "ArgMax" ? DType.I64 : DType.F32)]);
        CommittedGraph graph = Lowerer.Lower(
            OnnxModel.Parse(model).Specialize(given.ToDictionary(input => input.Name, input => input.Value)), Policy.Compact).Committed;
        (CheckCost Cost, string Op)[] costs =
        [
            .. graph.Records.SelectMany((record, node) =>
                record.Outputs.Select((_, slot) => (record.IsView ? default : graph.CostOf(node, slot), record.Op.Name))),
        ];
        (CheckCost widest, string name) = costs.MaxBy(entry => entry.Cost.Leaves);
        long operations = costs.Max(entry => entry.Cost.Operations);
        return new OpBound(text, graph.Records.Length, widest.Leaves, operations, costs.Max(entry => entry.Cost.Depth), name);
    }

    private static Tensor F32(params long[] extents)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        return new Tensor(type, new byte[type.Bytes]);
    }

    private static OnnxAttribute Int(string name, long value) => new(name, value);

    private static OnnxAttribute Ints(string name, params long[] values) => new(name, values);
}
