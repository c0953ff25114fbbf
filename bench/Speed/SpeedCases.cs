using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Bench.Oracle;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Speed;

/// <summary>What is timed.</summary>
internal static class SpeedCases
{
    private static readonly string[] Models =
    [
        "mnist-cntk-op8", "mlperf-resnet8-f32", "mlperf-resnet8-int8-qop", "mlperf-kws-dscnn-int8-qop", "super-resolution-op15",
        "tinybert-tribuo", "stories260K/onnx_nocache",
    ];

    private static readonly (int M, int N, int K)[] Sizes =
    [
        (256, 256, 256), (384, 384, 384), (512, 512, 512), (768, 768, 768), (1024, 1024, 1024),
        (1, 1024, 1024), (8, 1024, 1024), (128, 1024, 1024),
    ];

    /// <summary>Every case, made when it is its turn.</summary>
    public static IEnumerable<(string Name, Func<SpeedCase> Make)> All
    {
        get
        {
            foreach ((int m, int n, int k) in Sizes)
            {
                yield return (MatMulName(m, n, k), () => MatMul(m, n, k));
            }

            yield return (ConvName, Conv);
            foreach (string name in Models)
            {
                yield return (name, () => Open(name));
            }
        }
    }

    private static string ConvName => "Conv 3x3, 64 to 64 channels, 56x56";

    private static string MatMulName(int m, int n, int k) => string.Create(CultureInfo.InvariantCulture, $"MatMul {m}x{n}x{k}");

    private static SpeedCase MatMul(int m, int n, int k)
    {
        CaseBuilder builder = new("MatMul", 13);
        Draw draw = new("speed", 0);
        ValueRef a = builder.Input("A", draw.Floats(Values.Uniform, m, k));
        ValueRef b = builder.Constant("B", draw.Floats(Values.Uniform, k, n));
        Case made = builder.Build((long)m * n * k, builder.Add(Dot.Plain, a, builder.Graph.Transpose("B", b, 1, 0)));
        return new(MatMulName(m, n, k), 2 * made.Work, made.Model, made.Graph, made.Inputs);
    }

    private static SpeedCase Conv()
    {
        CaseBuilder builder = new("Conv", 11);
        Draw draw = new("speed", 1);
        builder.Attribute("kernel_shape", (long[])[3, 3]).Attribute("pads", (long[])[1, 1, 1, 1]);
        Window window = new([3, 3], [1, 1], [1, 1], [1, 1], [1, 1], [56, 56]);
        ValueRef x = builder.Input("X", draw.Floats(Values.Uniform, 1, 64, 56, 56));
        ValueRef w = builder.Constant("W", draw.Floats(Values.Uniform, 64, 64, 3, 3));
        ValueRef bias = builder.Constant("B", draw.Floats(Values.Uniform, 64));
        Case made = builder.Build(64L * 64 * 9 * 56 * 56, builder.Add(new Engine.Ops.Conv(window, 1), x, w, bias));
        return new(ConvName, 2 * made.Work, made.Model, made.Graph, made.Inputs);
    }

    private static SpeedCase Open(string name)
    {
        string folder = Path.Combine(Folders.OpenModels, name);
        string file = Path.Combine(folder, "model.onnx");
        OnnxModel model = OnnxModel.Load(file);
        ImmutableArray<(string Name, Tensor Value)> inputs =
        [
            .. model.Inputs.Select((input, index) => (input.Name, TensorFile.Read(Path.Combine(folder, "test_data_set_0", $"input_{index}.pb")))),
        ];
        Graph graph = model.Specialize(inputs.ToDictionary(input => input.Name, input => input.Value));
        return new(name, 0, File.ReadAllBytes(file), graph, inputs);
    }
}
