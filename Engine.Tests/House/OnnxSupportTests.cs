using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Import;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Onnx;

namespace VerifiableCompute.Engine.Tests.House;

/// <summary>The page of supported operators says what the importer's tables say. ACCEPT_DOCS=1 writes its second half anew.</summary>
internal sealed partial class OnnxSupportTests
{
    private const string Page = "docs/onnx-support.md";
    private const string Mark = "<!-- made from here on";

    // ONNX's operators that deserve a row even where they are missing.
    private static readonly string[] All =
    [
        "Acos", "Acosh", "AffineGrid", "ArgMax", "ArgMin", "Asin", "Asinh", "Atanh", "Attention", "Bernoulli", "BitCast", "BitShift", "BitwiseAnd",
        "BitwiseNot", "BitwiseOr", "BitwiseXor", "BlackmanWindow", "CausalConvWithState", "Celu", "CenterCropPad", "Col2Im", "Compress",
        "ConvTranspose", "Cosh", "CumProd", "CumSum", "DFT", "DeformConv", "Det", "Einsum", "GRU", "GatherElements", "GatherND", "GlobalLpPool",
        "GridSample", "HammingWindow", "HannWindow", "Hardmax", "LRN", "LSTM", "LinearAttention", "LpNormalization", "LpPool", "MaxRoiPool",
        "MaxUnpool", "MeanVarianceNormalization", "MelWeightMatrix", "Multinomial", "NegativeLogLikelihoodLoss", "NonMaxSuppression", "NonZero",
        "RNN", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Resize", "ReverseSequence", "RoiAlign", "RotaryEmbedding",
        "STFT", "Scatter", "ScatterElements", "ScatterND", "Sinh", "SoftmaxCrossEntropyLoss", "Swish", "Tan", "TensorScatter", "TopK", "Unique",
        "Upsample", "ai.onnx.preview.FlexAttention", "ai.onnx.preview.training.Adagrad", "ai.onnx.preview.training.Adam",
        "ai.onnx.preview.training.Momentum",
    ];

