using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A chain behind a product runs as the product is stored, and every bit is what it is apart.</summary>
[Category("gpu")]
internal sealed class GpuFusionTests : CountedDeviceTests
{
    private static readonly string[] Kernels = [.. Followed.All.Select(one => one.Kernel).Distinct()];

    [Test]
    public void Each_kernel_gives_the_bits_of_both_definitions([ValueSource(nameof(Kernels))] string kernel)
    {
        ulong seed = 1;
        foreach (Followed product in Followed.All.Where(one => one.Kernel == kernel))
        {
            for (int chain = 0; chain < 5; chain++)
            {
                foreach (Mood mood in (Mood[])[Mood.Tame, Mood.Wild])
                {
                    (Graph graph, ImmutableArray<Tensor> inputs) = product.Make(seed++, chain, mood);
                    Choose(product);
                    Check(graph, inputs, _ => false, kernel, $"chain {chain}");
                }
            }
        }
    }

    [Test]
    public void What_is_seen_is_stored_too([ValueSource(nameof(Kernels))] string kernel, [Values(1, 2, 3)] int share)
    {
        Followed product = Followed.All.First(one => one.Kernel == kernel);
        for (int chain = 0; chain < 5; chain++)
        {
            (Graph graph, ImmutableArray<Tensor> inputs) = product.Make(7, chain, Mood.Finite);
            Choose(product);
            Check(graph, inputs, value => value.Index % share == 0, kernel, $"chain {chain}, {share}");
        }
    }

    /// <summary>Any product with any chain, whatever is visible.</summary>
    [Test]
    public void Any_product_and_what_follows_it() => Law.Holds(
        from which in Gen.Choose(0, Followed.All.Length - 1)
        from chain in Gen.Choose(0, 4)
        from mood in Gen.Elements(Enum.GetValues<Mood>())
        from visible in Gen.Choose(0, 15)
        from seed in Gen.Choose(0, int.MaxValue)
        select (which, chain, mood, visible, seed),
        drawn =>
        {
            Followed product = Followed.All[drawn.which];
            (Graph graph, ImmutableArray<Tensor> inputs) = product.Make((ulong)drawn.seed, drawn.chain, drawn.mood);
            Choose(product);
            Followed.Check(Backend, graph, inputs, value => ((drawn.visible >> (value.Index % 4)) & 1) == 1, () => $"{product} {drawn}");
            return true;
        },
        150);

    [Test]
    public void What_finds_no_room_runs_on_the_processors([Values(0, 1)] int share)
    {
        Followed product = Followed.All.First(one => one.Kernel == "DotChain.fold_f32");
        (Graph graph, ImmutableArray<Tensor> inputs) = product.Make(3, 1, Mood.Tame);
        Choose(product);
        long sums = 3 * 2 * 11 * 9 * sizeof(float);
        Device.Refuses = bytes => bytes == sums;
        long moved = Backend.MovedStages;
        Followed.Check(Backend, graph, inputs, _ => share == 1, () => "without room for sums");
        Device.Refuses = _ => false;
        Assert.That(Backend.MovedStages, Is.EqualTo(moved + 1));
        Device.Ran.Clear();
        Followed.Check(Backend, graph, inputs, _ => share == 1, () => "with room");
        Assert.That(Device.Ran, Does.Contain("DotChain.fold_f32"));
    }

