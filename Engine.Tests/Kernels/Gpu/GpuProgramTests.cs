using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Whole graphs on the device against the reference: whatever is visible, run after run, and from several threads at once.</summary>
[Category("gpu")]
internal sealed class GpuProgramTests
{
    [Test]
    public void Any_graph_of_elementwise_ops_and_products() => Holds(FusionTests.Mixed, 60);

    [Test]
    public void Any_graph_of_other_ops() => Holds(seed => RandomGraphs.Make(seed, 40), 40);

    [Test]
    public void Any_attention() => Holds(FusionTests.Attention, 30);

    [Test]
    public void Products_of_codes_and_what_follows_them() => Holds(FusionTests.OfCodes, 30);

    /// <summary>Bounds of a Clip are scalars: what makes them is no part of the chain of what is held.</summary>
    [Test]
    public void A_chain_has_one_number_of_elements([Values] bool low)
    {
        GraphBuilder builder = new();
        Adversarial random = new(3);
        Tensor x = random.Tensor(DType.F32, new Shape(1000));
        Tensor t = Tensor.Of(DType.F32, Shape.Scalar, 0.5f);
        ValueRef values = builder.Input("x", x.Type);
        ValueRef bound = builder.Input("t", t.Type);
        ValueRef made = builder.Add("neg", Neg.Instance, bound);
        ValueRef y = builder.Add("y", Clip.Instance, values, low ? made : bound, low ? bound : made);
        Graph graph = builder.Build(new GraphOutput("y", y));
        using ReferenceBackend reference = new();
        Tensor expected = new Executor(graph, reference).Run([x, t])[0];
        Assert.That(new Executor(graph, Opened.Backend()).Run([x, t])[0].Bytes.Span.SequenceEqual(expected.Bytes.Span), Is.True);
    }

    [Test]
    public void Executors_share_a_device()
    {
        (Graph Graph, ImmutableArray<Tensor> Inputs)[] made = [.. Enumerable.Range(1, 6).Select(FusionTests.Mixed)];
        using ReferenceBackend reference = new();
        ImmutableArray<Tensor>[] expected = [.. made.Select(one => new Executor(one.Graph, reference).Run(one.Inputs))];
        Parallel.For(0, made.Length, i =>
        {
            Executor executor = new(made[i].Graph, Opened.Backend());
            for (int run = 0; run < 5; run++)
            {
                ImmutableArray<Tensor> got = executor.Run(made[i].Inputs);
                Assert.That(got.Zip(expected[i]).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)), Is.True, $"graph {i}, run {run}");
            }
        });
    }

    private static void Holds(Func<int, (Graph Graph, ImmutableArray<Tensor> Inputs)> make, int count)
    {
        GpuBackend backend = Opened.Backend();
        long before = backend.DeviceNodes;
        Law.Holds(Gen.Choose(0, int.MaxValue), seed => FusionTests.Check(seed, make(seed), _ => (backend, "a device")), count);
        Assert.That(backend.DeviceNodes - before, Is.GreaterThan(count), "nodes that ran on the device");
    }
}
