using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Execution;

/// <summary>Of values that a device holds, what somebody asks for crosses the bus, and nothing else; receipts do not show it.</summary>
internal sealed class DeviceProgramTests
{
    private static readonly Committer Plain = new(PlainHasher.Instance);

    [Test]
    public void A_receipt_without_a_trace_takes_hashes_and_no_bytes([Values] Suite suite, [Values] Policy policy)
    {
        Scene scene = Scene.Make(policy, suite);
        using HostDevice device = new();
        Executor executor = new(scene.Graph.Graph, device, scene.Statement.Graph.Committed);
        int held = scene.Statement.Graph.Committed.Count - scene.Graph.Graph.Outputs.Length;
        for (int run = 1; run <= 2; run++)
        {
            Assert.That(
                Plain.Run(scene.Statement, executor, scene.Inputs, issued: scene.Receipt.Receipt.Issued).Receipt.ToArray(),
                Is.EqualTo(scene.Receipt.ToArray()));
            Assert.That((device.BytesRead, device.HashesBegun, device.HashesTaken), Is.EqualTo((0L, run * held, run * held)));
        }

        Assert.That(held, Is.Positive);
        Assert.That(executor.Plan.ActivationBytes, Is.EqualTo(executor.Plan.OutputBytes), "the host has memory for the outputs alone");
    }

    [Test]
    public void A_trace_takes_the_bytes_once([Values] Suite suite)
    {
        Scene scene = Scene.Make(Policy.Atomic, suite);
        Graph graph = scene.Graph.Graph;
        using HostDevice device = new();
        MemoryTraceStore store = new();
        CommittedRun run = Plain.Run(scene.Statement, graph, scene.Inputs, device, issued: scene.Receipt.Receipt.Issued, store: store);
        Assert.That(run.Receipt.ToArray(), Is.EqualTo(scene.Receipt.ToArray()));
        HashSet<ValueRef> outputs = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        Assert.That(device.BytesRead, Is.EqualTo(scene.Statement.Graph.Committed.Except(outputs).Sum(value => graph.TypeOf(value).Bytes)));
        foreach (ValueRef value in scene.Statement.Graph.Committed)
        {
            Assert.That(store.Read(value.Index, value.Slot).ToArray(), Is.EqualTo(scene.Store.Read(value.Index, value.Slot).ToArray()));
        }
    }

    [Test]
    public void An_auditor_sees_the_bytes()
    {
        Scene scene = Scene.Make();
        using HostDevice device = new();
        AuditResult result = new Auditor(PlainHasher.Instance)
            .Audit(scene.Statement, scene.Receipt, scene.Graph.Graph, scene.Inputs, device, accused: null);
        Assert.That(result.Verdict.Kind, Is.EqualTo(VerdictKind.Valid), result.Verdict.Text);
        Assert.That(device.BytesRead, Is.Positive);
    }

    [Test]
    public void A_visitor_may_ask_for_some_bytes_or_all_or_the_hash([Values] bool onDevice)
    {
        Graph graph = Sums();
        using HostDevice device = new();
        using ReferenceBackend reference = new();
        Dictionary<ValueRef, Digest> known = [];
        List<string> seen = [];
        ImmutableArray<Tensor> outputs = new Executor(graph, onDevice ? device : reference).Run(
            [Tensor.Of<float>(DType.F32, new Shape(3), 1, 2, 3)], Visit, progress: null, CancellationToken.None);
        Assert.That(seen, Is.EqualTo(["2 4 6 3", "4 8 12 6", "8 16 24 12"]));
        Assert.That(outputs[0].As<float>().ToArray(), Is.EqualTo(new float[] { 8, 16, 24 }));
        Assert.That(device.BytesRead, Is.EqualTo(onDevice ? 2 * (12 + 4) : 0));
        Assert.That(known, Has.Count.EqualTo(onDevice ? 2 : 0));
        foreach ((ValueRef value, Digest hash) in known)
        {
            Tensor tensor = Tensor.Of<float>(DType.F32, new Shape(3), [.. seen[value.Index].Split(' ')[..3].Select(float.Parse)]);
            Assert.That(hash, Is.EqualTo(MerkleTree.OfTensor(Suite.Blake3, tensor.Bytes.Span, PlainHasher.Instance).TreeHash));
        }

        void Visit(Shown shown)
        {
            Assert.That(known, Is.Empty, "hashes come when the run is over");
            Assert.That(shown.TryHash(Suite.Blake3, known.Add), Is.EqualTo(onDevice && shown.Value.Index < 2));
            byte[] some = new byte[4];
            shown.Read(8, some);
            seen.Add($"{string.Join(' ', shown.ToTensor().As<float>().ToArray())} {BitConverter.ToSingle(some) / 2}");
        }
    }

    [Test]
    public void More_bytes_than_there_are_cannot_be_read([Values] bool onDevice, [Values(-1, 9, 1 << 30)] int start)
    {
        using HostDevice device = new();
        using ReferenceBackend reference = new();
        Executor executor = new(Sums(), onDevice ? device : reference);
        Assert.That(
            () => executor.Run(
                [Tensor.Of<float>(DType.F32, new Shape(3), 1, 2, 3)], shown => shown.Read(start, new byte[4]), progress: null, CancellationToken.None),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(device.BytesRead, Is.Zero);
    }

    [Test]
    public void A_run_that_fails_leaves_no_hash_to_the_next()
    {
        Scene scene = Scene.Make();
        using HostDevice device = new() { FailsToHash = true };
        Executor executor = new(scene.Graph.Graph, device, scene.Statement.Graph.Committed);
        Assert.That(() => Plain.Run(scene.Statement, executor, scene.Inputs), Throws.InstanceOf<BackendException>());
        device.FailsToHash = false;
        Assert.That(
            Plain.Run(scene.Statement, executor, scene.Inputs, issued: scene.Receipt.Receipt.Issued).Receipt.ToArray(),
            Is.EqualTo(scene.Receipt.ToArray()));
    }

    [Test]
    public void What_is_hidden_and_cannot_be_shown_is_not_asked_for()
    {
        using HostDevice device = new(shows: false);
        Graph graph = Sums();
        Assert.That(new Executor(graph, device).Run([Tensor.Of<float>(DType.F32, new Shape(3), 1, 2, 3)]), Has.Length.EqualTo(1));
        Assert.That(
            () => new Executor(graph, device, ImmutableHashSet.Create(new ValueRef(ValueKind.Node, 1))),
            Throws.InvalidOperationException.With.Message.Contains("hides an output of 'second'"));
    }

    // Twice, four and eight times the input; the last is the output.
    private static Graph Sums()
    {
        GraphBuilder builder = new();
        ValueRef value = builder.Input("x", new TensorType(DType.F32, new Shape(3)));
        foreach (string name in (string[])["first", "second", "third"])
        {
            value = builder.Add(name, Add.Instance, value, value);
        }

        return builder.Build(new GraphOutput("y", value));
    }
}
