using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Onnx;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>ONNX's own tests of its operators: a test passes, or its model is refused as unsupported.</summary>
internal sealed class ConformanceTests
{
    // Its golden was truncated to bf16 (3EF5EEB0 as 3EF5, not 3EF6); Cast rounds to nearest.
    private const string Truncated = "legacy-v1.12.0/test_cast_FLOAT_to_BFLOAT16";

    private static readonly string[] Sets =
    [
        "node", "simple", "pytorch-converted", "pytorch-operator", "legacy-v1.4.1", "legacy-v1.5.0", "legacy-v1.7.0", "legacy-v1.12.0",
    ];

    [Test, Category("slow")]
    public void Every_test_passes_or_is_refused_as_unsupported([ValueSource(nameof(Sets))] string set)
    {
        string root = TestData.Folder("onnx-open");
        string folder = Directory.GetDirectories(root, set, SearchOption.AllDirectories).First();
        Conformance conformance = new(1e-3, 1e-7);
        using ReferenceBackend backend = new();
        int passed = 0;
        List<string> failed = [];
        List<string> refused = [];
        foreach (string test in Conformance.Find(folder))
        {
            string name = $"{set}/{Path.GetFileName(test)}";
            if (name == Truncated)
            {
                continue;
            }

            if (!OnnxModel.TryLoad(Path.Combine(test, "model.onnx"), out _, out Exception? refusal))
            {
                (refusal is UnsupportedModelException ? refused : failed).Add($"{name}: {refusal.Message.ReplaceLineEndings(" ")}");
                continue;
            }

            ConformanceResult result = conformance.Run(test, backend, CancellationToken.None);
            if (result.Passed)
            {
                passed++;
            }
            else
            {
                (result.Reason.Contains("not supported", StringComparison.Ordinal) ? refused : failed).Add($"{name}: {result.Reason}");
            }
        }

        TestContext.Out.WriteLine($"{passed} passed, {refused.Count} refused\n{string.Join('\n', refused)}");
        Assert.That(failed, Is.Empty);
        Assert.That(passed, Is.Positive);
    }
}
