using System.Collections.Immutable;

using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>A small ONNX model with its inputs.</summary>
/// <param name="Bytes">The model.</param>
/// <param name="Inputs">Its inputs.</param>
internal sealed record SmallModel(byte[] Bytes, ImmutableArray<(string Name, Tensor Value)> Inputs)
{
    /// <summary>A model of one node, of whose output one column is given back: so that the node is timed as it runs within a model,
    /// where its output is not made new for each run.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="opset">Its operator set, 10 or later.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="operands">Its operands; those that are constant are in the model.</param>
    /// <param name="output">Element type of its output.</param>
    public static SmallModel Of(
        string op,
        long opset,
        ImmutableArray<OnnxAttribute> attributes,
        ImmutableArray<(string Name, Tensor Value, bool IsConstant)> operands,
        DType output = DType.F32)
        => Of(
            opset,
            [new OnnxNode(op, [.. operands.Select(operand => operand.Name)], ["all"], attributes)],
            operands,
            output);

    /// <summary>A product A [m, k] · B [k, n] of f32, or the same with batches in front.</summary>
    public static SmallModel MatMul(int m, int n, int k, bool constant, params ReadOnlySpan<long> batch)
    {
        Draw draw = new("compare", 0);
        return Of(
            "MatMul",
            13,
            [],
            [("A", draw.Floats(Values.Uniform, [.. batch, m, k]), false), ("B", draw.Floats(Values.Uniform, [.. batch, k, n]), constant)]);
    }

    /// <summary>A product A [m, k] · B [k, n] where B is i8 codes with a scale for each column.</summary>
    public static SmallModel DequantisedProduct(Tensor a, Tensor codes)
    {
        Tensor scales = new Draw("compare", 3).Floats(Values.Uniform, codes.Type.Shape[1]);
        return Of(
            13,
            [new("DequantizeLinear", ["codes", "scales"], ["B"], new OnnxAttribute("axis", 1L)), new("MatMul", ["A", "B"], ["all"])],
            [("A", a, false), ("codes", codes, true), ("scales", scales, true)],
            DType.F32);
    }

    // The last node's output is "all". The column is an input, so that nobody makes a view of it.
    private static SmallModel Of(
        long opset, ImmutableArray<OnnxNode> nodes, ImmutableArray<(string Name, Tensor Value, bool IsConstant)> operands, DType output)
    {
        ImmutableArray<(string Name, Tensor Value)> inputs =
            [.. Where(operands, constant: false), ("column", Tensor.Of<long>(DType.I64, new Shape(1), 0L))];
        return new(
            OnnxWriter.Model(
                opset,
                [.. nodes, new OnnxNode("Gather", ["all", "column"], ["Y"], new OnnxAttribute("axis", -1L))],
                inputs.Select(input => (input.Name, input.Value.Type)),
                Where(operands, constant: true),
                [],
                [("Y", output)]),
            inputs);
    }

    private static ImmutableArray<(string Name, Tensor Value)> Where(
        ImmutableArray<(string Name, Tensor Value, bool IsConstant)> operands, bool constant)
        => [.. operands.Where(operand => operand.IsConstant == constant).Select(operand => (operand.Name, operand.Value))];
}
