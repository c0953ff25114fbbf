using System.Collections.Immutable;

using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Elementary functions and what is made of them: ours correctly rounded, theirs within one or two units.</summary>
internal sealed class FunctionSection : Section
{
    // A layer of width 768 with 128 tokens: operations of its products, softmax elements (12 heads), GELU elements.
    private const double LayerWork = 128.0 * ((24.0 * 768 * 768) + (4.0 * 128 * 768));
    private const double LayerSoftmax = 12.0 * 128 * 128;
    private const double LayerGelu = 128.0 * 3072;

    private static readonly (string Op, long Opset, double Goal)[] Functions =
        [("Exp", 13, 0.4), ("Tanh", 13, 0), ("Sigmoid", 13, 0), ("Erf", 13, 0), ("Gelu", 20, 0.5), ("Log", 13, 0), ("Sqrt", 13, 0)];

    private static readonly (long Rows, long Width)[] Shapes = [(1536, 128), (128, 768), (128, 4096)];

    /// <inheritdoc/>
    public override string Name => "functions";

    /// <inheritdoc/>
    public override string Title => "Functions of elements and rows";

    /// <inheritdoc/>
    public override string Text
        => "393,216 elements (those of a layer's GELU at width 768 and 128 tokens), and rows. Ours is correctly rounded in every element.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach ((string op, long opset, _) in Functions)
        {
            Tensor x = new Draw("functions", 0).Floats([128, 3072], word => ((word >> 8) - 8388608f) / 2097152f);
            Tensor given = op is "Log" or "Sqrt" ? new Draw("functions", 1).Floats([128, 3072], word => ((word >> 8) + 1) / 2097152f) : x;
            Measure(op, opset, [], given);
        }

        foreach ((long rows, long width) in Shapes)
        {
            Tensor x = new Draw("functions", 2).Floats(Values.Uniform, rows, width);
            Measure("Softmax", 13, [new("axis", -1L)], x);
        }

        foreach ((long rows, long width) in Shapes[1..])
        {
            Draw draw = new("functions", 3);
            Tensor x = draw.Floats(Values.Uniform, rows, width);
            Measure("LayerNormalization", 17, [], x, ("scale", draw.Floats(Values.Uniform, width), true), ("bias", draw.Floats(Values.Uniform, width), true));
        }

        foreach ((string op, _, double goal) in Functions.Where(function => function.Goal > 0))
        {
            Judge(op, goal);
        }

        Judge("Softmax", 0.5);
        Judge("LayerNormalization", 2);
        JudgeLayer();
    }

    private void Measure(
        string op, long opset, ImmutableArray<OnnxAttribute> attributes, Tensor x, params ImmutableArray<(string Name, Tensor Value, bool IsConstant)> more)
    {
        SmallModel model = SmallModel.Of(op, opset, attributes, [("X", x, false), .. more]);
        string name = $"{op} {string.Join('×', x.Type.Shape.Extents.ToArray())}";
        RaceModel(op, name, "Gelem/s", x.Type.Elements / 1e9, 2.0 * x.Type.Bytes, model.Bytes, model.Inputs);
    }

    private void Judge(string op, double goal)
        => Add(Goal.Of(
            op is "Softmax" or "LayerNormalization" ? op : $"correctly rounded {op}",
            $"≥ {Numbers.Short(goal)}× ORT",
            [.. ThreadCounts.Select(threads => Part.AtLeast(Mean(In(op, threads)), goal, $"{threads}t"))]));

    // What softmax and GELU take beyond ONNX Runtime's, of the time of a layer whose products run at 90 % of the peak.
    private void JudgeLayer()
    {
        double Lost(Row row, double elements)
        {
            Side theirs = row.Sides.Count > 1 ? row.Sides[1] : row.Ours;
            return Math.Max(0, row.Ours.Seconds - theirs.Seconds) * elements / (row.Amount * 1e9);
        }

        List<Part> parts = [];
        foreach (int threads in ThreadCounts)
        {
            double lost = Lost(In("Softmax", threads).First(), LayerSoftmax) + Lost(In("Gelu", threads).First(), LayerGelu);
            double layer = LayerWork / (0.9 * Result.Machine.Peak(threads));
            parts.Add(Part.AtMost(100 * lost / layer, 5, $"{threads}t", "0.0", " %"));
        }

        Add(Goal.Of("lost to correct rounding, layer of width 768", "≤ 5 % of the time of its products", [.. parts]));
    }
}
