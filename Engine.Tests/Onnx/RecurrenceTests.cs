using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>LSTM, GRU and RNN models of whole numbers, where every order of addition gives the same, against ONNX's equations.</summary>
internal sealed class RecurrenceTests
{
    private const int Steps = 4;
    private const int Batch = 3;
    private const int Width = 3;
    private const int Units = 2;

    private static readonly int[] Lengths = [4, 1, 3];

    [Test]
    public void Every_variant_is_what_its_equations_say(
        [Values("LSTM", "GRU", "RNN")] string op,
        [Values("forward", "reverse", "bidirectional")] string direction,
        [Values(0, 1)] int layout,
        [Values] bool full)
    {
        int seen = 0;
        for (ulong seed = 0; seed < 24; seed++)
        {
            seen += Check(op, direction, layout, full, new Adversarial(seed)) ? 1 : 0;
        }

        Assert.That(seen, Is.GreaterThanOrEqualTo(12), "cases whose numbers stay exact");
    }

    [TestCase("LSTM", "activations:Sigmoid,Tanh", "2 activations, not 3")]
    [TestCase("GRU", "activations:Sigmoid,Sine", "activation 'Sine' is not supported")]
    [TestCase("RNN", "activation_alpha:1,2", "attribute 'activation_alpha' has 2 values; 0 of 1 activations use one")]
    [TestCase("RNN", "hidden_size:3", "attribute 'hidden_size' is 3, R has 2 units")]
    [TestCase("RNN", "clip:-1", "attribute 'clip' is -1")]
    [TestCase("RNN", "direction:sideways", "attribute 'direction' = 'sideways' is not supported")]
    public void What_cannot_be_is_refused(string op, string attribute, string message)
    {
        string[] parts = attribute.Split(':');
        AttributeProto proto = parts[0] switch
        {
            "activations" => Made.Texts(parts[0], parts[1].Split(',')),
            "activation_alpha" => Made.Floats(parts[0], [.. parts[1].Split(',').Select(part => (float)int.Parse(part))]),
            "hidden_size" => Made.Int(parts[0], int.Parse(parts[1])),
            "clip" => Made.Float(parts[0], int.Parse(parts[1])),
            _ => Made.Text(parts[0], parts[1]),
        };
        int gates = op == "LSTM" ? 4 : op == "GRU" ? 3 : 1;
        Tensor[] operands = [Zeros(2, 1, 3), Zeros(1, gates * Units, 3), Zeros(1, gates * Units, Units)];
        GraphProto graph = Made.Graph(
            [.. operands.Select((operand, i) => Made.Value($"i{i}", DType.F32, operand.Type.Shape.Extents.ToArray()))],
            [Made.Value("y", 1)],
            Made.Node(op, ["i0", "i1", "i2"], ["y"], proto));
        graph.Output[0].Type.TensorType.Shape = null;
        Assert.That(
            () => OnnxModel.Parse(Made.Model(graph).ToByteArray()).Specialize([.. operands]), Throws.Exception.With.Message.Contains(message));
    }

    /// <summary>Factors go to the activations that use one, in turn; or there is one for each activation.</summary>
    [Test]
    public void Factors_of_activations_are_shared_out([Values] bool positional)
    {
        AttributeProto alphas = positional ? Made.Floats("activation_alpha", 9, 2, 9) : Made.Floats("activation_alpha", 2);
        AttributeProto betas = positional ? Made.Floats("activation_beta", 9, 3, 9) : Made.Floats("activation_beta", 3);

        // i = o = f = relu(1) = 1, g = 2·1 + 3 = 5, c = 0 + 5, h = relu(5).
        Tensor one = Tensor.Of<float>(DType.F32, new Shape(1, 1, 1), 1f);
        Tensor weights = Tensor.Of<float>(DType.F32, new Shape(1, 4, 1), 1f, 1f, 1f, 1f);
        NodeProto node = Made.Node("LSTM", ["i0", "i1", "i2"], ["y"], Made.Texts("activations", "relu", "affine", "RELU"), alphas, betas);
        Assert.That(Run(node, [one, weights, weights], 1)[0].As<float>()[0], Is.EqualTo(5f));
    }

