using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Lowering;

namespace VerifiableCompute.Engine.Tests.Planning;

/// <summary>No partition is better than the one that is found, and no choice of devices.</summary>
internal sealed class PartitionerTests
{
    private static readonly Policy[] Kinds = Enum.GetValues<Policy>();

    [Test]
    public void No_partition_is_better([Values] bool anyOrder, [Values] bool isTight)
    {
        int feasible = 0;
        int refused = 0;
        int staged = 0;
        Law.Holds(
            Law.Drawn(random => (Seed: random.Below(1 << 20), Nodes: 2 + random.Below(9), Hosts: 1 + random.Below(4), Random: random)),
            drawn =>
            {
                LoweredGraph lowered = Lowerer.Lower(RandomGraphs.Make(drawn.Seed, drawn.Nodes).Graph, Kinds[drawn.Random.Below(Kinds.Length)]);
                Graph graph = lowered.Graph;
                Cuts cuts = Cuts.Of(graph, lowered.Committed.Committed);
                long memory = Planner.Plan(graph).PeakBytes + graph.Inputs.Sum(input => input.Type.Bytes);
                Cluster cluster = Hosts.Draw(drawn.Random, drawn.Hosts, memory, graph.Nodes.Select(node => node.Op.Name), isTight);
                ((long Slowest, long Bytes)? best, long excess) = new EveryPartition(graph, lowered.Committed.Committed, cluster).Search(anyOrder);
                try
                {
                    Partition found = Partitioner.Partition(graph, cuts, cluster, anyOrder);
                    feasible++;
                    staged += found.Stages.Length > 1 ? 1 : 0;
                    return best == (found.Slowest, found.CrossingBytes) && IsWhole(found, cluster, graph);
                }
                catch (NoPlacementException refusal)
                {
                    refused++;
                    return best is null && refusal.ExcessBytes == (excess == long.MaxValue ? 0 : excess) && refusal.Message.Length > 0;
                }
            },
            times: 800);
        TestContext.Out.WriteLine($"{feasible} placed, {staged} of them in several stages; {refused} refused");
        Assert.That(int.Min(feasible, int.Min(staged, refused)), Is.GreaterThan(50));
    }

