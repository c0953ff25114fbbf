using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A run on a device is committed where its values are: the receipt is the reference's, the bytes stay there.</summary>
[Category("gpu")]
internal sealed class GpuCommitmentTests
{
    private static readonly Committer Plain = new(PlainHasher.Instance);

    [Test]
    public void Of_a_value_on_the_device_a_hash_crosses_and_no_byte([Values] Suite suite)
    {
        Scene scene = Products(Policy.Atomic, suite);
        Graph graph = scene.Graph.Graph;
        using CountedDevice device = new(GpuTest.OpenCl());
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        Executor executor = new(graph, backend, scene.Statement.Graph.Committed);
        long output = graph.TypeOf(graph.Outputs[0].Value).Bytes;
        for (int run = 0; run < 2; run++)
        {
            device.BytesRead = 0;
            Assert.That(
                Plain.Run(scene.Statement, executor, scene.Inputs, issued: scene.Receipt.Receipt.Issued).Receipt.ToArray(),
                Is.EqualTo(scene.Receipt.ToArray()));
            Assert.That(device.BytesRead, Is.EqualTo(output + ((scene.Statement.Graph.Committed.Count - 1) * Digest.Bytes)));
        }

        Assert.That(executor.Plan.ActivationBytes, Is.EqualTo(output), "the host has no memory for the others");
        MemoryTraceStore store = new();
        Plain.Run(scene.Statement, executor, scene.Inputs, store: store);
        foreach (ValueRef value in scene.Statement.Graph.Committed)
        {
            Assert.That(store.Read(value.Index, value.Slot).ToArray(), Is.EqualTo(scene.Store.Read(value.Index, value.Slot).ToArray()));
        }
    }

    [Test]
    public void Receipts_are_the_references([Values] Policy policy, [Values] Suite suite, [Range(1, 3)] int seed)
    {
        Scene scene = Scene.Make(policy, suite, seed: seed);
        CommittedRun run = Plain.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, Opened.Backend(), issued: scene.Receipt.Receipt.Issued);
        Assert.That(run.Receipt.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
    }

    [Test]
    public void Where_hashes_find_no_room_the_host_makes_them([Values] Suite suite)
    {
        Scene scene = Products(Policy.Atomic, suite);
        Graph graph = scene.Graph.Graph;
        using CountedDevice device = new(GpuTest.OpenCl()) { Refuses = bytes => bytes == GpuHasher.Room * Digest.Bytes };
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        CommittedRun run = Plain.Run(scene.Statement, graph, scene.Inputs, backend, issued: scene.Receipt.Receipt.Issued);
        Assert.That(run.Receipt.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
        Assert.That(device.BytesRead, Is.EqualTo(scene.Statement.Graph.Committed.Sum(value => graph.TypeOf(value).Bytes)));
        Assert.That(backend.MovedStages, Is.Zero);
    }

    // Budgets under which values are spilled, hashes are made on the host, stages move to the processors.
    [Test]
    public void Want_of_memory_changes_no_receipt([Values] Suite suite, [Values(4_000, 36_000, 60_000, 90_000, 120_000, 200_000, 300_000)] int budget)
    {
        Scene scene = Products(Policy.Atomic, suite);
        using GpuBackend backend = new(GpuTest.OpenCl(budget), GpuPlacement.Kernels);
        CommittedRun run = Plain.Run(scene.Statement, scene.Graph.Graph, scene.Inputs, backend, issued: scene.Receipt.Receipt.Issued);
        Assert.That(run.Receipt.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
        Assert.That(backend.MovedStages, Is.GreaterThanOrEqualTo(budget == 4_000 ? 1 : 0));
    }

    [Test]
    public void Every_value_can_be_read_when_it_is_shown()
    {
        Scene scene = Products(Policy.Atomic, Suite.Blake3);
        Graph graph = scene.Graph.Graph;
        using ReferenceBackend reference = new();
        Dictionary<ValueRef, byte[]> expected = [];
        new Executor(graph, reference).Run(
            scene.Inputs, (value, tensor) => expected.Add(value, tensor.Bytes.ToArray()), progress: null, CancellationToken.None);
        int shown = 0;
        new Executor(graph, Opened.Backend()).Run(
            scene.Inputs,
            value =>
            {
                byte[] bytes = expected[value.Value];
                byte[] some = new byte[4];
                value.Read(bytes.Length - 8, some);
                Assert.That(some, Is.EqualTo(bytes[^8..^4]));
                Assert.That(value.ToTensor().Bytes.ToArray(), Is.EqualTo(bytes));
                shown++;
            },
            progress: null,
            CancellationToken.None);
        Assert.That(shown, Is.EqualTo(expected.Count));
    }

    // What the device has kernels for: products and elementwise nodes.
    private static Scene Products(Policy policy, Suite suite)
    {
        Adversarial random = new(5);
        GraphBuilder builder = new();
        Tensor input = random.Tensor(DType.F32, new Shape(70, 90), Adversarial.Mood.Tame);
        ValueRef x = builder.Input("x", input.Type);
        ValueRef y = x;
        foreach (int width in (int[])[130, 64, 3])
        {
            y = builder.Add("dot", Dot.Plain, y, builder.Parameter($"w{width}", random.Tensor(
                DType.F32, new Shape(width, builder.TypeOf(y).Shape[1]), Adversarial.Mood.Tame)));
            ValueRef bias = builder.Parameter($"b{width}", random.Tensor(DType.F32, new Shape(width), Adversarial.Mood.Tame));
            ValueRef sum = builder.Add("bias", Add.Instance, y, builder.Expand("bias", bias, builder.TypeOf(y).Shape));
            y = builder.Add("relu", Relu.Instance, sum);
        }

        return Scene.Of(builder.Build(new GraphOutput("y", y)), [input], policy, suite, samples: 1);
    }
}
