using System.Collections.Immutable;

using VerifiableCompute.Bench.Reports;
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
    public override string Text
        => "The open models that have test data, on their first inputs. ONNX Runtime at its default optimisation.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach (string folder in Conformance.Find(Folders.OpenModels).Order(StringComparer.Ordinal))
        {
            Measure(folder);
        }

        (double least, string where) = Least(In(Group));
        Add(Goal.Of(
            "open models, end to end, 1 and 2 threads",
            "geometric mean ≥ 1.0× ORT, none below 0.7×",
            Part.AtLeast(Mean(In(Group, 1)), 1, "1 thread"),
            Part.AtLeast(Mean(In(Group, 2)), 1, "2 threads"),
            Part.AtLeast(least, 0.7, $"least ({where})")));
    }

    private void Measure(string folder)
    {
        string file = Path.Combine(folder, "model.onnx");
        string name = Path.GetRelativePath(Folders.OpenModels, folder).Replace("models-open/", string.Empty, StringComparison.Ordinal);
        try
        {
            OnnxModel model = OnnxModel.Load(file);
            ImmutableArray<(string Name, Tensor Value)> inputs =
                [.. model.Inputs.Zip(Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input"), (input, value) => (input.Name, value))];
            RaceModel(Group, name, "ms", 0, 0, File.ReadAllBytes(file), inputs, path: file);
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException or ArgumentException)
        {
            Console.Error.WriteLine($"{name}: {refusal.Message.Split('\n')[0]}");
        }
    }
}
