using System.Collections.Immutable;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>The open models, whole.</summary>
internal sealed class ModelSection : Section
{
    private const string Group = "open models";

    /// <inheritdoc/>
    public override string Name => "models";

    /// <inheritdoc/>
    public override string Title => "Models, end to end";

    /// <inheritdoc/>
    public override string Text => "The open models on their first test inputs, or on generated ones where they have none. ONNX Runtime at its default optimisation.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach (string file in Directory.EnumerateFiles(Folders.OpenModels, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            Measure(file);
        }

        (double least, string where) = Least(In(Group));
        Add(Goal.Of(
            "open models, end to end, 1 and 2 threads",
            "geometric mean ≥ 1.0× ORT, none below 0.7×",
            Part.AtLeast(Mean(In(Group, 1)), 1, "1 thread"),
            Part.AtLeast(Mean(In(Group, 2)), 1, "2 threads"),
            Part.AtLeast(least, 0.7, $"least ({where})")));
    }

    private void Measure(string file)
    {
        string folder = Path.GetDirectoryName(file)!;
        string set = Path.Combine(folder, "test_data_set_0");
        string name = Path.GetRelativePath(Folders.OpenModels, folder).Replace("models-open/", string.Empty, StringComparison.Ordinal);
        try
        {
            OnnxModel model = OnnxModel.Load(file);
            ImmutableArray<(string Name, Tensor Value)> inputs = Directory.Exists(set)
                ? [.. model.Inputs.Zip(Conformance.ReadSet(set, "input"), (input, value) => (input.Name, value))]
                : [.. GeneratedInputs.Of(model, []).Select(pair => (pair.Key, pair.Value))];
            RaceModel(Group, name, "ms", 0, 0, File.ReadAllBytes(file), inputs, path: file);
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException or ArgumentException)
        {
            Console.Error.WriteLine($"{name}: {refusal.Message.Split('\n')[0]}");
        }
    }
}
