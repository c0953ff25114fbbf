using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Proving;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>However a model is cut into stages, and whoever runs each, the receipt is the pinned one of the whole run.</summary>
internal sealed class StagedModelTests
{
    private const int OfSmall = 100;
    private const int OfOthers = 3;

    private static readonly string[] Small = ["mnist-factorio-int8dyn", "mnist-factorio-fp32", "mnist-cntk-op8"];

    private static readonly (Policy Policy, Suite Suite)[] Terms =
    [
        (Policy.Compact2, Suite.Sha256), (Policy.Compact, Suite.Blake3), (Policy.Atomic, Suite.Sha256),
        (Policy.Compact2, Suite.Blake3), (Policy.Compact, Suite.Sha256), (Policy.Atomic, Suite.Blake3),
    ];

    [TestCaseSource(nameof(Models))]
    public void Stages_give_the_pinned_receipt(string model, int partitions)
    {
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(ModelTests.Folder(model), "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(ModelTests.Folder(model), "model.onnx")).Specialize(inputs);
        ILookup<(string, string), string> pinned = File.ReadLines(ModelTests.Pinned).Select(line => line.Split('\t'))
            .Where(cells => cells[0] == model).ToLookup(cells => (cells[1], cells[2]), cells => cells[3]);
        IBackend[] backends = [new CpuBackend(1), new CpuBackend(2, SimdLevel.V128), new CpuBackend(2), new CpuBackend(1, SimdLevel.Scalar)];
        Adversarial random = new(20261124);
        int stages = 0;
        int most = 0;
        foreach ((Policy policy, Suite suite) in Terms)
        {
            LoweredGraph lowered = Lowerer.Lower(graph, policy);
            StatementFile statement = new Committer(PlainHasher.Instance).State(lowered, inputs, Scene.Template(policy, suite, 1, model));
            Cuts cuts = statement.Graph.Cuts();

            int kind = Array.IndexOf(Terms, (policy, suite));
            foreach (int partition in Enumerable.Range(0, partitions).Where(partition => partition % Terms.Length == kind))
            {
                ImmutableArray<int> ends = Staged.Ends(cuts, random, 1 + random.Below(10));
                Staged staged = Staged.Run(statement, lowered.Graph, inputs, ends, _ => backends[random.Below(backends.Length)]);
                Composition composed = Composer.Compose(statement, staged.Files);
                Assert.That(composed.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), composed.Verdict.Text);
                string[] wanted = [.. pinned[(policy.Name(), suite.ToString())]];
                Assert.That(wanted, Is.EqualTo(new[] { composed.Receipt!.Receipt.Id.ToString() }), $"{policy.Name()}, cuts {string.Join(',', ends)}");
                stages += ends.Length;
                most = int.Max(most, ends.Length);
            }
        }

        TestContext.Out.WriteLine($"{model}: {partitions} partitions, {stages} stages, at most {most}");
        Assert.That(stages, Is.GreaterThan(partitions), "several stages");
        foreach (IBackend backend in backends)
        {
            backend.Dispose();
        }
    }

    private static IEnumerable<TestCaseData> Models() => ModelTests.SupportedNames.Select(model => Small.Contains(model)
        ? new TestCaseData(model, OfSmall)
        : new TestCaseData(model, OfOthers).SetCategory("slow"));
}