    private static bool Check(string op, string direction, int layout, bool full, Adversarial random)
    {
        int directions = direction == "bidirectional" ? 2 : 1;
        int gates = op == "LSTM" ? 4 : op == "GRU" ? 3 : 1;
        double[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(random.Below(3) - 1))];
        double[,] Matrix(int rows, int columns)
        {
            double[] numbers = Numbers(rows * columns);
            double[,] matrix = new double[rows, columns];
            Buffer.BlockCopy(numbers, 0, matrix, 0, numbers.Length * sizeof(double));
            return matrix;
        }

        bool flag = full && random.Below(2) == 0;
        float clip = full && random.Below(2) == 0 ? 2f : float.PositiveInfinity;
        bool peephole = full && op == "LSTM";
        Recurrence[] models = [.. Enumerable.Range(0, directions).Select(_ => new Recurrence(
            op,
            Units,
            Matrix(gates * Units, Width),
            Matrix(gates * Units, Units),
            full ? Numbers(2 * gates * Units) : new double[2 * gates * Units],
            peephole ? Numbers(3 * Units) : null)
        {
            Flag = flag,
            Clip = clip,
            F = x => Math.Max(x, 0),
            G = x => (2 * x) + 1,
            H = x => x,
        })];
        double[] x = Numbers(Steps * Batch * Width);
        double[] hidden = full ? Numbers(directions * Batch * Units) : new double[directions * Batch * Units];
        double[] memory = full ? Numbers(directions * Batch * Units) : new double[directions * Batch * Units];
        bool lengths = full || random.Below(2) == 0;

        double[] y = new double[Steps * directions * Batch * Units];
        double[] lastHidden = new double[directions * Batch * Units];
        double[] lastMemory = new double[directions * Batch * Units];
        for (int d = 0; d < directions; d++)
        {
            bool isReverse = d == 1 || direction == "reverse";
            for (int b = 0; b < Batch; b++)
            {
                int length = lengths ? Lengths[b] : Steps;
                int[] order = [.. Enumerable.Range(0, length).Select(t => isReverse ? length - 1 - t : t)];
                double[] Row(double[] of) => of[(((d * Batch) + b) * Units)..(((d * Batch) + b + 1) * Units)];
                (List<double[]> all, double[] h, double[] c) = models[d].Run(
                    order.Select(t => x[(((t * Batch) + b) * Width)..(((t * Batch) + b + 1) * Width)]), Row(hidden), Row(memory));
                for (int i = 0; i < length; i++)
                {
                    all[i].CopyTo(y, ((((order[i] * directions) + d) * Batch) + b) * Units);
                }

                h.CopyTo(lastHidden, ((d * Batch) + b) * Units);
                c.CopyTo(lastMemory, ((d * Batch) + b) * Units);
            }
        }

        if (models.Max(model => model.Largest) >= 1 << 23)
        {
            return false;
        }

        bool batchFirst = layout == 1;
        Tensor Turned(double[] numbers, long[] shape, params int[] order) => Of(numbers, shape, batchFirst ? order : [.. Enumerable.Range(0, order.Length)]);
        List<Tensor> operands =
        [
            Turned(x, [Steps, Batch, Width], 1, 0, 2),
            Of([.. models.SelectMany(model => model.W.Cast<double>())], [directions, gates * Units, Width]),
            Of([.. models.SelectMany(model => model.R.Cast<double>())], [directions, gates * Units, Units]),
        ];
        List<string> names = ["i0", "i1", "i2"];
        void Operand(bool given, Func<Tensor> value)
        {
            names.Add(given ? $"i{operands.Count}" : string.Empty);
            if (given)
            {
                operands.Add(value());
            }
        }

        Operand(full, () => Of([.. models.SelectMany(model => model.B)], [directions, 2 * gates * Units]));
        Operand(lengths, () => Tensor.Of<int>(DType.I32, new Shape(Batch), Lengths));
        Operand(full, () => Turned(hidden, [directions, Batch, Units], 1, 0, 2));
        if (op == "LSTM")
        {
            Operand(full, () => Turned(memory, [directions, Batch, Units], 1, 0, 2));
            Operand(peephole, () => Of([.. models.SelectMany(model => model.P!)], [directions, 3 * Units]));
        }