    // Operands of operators that the search below finds none for; T is the type that is tried. Elements are 1, or 0 where it says so.
    private static readonly Dictionary<string, string> Samples = new()
    {
        ["AffineGrid"] = "T[1,2,3] i64[4]",
        ["AveragePool"] = "T[1,1,2,2]",
        ["BatchNormalization"] = "T[1,1,1] T[1] T[1] T[1] T[1]",
        ["DequantizeLinear"] = "T[1] f32[] T[]",
        ["Einsum"] = "T[1,1] T[1,1]",
        ["DynamicSlice"] = "T[2] i64[1] i64[1]",
        ["Expand"] = "T[1] i64[1]",
        ["Gather"] = "T[2] i64[1]",
        ["GroupNormalization"] = "T[1,1,1] T[1] T[1]",
        ["GRU"] = "T[1,1,1] T[1,3,1] T[1,3,1]",
        ["LSTM"] = "T[1,1,1] T[1,4,1] T[1,4,1]",
        ["MaxPool"] = "T[1,1,2,2]",
        ["NonMaxSuppression"] = "f32[1,1,4] f32[1,1,1]",
        ["OneHot"] = "i64[1] i64[] T[2]",
        ["Pad"] = "T[1] i64[2]",
        ["QLinearConv"] = "T[1,1,1,1] f32[] T[] T[1,1,1,1] f32[] T[] f32[] T[]",
        ["QLinearMatMul"] = "T[1,1] f32[] T[] T[1,1] f32[] T[] f32[] T[]",
        ["QuantizeLinear"] = "T[1] f32[] u8[]",
        ["Reshape"] = "T[1] i64[1]",
        ["Slice"] = "T[2] i64[1] i64[1]",
        ["Tile"] = "T[1] i64[1]",
        ["TopK"] = "T[2] i64[1]",
        ["Unsqueeze"] = "T[2] i64[1]",
        ["Where"] = "bool[1] T[1] T[1]",
        ["LinearAttention"] = "T[1,1,1] T[1,1,1] T[1,1,1] T[1,1,1,1] T[1,1,1] T[1,1,1]",
        ["MaxRoiPool"] = "T[1,1,1,1] T[1,5]",
        ["RoiAlign"] = "T[1,1,1,1] T[1,4] i64[1]",
        ["Resize"] = "T[1,1,2,2] f32[0] f32[0] i64[4]",
        ["RotaryEmbedding"] = "T[1,1,1,2] T[1,1,1] T[1,1,1]",
        ["Upsample"] = "T[1,1,2,2] f32[4]",
        ["com.microsoft.Attention"] = "T[1,1,1] T[1,3]",
        ["com.microsoft.EmbedLayerNormalization"] = "i32[1,1] i32[1,1] T[2,1] T[2,1] T[2,1] T[1] T[1]",
        ["com.microsoft.GroupQueryAttention"] = "T[1,1,2] T[1,1,2] T[1,1,2] T[1,1,0,2] T[1,1,0,2] i32[1]=0 i32[1]",
        ["com.microsoft.LinearAttention"] = "T[1,1,1] T[1,1,1] T[1,1,1] T[1,1,1,1] T[1,1,1] T[1,1,1]",
        ["com.microsoft.MultiHeadAttention"] = "T[1,1,1] T[1,1,1] T[1,1,1]",
        ["com.microsoft.NhwcMaxPool"] = "T[1,2,2,1]",
        ["com.microsoft.QAttention"] = "T[1,1,1] T[1,3] f32[3] f32[] f32[]",
        ["com.microsoft.QLinearConv"] = "T[1,1,1,1] f32[] T[] T[1,1,1,1] f32[] T[] f32[] T[]",
        ["com.microsoft.QGemm"] = "T[1,1] f32[] T[] T[1,1] f32[] T[] i32[1] f32[] T[]",
        ["com.microsoft.QLinearAveragePool"] = "T[1,1,2,2] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearConcat"] = "f32[] T[] T[1] f32[] T[]",
        ["com.microsoft.QLinearGlobalAveragePool"] = "T[1,1,1,1] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearLeakyRelu"] = "T[1] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearReduceMean"] = "T[1] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearSigmoid"] = "T[1] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearSoftmax"] = "T[1] f32[] T[] f32[] T[]",
        ["com.microsoft.QLinearWhere"] = "bool[1] T[1] f32[] T[] T[1] f32[] T[] f32[] T[]",
        ["com.microsoft.RotaryEmbedding"] = "T[1,1,1,2] i64[1,1] T[2,1] T[2,1]",
    };

    // Attributes that the samples need beside those that every node must have.
    private static readonly Dictionary<string, string> Attributes = new()
    {
        ["AveragePool"] = "kernel_shape",
        ["Constant"] = "value_int",
        ["GroupNormalization"] = "num_groups",
        ["LpPool"] = "kernel_shape",
        ["MaxPool"] = "kernel_shape",
        ["Resize"] = "mode=linear",
        ["com.microsoft.NhwcMaxPool"] = "kernel_shape",
        ["com.microsoft.QLinearAveragePool"] = "kernel_shape",
    };

    private static readonly DType[] Types = [.. Enum.GetValues<DType>().Where(type => type.IsKnown())];
    private static readonly string[] Shapes = ["[1,1,1,1]", "[1,1,1]", "[1,1]", "[1]", "[]", "[2]"];
    private static readonly string[] Others = ["T", "i64", "i32", "bool", "u8", "f32"];

    [Test]
    public void Page_is_what_the_tables_say()
    {
        string path = Path.Combine(Repository.Root, Page);
        string found = File.ReadAllText(path);
        Assert.That(found, Does.Contain(Mark));
        int at = found.IndexOf('\n', found.IndexOf(Mark, StringComparison.Ordinal)) + 1;
        string text = found[..at] + Generated();
        if (Environment.GetEnvironmentVariable("ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(path, text);
        }

        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "an operator has changed; ACCEPT_DOCS=1 writes the page anew");
    }

    private static string Generated()
    {
        StringBuilder text = new();
        text.AppendLine().AppendLine("| what | why |").AppendLine("|---|---|");
        foreach ((string what, string why) in OutOfScope.ElementTypes.Concat(OutOfScope.Others).Concat(OutOfScope.Operators.Select(Named)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {why} |");
        }

        text.AppendLine()
            .AppendLine("## Operators")
            .AppendLine("*Types* are those that the operand T of the sample in the test may have, in the last opset of the row. *Becomes* are the engine's")
            .AppendLine("ops that the sample becomes; *views* cost nothing; *resolved* leaves nothing of itself in the graph.")
            .AppendLine()
            .AppendLine("| operator | opsets | operands | types | attributes | becomes |")
            .AppendLine("|---|---|---|---|---|---|");
        foreach (string name in OnnxOps.Names)
        {
            text.AppendLine(Row(OnnxOps.Find(name)!));
        }

        text.AppendLine().AppendLine("## Missing").AppendLine();
        text.AppendLine(string.Join(", ", All.Where(name => OnnxOps.Find(name) is null).DefaultIfEmpty("Nothing.")));
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static (string What, string Why) Named(KeyValuePair<string, string> entry)
        => (entry.Key.EndsWith('.') ? $"domain `{entry.Key[..^1]}`" : $"`{entry.Key}`", entry.Value);

    private static string Row(OnnxOp op)
    {
        string opsets = $"{op.Since}–{op.Until}";
        string operands = op.Inputs.Least == op.Inputs.Most ? $"{op.Inputs.Least}"
            : op.Inputs.Most == int.MaxValue ? $"{op.Inputs.Least}…" : $"{op.Inputs.Least}–{op.Inputs.Most}";
        string attributes = string.Join(", ", op.Attributes.Select(Attribute));
        (string types, string becomes) = op.Resolve is null ? Tried(op) : ("any", "resolved");
        return $"| {op.Name} | {opsets} | {operands} | {types} | {attributes} | {becomes} |";
    }

    private static string Attribute(Engine.Onnx.Reading.AttributeRule rule)
    {
        List<string> notes = [];
        if (!rule.Integers.IsDefault)
        {
            notes.Add(rule.Integers is [long only] ? $"= {only}" : string.Join(", ", rule.Integers));
        }

        if (!rule.Texts.IsDefault)
        {
            notes.Add(string.Join(", ", rule.Texts));
        }

        if (rule.Since > 1)
        {
            notes.Add($"from {rule.Since}");
        }

        if (rule.Until < int.MaxValue)
        {
            notes.Add($"to {rule.Until}");
        }

        return notes.Count == 0 ? rule.Name : $"{rule.Name} ({string.Join("; ", notes)})";
    }

    // The types that an operand of a sample may have, and what the sample becomes.
    private static (string Types, string Becomes) Tried(OnnxOp op)
    {
        IEnumerable<string> samples = Samples.TryGetValue(op.Name, out string? known) ? [known] : Search(op.Inputs.Least);
        foreach (string sample in samples)
        {
            (DType Type, Graph? Graph)[] graphs = [.. Types.Select(type => (type, Graph(op, sample, type)))];
            Graph[] made = [.. graphs.Select(entry => entry.Graph).OfType<Graph>()];
            if (made.Length == 0)
            {
                continue;
            }

            Node[] nodes = [.. made.SelectMany(graph => graph.Nodes)];
            string becomes = string.Join(", ", nodes.Where(node => node.Op is not View).Select(node => node.Op.Name).Distinct());
            string types = sample.Contains('T', StringComparison.Ordinal)
                ? Text([.. graphs.Where(entry => entry.Graph is not null).Select(entry => entry.Type)])
                : string.Empty;
            return (types, becomes.Length > 0 ? becomes : made[0].Outputs[0].Value.Kind == ValueKind.Parameter ? "a constant" : "views");
        }

        // It names values of a model around it.
        Assert.That(op.Name, Is.EqualTo("ai.onnx.preview.training.Gradient"), "no sample fits; name one");
        return ("real", "what the gradients of the ops between need");
    }

    private static IEnumerable<string> Search(int operands)
    {
        if (operands == 0)
        {
            return [string.Empty];
        }

        IEnumerable<string> samples = Shapes.Select(shape => $"T{shape}");
        for (int i = 1; i < operands; i++)
        {
            samples = i < 3
                ? samples.SelectMany(before => Others.SelectMany(type => Shapes.Select(shape => $"{before} {type}{shape}")))
                : samples.Select(before => $"{before} {before.Split(' ')[^1]}");
        }

        return samples;
    }

    private static Graph? Graph(OnnxOp op, string sample, DType type)
    {
        string[] words = [.. sample.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        (DType Type, long[] Extents)[] operands = [.. words.Select(word => Operand(word, type))];
        string[] names = [.. operands.Select((_, i) => $"x{i}")];
        int dot = op.Name.LastIndexOf('.');
        string[] more = Attributes.GetValueOrDefault(op.Name, string.Empty).Split('=');
        long opset = Math.Min(op.Until, OnnxLimits.LastOpset);
        NodeProto node = Made.Node(op.Name[(dot + 1)..], names, ["y"], [.. op.Attributes.Where(IsGiven).Select(rule => Given(rule, more))]);
        node.Domain = dot < 0 ? string.Empty : op.Name[..dot];
        ModelProto model = Made.Model(
            Made.Graph([.. operands.Select((operand, i) => Made.Value($"x{i}", operand.Type, operand.Extents))], [Made.Name("y")], node),
            opset);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = node.Domain, Version = opset });
        try
        {
            Dictionary<string, Tensor> inputs = names.Zip(operands, words).ToDictionary(
                entry => entry.First, entry => Filled(entry.Second.Type, entry.Second.Extents, entry.Third.EndsWith('0') ? 0 : 1));
            return OnnxModel.Parse(model.ToByteArray()).SpecializeForRun(inputs, new ReferenceBackend());
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException)
        {
            return null;
        }

        bool IsGiven(Engine.Onnx.Reading.AttributeRule rule)
            => (rule.IsRequired && rule.Until >= opset) || rule.Name == more[0];
    }

    private static AttributeProto Given(Engine.Onnx.Reading.AttributeRule rule, string[] more) => rule.Kind switch
    {
        AttributeKind.Ints => Made.Ints(rule.Name, 1, 1),
        AttributeKind.Text when rule.Name == more[0] => Made.Text(rule.Name, more[1]),
        AttributeKind.Text => Made.Text(rule.Name, rule.Texts.IsDefault ? "ij,jk->ik" : rule.Texts[0]),
        AttributeKind.Float => Made.Float(rule.Name, 1),
        _ => Made.Int(rule.Name, rule.Name == "axis" ? 0 : 1),
    };

    private static (DType Type, long[] Extents) Operand(string word, DType tried)
    {
        Match match = Word().Match(word);
        DType type = match.Groups[1].Value == "T" ? tried : Types.First(type => type.Name() == match.Groups[1].Value);
        string[] extents = match.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return (type, [.. extents.Select(extent => long.Parse(extent, CultureInfo.InvariantCulture))]);
    }

    private static Tensor Filled(DType type, long[] extents, long value)
    {
        TensorType full = new(type, new Shape(extents));
        byte[] bytes = new byte[full.Bytes];
        ReadOnlySpan<byte> one = Scalars.Of(type, value).Bytes.Span;
        for (int at = 0; at < bytes.Length; at += one.Length)
        {
            one.CopyTo(bytes.AsSpan(at));
        }

        return new Tensor(full, bytes);
    }

    private static string Text(DType[] types)
    {
        List<string> parts = [];
        List<DType> left = [.. types];
        void Take(string name, Func<DType, bool> belongs)
        {
            DType[] group = [.. Types.Where(belongs)];
            if (group.All(left.Contains))
            {
                parts.Add(name);
                left.RemoveAll(type => group.Contains(type));
            }
        }

        Take("real", type => type.IsReal());
        Take("integer", type => type.IsInteger());
        parts.AddRange(left.Select(type => type.Name()));
        return parts.Count == 0 ? "?" : string.Join(", ", parts);
    }

    [GeneratedRegex(@"^(\w+)\[([\d,]*)\](=0)?$")]
    private static partial Regex Word();
}
