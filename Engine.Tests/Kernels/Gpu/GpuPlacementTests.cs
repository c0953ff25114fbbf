using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;
using VerifiableCompute.Engine.Tests.Planning;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>What runs on a device and what on the processors: the choice is the planner's, and no bit depends on it.</summary>
[Category("gpu")]
internal sealed class GpuPlacementTests
{
    private static readonly Device Slow = new("slow", new Speed(1, 1, 1), 1 << 30, 1);
    private static readonly Device Fast = new("fast", new Speed(1e3, 1e3, 1e3), 1 << 30, 1e3);

    [Test]
    public void No_bit_depends_on_the_choice()
    {
        Adversarial random = new(7);
        long onBoth = 0;
        for (int draw = 0; draw < 6; draw++)
        {
            Host host = Hosts.Draw(random, 12, 1 << 20, ["Add", "Mul", "Dot", "Relu", "Copy", "Reduce"]).Hosts.First(host => host.Devices.Length == 2);
            using GpuBackend backend = new(GpuTest.OpenCl(), GpuPlacement.By(host with { Bus = new Link(100, 0) }), threads: 2);
            for (int i = 0; i < 6; i++)
            {
                int seed = random.Below(1 << 20);
                (long device, long processors) = (backend.DeviceNodes, backend.HostNodes);
                (Graph, ImmutableArray<Tensor>) drawn = (i % 3) switch
                {
                    0 => FusionTests.Mixed(seed),
                    1 => FusionTests.Attention(seed),
                    _ => RandomGraphs.Make(seed, 30),
                };
                FusionTests.Check(seed, drawn, _ => (backend, "both"));
                onBoth += backend.DeviceNodes > device && backend.HostNodes > processors ? 1 : 0;
            }
        }

        TestContext.Out.WriteLine($"{onBoth} of 36 graphs ran on both");
        Assert.That(onBoth, Is.GreaterThan(5));
    }

    [TestCase(1e3, 0, true)]
    [TestCase(1e-3, 1e3, false)]
    public void A_node_runs_where_it_is_done_sooner(double busGbs, double busMicroseconds, bool isNear)
    {
        Adversarial random = new(3);
        GraphBuilder builder = new();
        Tensor x = random.Tensor(DType.F32, new Shape(64, 64), Adversarial.Mood.Tame);
        ValueRef w = builder.Parameter("w", random.Tensor(DType.F32, new Shape(64, 64), Adversarial.Mood.Tame));
        ValueRef y = builder.Add("dot", Dot.Plain, builder.Input("x", x.Type), w);
        ValueRef z = builder.Add("mod", new Mod(truncated: true), y, w);
        Graph graph = builder.Build(new GraphOutput("z", builder.Add("relu", Relu.Instance, z)));
        using ReferenceBackend reference = new();
        using GpuBackend backend = new(GpuTest.OpenCl(), GpuPlacement.By(new Host("h", [Slow, Fast], new Link(busGbs, busMicroseconds))), threads: 1);
        Tensor got = new Executor(graph, backend).Run([x])[0];
        long expected = isNear ? GpuStage.Kernels(graph, backend.Device.Description).Count : 0;
        Assert.That((backend.DeviceNodes, backend.HostNodes, backend.DeviceStages), Is.EqualTo((expected, 3 - expected, expected)));
        Assert.That(expected, Is.EqualTo(0).Or.GreaterThan(1));
        Assert.That(got.Bytes.Span.SequenceEqual(new Executor(graph, reference).Run([x])[0].Bytes.Span), Is.True);
    }

    [Test]
    public void Speeds_are_measured_and_remembered()
    {
        using GpuBackend backend = new(GpuTest.OpenCl(), GpuPlacement.Measured);
        (Host measured, bool isWhole) = GpuSpeeds.Measure(backend);
        string text = GpuSpeeds.Text(measured);
        TestContext.Out.WriteLine(text);
        Assert.That(isWhole, Is.True);
        Assert.That(measured.Defect(), Is.Empty);
        Assert.That(GpuSpeeds.Text(GpuSpeeds.Parse(text, backend.Device.Description)!), Is.EqualTo(text));
        Assert.That(
            new[] { string.Empty, text + "\n", text.Replace(' ', ','), text.Replace("\n", "\n0", StringComparison.Ordinal), text[..^3] }
                .Select(damaged => GpuSpeeds.Parse(damaged, backend.Device.Description)),
            Is.All.Null);
        Assert.That(backend.DeviceBytes, Is.Zero, "what it took is given back");
    }

    [Test]
    public void A_second_backend_reads_what_the_first_measured()
    {
        // Nothing is remembered of a device of this name.
        string name = $"known {Guid.NewGuid()}";
        using GpuBackend first = new(new CountedDevice(GpuTest.OpenCl()) { Name = name }, GpuPlacement.Measured);
        CountedDevice device = new(GpuTest.OpenCl()) { Name = name };
        using GpuBackend second = new(device, GpuPlacement.Measured);
        string measured = GpuSpeeds.Text(first.Host!);
        Assert.That(GpuSpeeds.Text(second.Host!), Is.EqualTo(measured));
        Assert.That(device.Launches, Is.Empty);
    }

    [Test]
    public void A_device_without_room_to_be_measured_runs_whatever_it_has_kernels_for()
    {
        // Nothing is remembered of a device of this name.
        CountedDevice device = new(GpuTest.OpenCl()) { Refuses = bytes => bytes > 4096, Name = $"small {Guid.NewGuid()}" };
        using GpuBackend backend = new(device, GpuPlacement.Measured);
        Assert.That(backend.Host, Is.Null);
        GraphBuilder builder = new();
        Graph graph = builder.Build(new GraphOutput("y", builder.Add("relu", Relu.Instance, builder.Input("x", new TensorType(DType.F32, new Shape(4))))));
        new Executor(graph, backend).Run([Tensor.Of<float>(DType.F32, new Shape(4), [1, -1, 2, -2])]);
        Assert.That((backend.DeviceNodes, backend.DeviceStages), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public void What_describes_no_processors_with_a_device_is_refused()
    {
        Assert.That(() => GpuPlacement.By(Host.Of(Slow)), Throws.ArgumentException);
        Assert.That(() => GpuPlacement.By(new Host("h", [Slow, Fast], new Link(0, 1))), Throws.ArgumentException);
        Assert.That(() => GpuPlacement.By(new Host("h", [Slow, Fast with { MemoryGbs = 0 }], new Link(1, 1))), Throws.ArgumentException);
    }
}