        string[] functions = op == "LSTM" ? ["Relu", "Affine", "Affine"] : op == "GRU" ? ["Relu", "Affine"] : ["Relu"];
        string[] activations = [.. Enumerable.Repeat(functions, directions).SelectMany(each => each)];
        float[] alphas = [.. Enumerable.Repeat(op == "LSTM" ? (float[])[2, 1] : op == "GRU" ? [2] : [], directions).SelectMany(each => each)];
        float[] betas = [.. Enumerable.Repeat(op == "LSTM" ? (float[])[1, 0] : op == "GRU" ? [1] : [], directions).SelectMany(each => each)];
        List<AttributeProto> attributes =
        [
            Made.Texts("activations", activations), Made.Floats("activation_alpha", alphas), Made.Floats("activation_beta", betas),
            Made.Text("direction", direction), Made.Int("layout", layout), Made.Int("hidden_size", Units),
        ];
        if (flag && op != "RNN")
        {
            attributes.Add(Made.Int(op == "LSTM" ? "input_forget" : "linear_before_reset", 1));
        }

        if (float.IsFinite(clip))
        {
            attributes.Add(Made.Float("clip", clip));
        }

        Tensor[] expected = [Turned(y, [Steps, directions, Batch, Units], 2, 0, 1, 3), Turned(lastHidden, [directions, Batch, Units], 1, 0, 2)];
        if (op == "LSTM")
        {
            expected = [.. expected, Turned(lastMemory, [directions, Batch, Units], 1, 0, 2)];
        }

        NodeProto node = Made.Node(op, [.. names], [.. Enumerable.Range(0, expected.Length).Select(i => i == 0 ? "y" : $"y{i}")], [.. attributes]);
        ImmutableArray<Tensor> results = Run(node, [.. operands], expected.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.That(results[i].Type, Is.EqualTo(expected[i].Type));
            Assert.That(results[i].As<float>().ToArray(), Is.EqualTo(expected[i].As<float>().ToArray()), $"{node} result {i}");
        }

        return true;
    }

    private static ImmutableArray<Tensor> Run(NodeProto node, Tensor[] operands, int results)
    {
        GraphProto proto = Made.Graph(
            [.. operands.Select((operand, i) => Made.Value($"i{i}", operand.Type.DType, operand.Type.Shape.Extents.ToArray()))],
            [.. Enumerable.Range(0, results).Select(i => Made.Value(i == 0 ? "y" : $"y{i}", DType.F32))],
            node);
        foreach (ValueInfoProto output in proto.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        Graph graph = OnnxModel.Parse(Made.Model(proto).ToByteArray()).Specialize([.. operands]);
        ImmutableArray<Tensor> reference = new Executor(graph, new ReferenceBackend()).Run([.. operands]);
        using CpuBackend backend = new(2);
        ImmutableArray<Tensor> kernel = new Executor(graph, backend).Run([.. operands]);
        static IEnumerable<string> Hex(ImmutableArray<Tensor> tensors) => tensors.Select(tensor => Convert.ToHexString(tensor.Bytes.Span));
        Assert.That(Hex(kernel), Is.EqualTo(Hex(reference)));
        return reference;
    }

    // Whole numbers with their axes in another order.
    private static Tensor Of(double[] numbers, long[] shape, params int[] order)
    {
        AffineView map = AffineView.Identity(new Shape(shape));
        map = order.Length == 0 ? map : map.Transpose(order);
        return Tensor.Of<float>(
            DType.F32, map.Shape, [.. Enumerable.Range(0, numbers.Length).Select(i => (float)numbers[map.SourceIndex(i)])]);
    }

    private static Tensor Zeros(params long[] extents)
    {
        TensorType type = new(DType.F32, new Shape(extents));
        return new Tensor(type, new byte[type.Bytes]);
    }
}