    /// <summary>Stages of a small graph: x · w, then nodes that read what is named.</summary>
    [TestCase("relu:p exp:relu", "", "p relu exp")]
    [TestCase("relu:p exp:relu", "p", "p relu exp")]
    [TestCase("relu:p exp:relu", "p relu exp", "p relu exp")]
    [TestCase("sigmoid:p mul:p,sigmoid", "", "p sigmoid mul")]
    [TestCase("relu:p sigmoid:relu mul:relu,sigmoid", "relu", "p relu sigmoid mul")]
    [TestCase("sigmoid:p mul:p,sigmoid add:sigmoid,mul", "", "p sigmoid mul|add")]
    [TestCase("log:p relu:log", "", "p|log relu")]
    [TestCase("relu:p log:relu exp:log", "", "p relu|log exp")]
    [TestCase("softmax:p relu:p", "", "p|softmax|relu")]
    [TestCase("relu:p softmax:p", "", "p relu|softmax")]
    [TestCase("softmax:x relu:p", "", "softmax|p relu")]
    [TestCase("softmax:x relu:p", "p", "p|softmax|relu")]
    [TestCase("softmax:x relu:p", "relu", "softmax|p relu")]
    [TestCase("turned:p", "", "p|turned")]
    [TestCase("q:relu,x relu:p", "", "p relu|q")]
    public void Nodes_join_while_nobody_outside_sees_that_they_did(string nodes, string visible, string stages)
    {
        GraphBuilder builder = new();
        Adversarial random = new(9);
        Tensor input = random.Tensor(DType.F32, new Shape(20, 20), Mood.Tame);
        Dictionary<string, ValueRef> values = new() { ["x"] = builder.Input("x", input.Type) };
        values["p"] = builder.Add("p", Dot.Plain, values["x"], builder.Parameter("w", random.Tensor(DType.F32, new Shape(20, 20), Mood.Tame)));
        foreach (string[] node in nodes.Split(' ').Select(node => node.Split(':')).OrderBy(node => node[0] == "q"))
        {
            ValueRef[] read = [.. node[1].Split(',').Select(name => values[name])];
            values[node[0]] = node[0] switch
            {
                "turned" => builder.Add("turned", Add.Instance, values["x"], builder.Transpose("t", read[0], 1, 0)),
                "softmax" => builder.AddMany("softmax", new Softmax(false), read[0])[0],
                "q" => builder.Add("q", Dot.Plain, read[0], read[1]),
                _ => builder.Add(
                    node[0],
                    node[0] switch
                    {
                        "relu" => Relu.Instance,
                        "exp" => Exp.Instance,
                        "log" => Log.Instance,
                        "sigmoid" => Sigmoid.Instance,
                        "mul" => Mul.Instance,
                        _ => Add.Instance,
                    },
                    read),
            };
        }

        string[] inner = [.. nodes.Split(' ').SelectMany(node => node.Split(':')[1].Split(',')), "x"];
        Graph graph = builder.Build([.. values.Keys.Except(inner).Select(name => new GraphOutput(name, values[name]))]);
        HashSet<ValueRef> seen = [.. visible.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => values[name])];
        IEnumerable<string> loaded = Backend.Load(graph, seen).Stages.Select(stage => string.Join(' ', stage.Nodes.Select(node => graph.Nodes[node].Name)));
        string found = string.Join('|', loaded);
        Assert.That(found, Is.EqualTo(stages));
        Followed.Check(Backend, graph, [input], seen.Contains, () => nodes);
    }

    /// <summary>How often kernels are launched for a model, and how often for a chain that no product takes along: in a plain run, where nothing between
    /// is visible, and in one that shows everything.</summary>
    [TestCase("mlperf-resnet8-f32", 14, 0, 14, 0)]
    [TestCase("ppocrv4-rec", 106, 24, 141, 52)]
    [TestCase("demo", 84, 1, 108, 1)]
    public void No_chain_behind_a_product_is_a_launch_of_its_own(string model, int launches, int chains, int shownLaunches, int shownChains)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = Model(model);
        Assert.That(Count(graph, inputs, ImmutableHashSet<ValueRef>.Empty), Is.EqualTo((launches, chains)));
        LoweredGraph lowered = Lowerer.Lower(graph, Policy.Atomic);
        Assert.That(Count(lowered.Graph, inputs, lowered.Committed.Committed), Is.EqualTo((shownLaunches, shownChains)));
    }

    private static (Graph Graph, ImmutableArray<Tensor> Inputs) Model(string name)
    {
        if (name == "demo")
        {
            return (DecoderModel.Standard.Build(), [DecoderModel.Standard.Prompt()]);
        }

        string folder = Path.Combine(TestData.Folder("models-open"), "models-open", name);
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        return (OnnxModel.Load(Path.Combine(folder, "model.onnx")).Specialize(inputs), inputs);
    }

    private (int Launches, int Chains) Count(Graph graph, ImmutableArray<Tensor> inputs, IReadOnlySet<ValueRef> visible)
    {
        using CountedDevice device = new(GpuTest.OpenCl());
        using GpuBackend backend = new(device, GpuPlacement.Kernels);
        new Executor(graph, backend, visible).Run(inputs, visible.Count == 0 ? null : (_, _) => { }, null, default, visible);
        return (device.Launches.Count, device.Launches.Count(name => name.StartsWith("Elementwise.", StringComparison.Ordinal)));
    }

    private void Choose(Followed product)
    {
        Device.Units = product.Units;
        Device.Capability = product.Capability;
    }

    private void Check(Graph graph, ImmutableArray<Tensor> inputs, Func<ValueRef, bool> visible, string kernel, string words)
    {
        Device.Ran.Clear();
        Followed.Check(Backend, graph, inputs, visible, () => $"{kernel}, {words}: {string.Join(", ", graph.Nodes.Select(node => node.Op.Name))}");
        Assert.That(Device.Ran, Does.Contain(kernel), words);
        Assert.That(Device.Ran.Any(name => name.StartsWith("Elementwise.", StringComparison.Ordinal)), Is.False, words);
    }
}
