using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Whole models on the device give the pinned receipts.</summary>
[Category("gpu")]
internal sealed class GpuModelTests
{
    /// <summary>Models with pinned receipts.</summary>
    internal static readonly string[] Models = [.. Pinned().Select(row => row[0]).Distinct()];

    [Test]
    public void Receipts_are_those_of_every_other_backend([ValueSource(nameof(Models))] string model)
    {
        GpuBackend backend = Opened.Backend();
        long stages = backend.DeviceStages;
        Check(backend, model, Policy.Atomic, Policy.Compact2);
        Assert.That(backend.DeviceStages, Is.GreaterThan(stages), "the device ran something");
        TestContext.Out.WriteLine($"{model}: {backend.DeviceStages - stages} stages on the device");
    }

    /// <summary>Compares the receipts of a model with the pinned ones.</summary>
    internal static void Check(GpuBackend backend, string model, params ReadOnlySpan<Policy> policies)
    {
        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", model);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(folder, "model.onnx")).Specialize(inputs);
        foreach (Policy policy in policies)
        {
            LoweredGraph lowered = Lowerer.Lower(graph, policy);
            ImmutableHashSet<int> kernels = GpuStage.Kernels(lowered.Graph, backend.Device.Description);
            Assert.That(
                lowered.Graph.Nodes.Where((node, index) => !kernels.Contains(index)).Select(node => node.Op.Name).Except(["View", "Lstm", "Gru"]),
                Is.Empty,
                "ops without a kernel");
            Committer committer = new(backend.Cpu.Hasher);
            StatementFile statement = committer.State(lowered, inputs, Scene.Template(policy, Suite.Blake3, 1, model));
            string id = committer.Run(statement, lowered.Graph, inputs, backend).Receipt.Receipt.Id.ToString();
            Assert.That(id, Is.EqualTo(Pinned().Single(row => row[0] == model && row[1] == policy.Name() && row[2] == "Blake3")[3]), policy.Name());
        }
    }

    private static IEnumerable<string[]> Pinned()
        => File.ReadLines(Path.Combine(TestData.Root, "Engine.Tests", "Onnx", "PinnedReceipts.tsv")).Skip(1).Select(line => line.Split('\t'));
}
