using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Attentions on the device against the definitions of their nodes, one after another.</summary>
[Category("gpu")]
internal sealed class GpuAttentionTests : CountedDeviceTests
{
    // One multiprocessor: all rows by tiles, but the few. Very many: all by the kernels of Dot.
    private const int One = 1;
    private const int Many = 100_000;

    private static readonly string[] Kernels = ["Attention.attention", "Attention.weigh_long", "Attention.weigh_short"];

    [Test]
    public void Tiles_give_the_bits_of_the_nodes([Values(1, 255, 256, 257, 1024, 5000)] int keys, [Values] Mask mask)
    {
        Adversarial random = new((ulong)(keys * 16) + (ulong)mask);
        int queries = random.Of(9, 63, 64, 65);
        Mood mood = random.Of(Enum.GetValues<Mood>());
        AttentionCase made = new(random.Of(1, 2), 2, random.Of(1, 2), queries, keys, random.Of(8, 16, 33), random.Of(8, 20, 31), mask, mood);
        Check(made, random, One, "Attention.attention");
    }

    [Test]
    public void Few_rows_give_the_bits_of_the_nodes([Values(1, 255, 256, 257, 1024, 5000)] int keys, [Values] Mask mask)
    {
        Adversarial random = new((ulong)(keys * 16) + (ulong)mask + 7);
        int queries = random.Of(1, 2, 8);
        Mood mood = random.Of(Enum.GetValues<Mood>());
        AttentionCase made = new(random.Of(1, 3), 2, random.Of(1, 2), queries, keys, random.Of(8, 16, 33), random.Of(8, 20, 31), mask, mood);
        Check(made, random, Many, "Attention.weigh_long");
        Check(made, random, One, keys > 1024 || made.Batch * made.Heads * made.Queries < 8 ? "Attention.weigh_long" : "Attention.weigh_short");
    }

    [TestCase(64, 64)]
    [TestCase(128, 128)]
    [TestCase(257, 65)]
    [TestCase(1, 1)]
    [TestCase(80, 3)]
    [TestCase(7, 260)]
    public void Heads_may_have_any_size(int depth, int width)
    {
        Adversarial random = new((ulong)((depth * 1000) + width));
        foreach (Mood mood in Enum.GetValues<Mood>())
        {
            Check(new(1, 2, 1, 70, 130, depth, width, Mask.Additive, mood), random, One, "Attention.attention");
        }
    }