    [Test]
    public void No_choice_of_devices_is_faster() => Law.Holds(
        Law.Drawn(random => (Seed: random.Below(1 << 20), Nodes: 1 + random.Below(9), Random: random)),
        drawn =>
        {
            Graph graph = Lowerer.Lower(RandomGraphs.Make(drawn.Seed, drawn.Nodes).Graph, Policy.Atomic).Graph;
            Host host = Hosts.Draw(drawn.Random, 12, 1 << 20, graph.Nodes.Select(node => node.Op.Name)).Hosts.First(host => host.Devices.Length == 2);
            HostPlacement found = HostPlacement.Of(graph, host);
            int[] nodes = [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View)];
            long best = Enumerable.Range(0, 1 << nodes.Length).Min(bits => TimeOf(graph, host, node => (bits >> Array.IndexOf(nodes, node)) & 1));
            return found.Time == best && (best >= Cluster.Never || best == TimeOf(graph, host, node => found.Devices[node]));
        },
        times: 500);

    [Test]
    public void A_parameter_that_two_stages_read_counts_in_both()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(64)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(64), new float[64]));
        ValueRef y = builder.Add("one", Add.Instance, x, w);
        LoweredGraph lowered = Lowerer.Lower(builder.Build(new GraphOutput("z", builder.Add("two", Mul.Instance, y, w))), Policy.Atomic);
        Device half = new("half", new Speed(1, 1, 1), 64 * 4 * 3, 1e3);
        Cluster cluster = new([Host.Of(half), Host.Of(half)], ImmutableDictionary<(int, int), Link>.Empty, new Link(1e3, 0));
        Partition found = Partitioner.Partition(lowered.Graph, Cuts.Of(lowered.Graph, lowered.Committed.Committed), cluster);
        Assert.That(found.Stages.Select(stage => stage.Memory[0]), Is.EqualTo(new StageMemory[] { new(256, 256, 256), new(256, 256, 256) }));
        Assert.That(found.CrossingBytes, Is.EqualTo(256));
    }

    [Test]
    public void Missing_memory_is_told_to_the_byte()
    {
        LoweredGraph lowered = Lowerer.Lower(RandomGraphs.Make(3, 8).Graph, Policy.Atomic);
        Cuts cuts = Cuts.Of(lowered.Graph, lowered.Committed.Committed);
        Cluster Of(long bytes) => new(
            [Host.Of(new Device("a", new Speed(1, 1, 1), bytes, 1)), Host.Of(new Device("b", new Speed(1, 1, 1), bytes, 1))],
            ImmutableDictionary<(int, int), Link>.Empty,
            new Link(1, 1));
        NoPlacementException refusal = Assert.Throws<NoPlacementException>(() => Partitioner.Partition(lowered.Graph, cuts, Of(1)))!;
        Assert.That(refusal.Message, Does.Contain($"{refusal.ExcessBytes} bytes"));
        Assert.That(Partitioner.Partition(lowered.Graph, cuts, Of(1 + refusal.ExcessBytes)).Stages, Is.Not.Empty);
        Assert.That(
            Assert.Throws<NoPlacementException>(() => Partitioner.Partition(lowered.Graph, cuts, Of(refusal.ExcessBytes)))!.ExcessBytes, Is.EqualTo(1));
    }

    [Test]
    public void Time_without_end_is_told()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(64)));
        ValueRef y = builder.Add("one", Add.Instance, x, x);
        LoweredGraph lowered = Lowerer.Lower(builder.Build(new GraphOutput("z", builder.Add("two", Mul.Instance, y, y))), Policy.Atomic);
        Cuts cuts = Cuts.Of(lowered.Graph, lowered.Committed.Committed);
        Host Without(double gbs, params string[] ops) => Host.Of(new Device("d", new Speed(1, 1, 1), 1 << 20, gbs) { Without = [.. ops] });
        Cluster Of(double linkGbs, params Host[] hosts) => new([.. hosts], ImmutableDictionary<(int, int), Link>.Empty, new Link(linkGbs, 0));
        Host add = Without(1, Mul.Instance.Name);
        Host mul = Without(1, Add.Instance.Name);
        Assert.That(Partitioner.Partition(lowered.Graph, cuts, Of(1, add, mul)).Stages, Has.Length.EqualTo(2));
        string link = Assert.Throws<NoPlacementException>(() => Partitioner.Partition(lowered.Graph, cuts, Of(1e-20, add, mul)))!.Message;
        Assert.That(link, Does.Contain("longest time"), "the link");
        double half = 1e3 * Work.Of(lowered.Graph, lowered.Graph.Nodes[0]).Bytes / (0.7 * Cluster.Never);
        Assert.That(Partitioner.Partition(lowered.Graph, cuts, Of(1, Without(half), Without(half))).Stages, Has.Length.EqualTo(2));
        string sum = Assert.Throws<NoPlacementException>(() => Partitioner.Partition(lowered.Graph, cuts, Of(1, Without(half))))!.Message;
        Assert.That(sum, Does.Contain("longest time"), "the sum of nodes");
    }

    [Test]
    public void What_describes_no_hosts_is_refused()
    {
        LoweredGraph lowered = Lowerer.Lower(RandomGraphs.Make(3, 8).Graph, Policy.Atomic);
        Cuts cuts = Cuts.Of(lowered.Graph, lowered.Committed.Committed);
        Device device = new("d", new Speed(1, 1, 1), 1 << 30, 1);
        Cluster one = new([Host.Of(device)], ImmutableDictionary<(int, int), Link>.Empty);
        Cluster[] wrong =
        [
            one with { Hosts = [] },
            one with { Hosts = [Host.Of(device with { MemoryGbs = 0 })] },
            one with { Hosts = [Host.Of(device with { Gflops = new Speed(1, double.NaN, 1) })] },
            one with { Hosts = [Host.Of(device with { LaunchMicroseconds = -1 })] },
            one with { Hosts = [Host.Of(device with { MemoryBytes = -1 })] },
            one with { Hosts = [new Host("h", [device, device])] },
            one with { Hosts = [new Host("h", [device], new Link(1, 1))] },
            one with { Hosts = [new Host("h", [device, device], new Link(0, 1))] },
            one with { Default = new Link(1, double.PositiveInfinity) },
            one with { Links = one.Links.Add((0, 1), new Link(1, 1)) },
        ];
        Assert.That(wrong.Select(cluster => cluster.Defect()), Is.All.Not.Empty);
        Assert.Multiple(() =>
        {
            foreach (Cluster cluster in wrong)
            {
                Assert.That(() => Partitioner.Partition(lowered.Graph, cuts, cluster), Throws.ArgumentException);
            }

            Cluster many = one with { Hosts = [.. Enumerable.Repeat(one.Hosts[0], Cluster.MostInAnyOrder + 1)] };
            Assert.That(() => Partitioner.Partition(lowered.Graph, cuts, many, anyOrder: true), Throws.ArgumentException);
            Assert.That(Partitioner.Partition(lowered.Graph, cuts, many).Stages, Has.Length.EqualTo(1), "a link is missing, but no stage needs it");
            string op = lowered.Graph.Nodes.First(node => node.Op is not View).Op.Name;
            Cluster without = one with { Hosts = [Host.Of(device with { Without = [op] })] };
            Assert.That(() => Partitioner.Partition(lowered.Graph, cuts, without), Throws.TypeOf<NoPlacementException>().With.Message.Contains(op));
        });
    }

    [Test]
    public void A_thousand_nodes_are_placed_on_four_hosts()
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(2, 16)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(16, 16), new float[256]));
        for (int i = 0; i < 500; i++)
        {
            x = builder.Add($"residual{i}", Add.Instance, x, builder.Add($"dot{i}", Dot.Plain, x, w));
        }

        LoweredGraph lowered = Lowerer.Lower(builder.Build(new GraphOutput("y", x)), Policy.Atomic);
        Host[] hosts = [.. Enumerable.Range(0, 4).Select(i => Host.Of(new Device($"d{i}", new Speed(1 + i, 1, 1 + i), 1 << 20, 10)))];
        Cluster cluster = new([.. hosts], ImmutableDictionary<(int, int), Link>.Empty, new Link(10, 0.01));
        Partition found = Partitioner.Partition(lowered.Graph, Cuts.Of(lowered.Graph, lowered.Committed.Committed), cluster, anyOrder: true);
        Assert.That(found.Stages, Has.Length.EqualTo(4));
        Assert.That(found.CrossingBytes, Is.InRange(3 * 128, 3 * 2 * 128), "a residual, or what is added to it as well");
    }

    /// <summary>Work is counted, not timed: so many steps are enough, and the same number less one is not.</summary>
    [TestCase(2.0)]
    [TestCase(0.3)]
    [TestCase(0.1)]
    public void Tight_memory_takes_no_more_steps(double share)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(8, 16)));
        for (int i = 0; i < 150; i++)
        {
            ValueRef w = builder.Parameter($"w{i}", Tensor.Of<float>(DType.F32, new Shape(16, 16), [.. Enumerable.Repeat((float)i, 256)]));
            x = builder.Add($"residual{i}", Add.Instance, x, builder.Add($"dot{i}", Dot.Plain, x, w));
        }

        LoweredGraph lowered = Lowerer.Lower(builder.Build(new GraphOutput("y", x)), Policy.Atomic);
        Cuts cuts = Cuts.Of(lowered.Graph, lowered.Committed.Committed);
        long memory = (long)(share * Planner.Plan(lowered.Graph).PeakBytes);
        Host[] hosts = [.. Enumerable.Range(0, 4).Select(i => Host.Of(new Device($"d{i}", new Speed(1 + i, 1, 1 + i), memory, 10)))];
        Cluster cluster = new([.. hosts], ImmutableDictionary<(int, int), Link>.Empty, new Link(10, 0.01));
        bool Suffice(long steps)
        {
            try
            {
                return Partitioner.Partition(lowered.Graph, cuts, cluster, mostSteps: steps).Stages.Length > 0;
            }
            catch (NoPlacementException refusal)
            {
                return !refusal.Message.Contains("steps of planning", StringComparison.Ordinal);
            }
        }

        (long few, long enough) = (1, 1 << 24);
        Assert.That((Suffice(few), Suffice(enough)), Is.EqualTo((false, true)));
        while (enough - few > 1)
        {
            long middle = (few + enough) / 2;
            (few, enough) = Suffice(middle) ? (few, middle) : (middle, enough);
        }

        TestContext.Out.WriteLine($"{enough} steps for {cuts.Positions.Length} positions");
        Assert.That(enough, Is.LessThan(20L * cuts.Positions.Length * cuts.Positions.Length));
    }

    // The stages follow each other over links, each host once, within memory; and latency is at least the slowest stage without its way out.
    private static bool IsWhole(Partition found, Cluster cluster, Graph graph) =>
        found.Stages[0].First == 0 && found.Stages[^1].End == graph.Nodes.Length
        && found.Stages.Zip(found.Stages.Skip(1)).All(pair => pair.First.End == pair.Second.First && pair.First.TransferOut == pair.Second.TransferIn)
        && found.Stages.Select(stage => stage.Host).Distinct().Count() == found.Stages.Length
        && found.Stages.All(stage => stage.Memory.Zip(cluster.Hosts[stage.Host].Devices)
            .All(pair => pair.First is null || pair.First.Bytes <= pair.Second.MemoryBytes))
        && found.Latency <= found.Stages.Sum(stage => stage.Time);

    private static long TimeOf(Graph graph, Host host, Func<int, int> device)
    {
        long time = 0;
        Dictionary<ValueRef, HashSet<int>> readers = [];
        for (int node = 0; node < graph.Nodes.Length; node++)
        {
            if (graph.Nodes[node].Op is not View)
            {
                time = long.Min(Cluster.Never, time + host.Devices[device(node)].TimeOf(graph.Nodes[node], Work.Of(graph, graph.Nodes[node])));
                foreach (ValueRef source in graph.Nodes[node].Inputs.Select(input => graph.Resolve(input).Source))
                {
                    readers.TryAdd(source, []);
                    readers[source].Add(device(node));
                }
            }
        }

        foreach (GraphOutput output in graph.Outputs)
        {
            readers.TryAdd(output.Value, []);
            readers[output.Value].Add(0);
        }

        foreach ((ValueRef value, HashSet<int> where) in readers.Where(pair => pair.Key.Kind != ValueKind.Parameter))
        {
            int made = value.Kind == ValueKind.Node ? device(value.Index) : 0;
            time += where.Any(reader => reader != made) && time < Cluster.Never ? host.Bus!.TimeOf(graph.TypeOf(value).Bytes) : 0;
        }

        return long.Min(Cluster.Never, time);
    }
}