    /// <summary>What nobody sees is a launch and some rows of scores; weights that somebody sees are three, and all of them.</summary>
    [Test]
    public void One_launch_in_place_of_three_and_some_rows_in_place_of_all()
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = new AttentionCase(1, 8, 8, 512, 512, 32, 32, Mask.Scaled, Mood.Tame).Build(new Adversarial(5));
        (int launches, long bytes) = Cost(graph, inputs, []);
        (int launchesApart, long bytesApart) = Cost(graph, inputs, [new ValueRef(ValueKind.Node, graph.Nodes.Length - 2)]);
        TestContext.Out.WriteLine($"{launches} and {launchesApart} launches, at most {bytes} and {bytesApart} bytes");
        Assert.Multiple(() =>
        {
            Assert.That((launches, launchesApart), Is.EqualTo((1, 3)));
            long scores = 8 * 512 * 512 * sizeof(float);
            Assert.That(bytesApart, Is.GreaterThan(2 * scores));
            Assert.That(bytes, Is.LessThan(5 * 8 * 512 * 32 * sizeof(float)));
        });
    }

    /// <summary>Whatever somebody sees, and functions, which the kernel does not have, are done node by node.</summary>
    [Test]
    public void What_is_seen_is_stored([Values("scores", "scaled", "softmax", "maximum", "twice", "function", "clip")] string what)
    {
        Adversarial random = new(6);
        GraphBuilder builder = new();
        Tensor[] inputs = [.. Enumerable.Range(0, 3).Select(slot => random.Tensor(DType.F32, new Shape(2, 70, slot == 2 ? 70 : 16), Mood.Tame))];
        ValueRef[] values = [.. inputs.Select((input, slot) => builder.Input($"x{slot}", input.Type))];
        ValueRef scores = builder.Add("scores", Dot.Plain, values[0], values[1]);
        ValueRef Bound(float value) => builder.Parameter($"bound{value}", Tensor.Of<float>(DType.F32, Shape.Scalar, value));
        ValueRef scaled = what == "clip"
            ? builder.Add("scaled", Clip.Instance, scores, Bound(-1), Bound(1))
            : builder.Add("scaled", what == "function" ? Tanh.Instance : Neg.Instance, scores);
        ImmutableArray<ValueRef> softmax = builder.AddMany("softmax", new Softmax(false), scaled);
        ValueRef sums = builder.Add("sums", Dot.Plain, softmax[0], what == "twice" ? softmax[0] : values[2]);
        Graph graph = builder.Build(new GraphOutput("sums", sums));
        HashSet<ValueRef> visible = what switch
        {
            "scores" => [scores],
            "scaled" => [scaled],
            "softmax" => [softmax[0]],
            "maximum" => [softmax[Softmax.Maximum]],
            _ => [],
        };
        Device.Units = One;
        Device.Ran.Clear();
        Followed.Check(Backend, graph, [.. inputs.Take(graph.Inputs.Length)], visible.Contains, () => what);
        Assert.That(Device.Ran.Where(kernel => kernel.StartsWith("Attention.", StringComparison.Ordinal)), Is.Empty);
        Assert.That(Device.Ran, Has.Some.StartsWith("Softmax."));
    }

    /// <summary>Products whose sums are scores of another attention: one of the two is an attention, the other node by node.</summary>
    [Test]
    public void A_product_is_of_one_attention()
    {
        Adversarial random = new(7);
        GraphBuilder builder = new();
        Tensor x = random.Tensor(DType.F32, new Shape(2, 70, 70), Mood.Tame);
        ValueRef value = builder.Input("x", x.Type);
        ValueRef y = builder.Add("dot", Dot.Plain, value, value);
        for (int turn = 0; turn < 3; turn++)
        {
            y = builder.Add("dot", Dot.Plain, builder.Add("softmax", new Softmax(false), y), value);
        }

        Graph graph = builder.Build(new GraphOutput("y", y));
        using ReferenceBackend reference = new();
        byte[] expected = new Executor(graph, reference).Run([x])[0].Bytes.ToArray();
        Device.Units = One;
        Device.Launches.Clear();
        Assert.That(new Executor(graph, Backend).Run([x])[0].Bytes.Span.SequenceEqual(expected), Is.True);
        Assert.That(Device.Launches.Count(name => name == "Attention.attention"), Is.EqualTo(2));
    }

    /// <summary>A node that runs elsewhere is in no attention, and its stage has no kernel.</summary>
    [Test]
    public void A_node_on_the_processors_is_of_no_attention()
    {
        (Graph graph, _) = new AttentionCase(1, 2, 2, 70, 40, 8, 8, Mask.Additive, Mood.Tame).Build(new Adversarial(8));
        ImmutableHashSet<int> kernels = GpuStage.Kernels(graph, Device.Description);
        Assert.That(GpuStage.Of(graph, ImmutableHashSet<ValueRef>.Empty, Device.Description, kernels), Has.Length.EqualTo(1));
        foreach (int away in kernels)
        {
            ImmutableArray<GpuStage> stages = GpuStage.Of(graph, ImmutableHashSet<ValueRef>.Empty, Device.Description, kernels.Remove(away));
            GpuStage alone = stages.Single(stage => stage.Nodes.Contains(away));
            Assert.That((alone.Op, alone.Nodes.Length), Is.EqualTo(((GpuOp?)null, 1)));
            Assert.That(stages.Where(stage => !stage.Nodes.Contains(away)).Select(stage => stage.Op), Is.All.Not.Null);
        }
    }

    /// <summary>Scores are never whole on the device, so they may be more than one buffer holds.</summary>
    [Test]
    public void Scores_may_be_more_than_a_buffer_holds()
    {
        using CountedDevice device = new(GpuTest.OpenCl()) { Units = One, LargestBuffer = 1 << 20 };
        using GpuBackend backend = new(device, GpuPlacement.Kernels, threads: 1);
        (Graph graph, ImmutableArray<Tensor> inputs) = new AttentionCase(1, 2, 2, 512, 512, 8, 8, Mask.Scaled, Mood.Tame).Build(new Adversarial(9));
        Followed.Check(backend, graph, inputs, _ => false, () => "large scores");
        Assert.That(device.Launches.Single(), Is.EqualTo("Attention.attention"));
        ValueRef weights = new(ValueKind.Node, graph.Nodes.Length - 2);
        Followed.Check(backend, graph, inputs, value => value == weights, () => "weights that somebody sees");
    }

    /// <summary>Where the device has no room, the processors run the nodes.</summary>
    [Test]
    public void Without_room_the_processors_run_it()
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = new AttentionCase(1, 2, 1, 70, 300, 16, 16, Mask.Additive, Mood.Tame).Build(new Adversarial(8));
        using ReferenceBackend reference = new();
        byte[] expected = new Executor(graph, reference).Run(inputs)[0].Bytes.ToArray();
        Device.Units = One;
        long moved = Backend.MovedStages;
        Device.Refuses = bytes => bytes >= 64 * 300 * sizeof(float);
        try
        {
            Assert.That(new Executor(graph, Backend).Run(inputs)[0].Bytes.Span.SequenceEqual(expected), Is.True);
        }
        finally
        {
            Device.Refuses = _ => false;
        }

        Assert.That(Backend.MovedStages, Is.GreaterThan(moved));
    }

    /// <summary>In a run that nobody watches every softmax of a model between two products is part of an attention.</summary>
    [TestCase("stories260K/onnx_nocache", 5)]
    [TestCase("stories260K/onnx_kv", 5)]
    [TestCase("stories260K/onnx_opset23", 5)]
    [TestCase("tinybert-tribuo", 1)]
    [TestCase("deeploy-cct2-op20", 2)]
    [TestCase("ppocrv4-rec", 2)]
    public void Models_have_attentions(string model, int attentions)
    {
        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", model);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        Graph graph = OnnxModel.Load(Path.Combine(folder, "model.onnx")).Specialize(inputs);
        IEnumerable<Stage> stages = Backend.Load(graph, ImmutableHashSet<ValueRef>.Empty).Stages;
        Assert.That(stages.Count(stage => stage.Nodes.Length > 1 && stage.Nodes.Any(node => graph.Nodes[node].Op is Softmax)), Is.EqualTo(attentions));
        using ReferenceBackend reference = new();
        ImmutableArray<Tensor> expected = new Executor(graph, reference).Run(inputs);
        foreach (int units in new[] { One, Many })
        {
            Device.Units = units;
            Device.Ran.Clear();
            ImmutableArray<Tensor> actual = new Executor(graph, Backend).Run(inputs);
            Assert.That(actual.Zip(expected).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)), Is.True, $"{units} multiprocessors");
            TestContext.Out.WriteLine(string.Join(' ', Device.Ran.Where(kernel => kernel.StartsWith("Attention.", StringComparison.Ordinal))));
        }
    }

    [Test]
    [Category("oclgrind")]
    public void Small_ones_are_clean()
    {
        using CountedDevice device = new(GpuTest.OpenCl());
        using GpuBackend backend = new(device, GpuPlacement.Kernels, threads: 1);
        device.Units = One;

        // Three tiles for two work-groups; eight rows that have a warp each; two that have a work-group each.
        foreach (AttentionCase made in new AttentionCase[]
        {
            new(3, 1, 1, 9, 5, 3, 4, Mask.Additive, Mood.Tame), new(2, 2, 1, 2, 7, 3, 3, Mask.Rounded, Mood.Tame),
            new(1, 2, 2, 1, 40, 3, 3, Mask.Padding, Mood.Tame),
        })
        {
            Check(backend, made, new Adversarial(9));
        }

        Assert.That(device.Ran, Is.SupersetOf(Kernels));
    }

    [Test]
    public void Any_attention() => Law.Holds(Gen.Choose(0, int.MaxValue), seed =>
    {
        Adversarial random = new((ulong)seed);
        int heads = random.Of(1, 2, 6);
        AttentionCase made = new(
            random.Of(1, 2, 3), heads, heads == 6 ? random.Of(1, 2, 3) : heads, 1 + random.Below(70), 1 + random.Below(random.Of(10, 300)),
            1 + random.Below(40), 1 + random.Below(70), random.Of(Enum.GetValues<Mask>()), random.Of(Enum.GetValues<Mood>()));
        Check(made, random, random.Of(One, Many));
        return true;
    }, 60);

    // Launches and the most bytes of a second run, on a device of its own.
    private static (int Launches, long Bytes) Cost(Graph graph, ImmutableArray<Tensor> inputs, HashSet<ValueRef> visible)
    {
        using CountedDevice device = new(GpuTest.OpenCl()) { Units = One };
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        Executor executor = new(graph, backend, visible);
        Watched(executor, inputs, visible);
        device.Launches.Clear();
        device.MostBytes = 0;
        Watched(executor, inputs, visible);
        return (device.Launches.Count, device.MostBytes);
    }

    private static ImmutableArray<Tensor> Watched(Executor executor, ImmutableArray<Tensor> inputs, HashSet<ValueRef> visible)
        => executor.Run(inputs, (_, _) => { }, null, CancellationToken.None, visible);

    // What is named must have run.
    private void Check(AttentionCase made, Adversarial random, int units, params string[] kernels)
    {
        Device.Units = units;
        Device.Ran.Clear();
        Check(Backend, made, random);
        Assert.That(Device.Ran, Is.SupersetOf(kernels), $"{made}");
    }

    /// <summary>Compares with the reference.</summary>
    internal static void Check(GpuBackend backend, AttentionCase made, Adversarial random)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = made.Build(random);
        using ReferenceBackend reference = new();
        byte[] expected = new Executor(graph, reference).Run(inputs)[0].Bytes.ToArray();
        byte[] actual = new Executor(graph, backend).Run(inputs)[0].Bytes.ToArray();
        Assert.That(actual.AsSpan().SequenceEqual(expected), Is.True, $"{made} on {backend.DeviceName}");
    }
}
