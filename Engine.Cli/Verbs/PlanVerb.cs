using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Cli.Plans;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute plan [MODEL.onnx] --devices FILE</c>: which hosts run which nodes, and what crosses between them.</summary>
internal sealed class PlanVerb
{
    private const int ShownOps = 6;

    private readonly Command _command = new("plan", "Place a model on several hosts as stages of a pipeline; without a model, the demo's decoder.");
    private readonly ModelFiles _files;
    private readonly Option<string> _devices = new("--devices") { Description = "JSON: hosts, their devices, and the links between them", Required = true };
    private readonly Option<bool> _anyOrder = new("--any-order") { Description = "stages may go to hosts in any order; otherwise in the file's" };
    private readonly Option<string[]> _extent = new("--extent") { Description = "NAME=N: a symbol of the input shapes, where inputs are generated; else 1" };
    private readonly Option<string> _policy = new("--policy")
    {
        Description = "of the statement to come: compact (that is compact/2), compact/1, or atomic",
        DefaultValueFactory = _ => "compact",
    };

    private readonly Option<string?> _output = new("-o", "--output") { Description = "write the plan here, as JSON, for run --stage" };
    private readonly Option<string?> _svg = new("--svg") { Description = "draw the graph here" };
    private readonly Option<long> _steps = new("--steps")
    {
        Description = "steps that planning may take before it is given up",
        DefaultValueFactory = _ => Partitioner.MostSteps,
    };

    private readonly Option<bool> _json = Report.JsonOption();

    private PlanVerb()
    {
        _files = new ModelFiles(_command, isOptional: true);
        _policy.AcceptOnlyFromAmong("compact", "compact/2", "compact/1", "atomic", "atomic/1");
        foreach (Option option in new Option[] { _devices, _anyOrder, _extent, _policy, _output, _svg, _steps, _json })
        {
            _command.Add(option);
        }

        _command.SetAction(Run);
    }

    internal static Command Make() => new PlanVerb()._command;

    private int Run(ParseResult parsed)
    {
        Cluster cluster = HostsFile.Read(parsed.GetRequiredValue(_devices));
        (string name, Graph graph, _) = BenchVerb.Load(_files, parsed, parsed.GetValue(_extent));
        LoweredGraph lowered = Lowerer.Lower(graph, StatementVerb.Terms.PolicyOf(parsed.GetValue(_policy)));
        Cuts cuts = lowered.Committed.Cuts();
        Partition partition = Partitioner.Partition(lowered.Graph, cuts, cluster, parsed.GetValue(_anyOrder), parsed.GetValue(_steps));
        Plan plan = new(name, parsed.GetValue(_policy)!, lowered.Graph, cuts, cluster, partition);
        if (parsed.GetValue(_output) is string output)
        {
            Files.Write(output, Encoding.UTF8.GetBytes(Report.Text(Json(plan)) + "\n"));
        }

        if (parsed.GetValue(_svg) is string drawing)
        {
            Files.Write(drawing, Encoding.UTF8.GetBytes(PlanDrawing.Draw(lowered.Graph, cuts, cluster, partition)));
        }

        if (parsed.GetValue(_json))
        {
            Report.Json(Json(plan));
        }
        else
        {
            Tell(plan);
        }

        return ExitCode.Ok;
    }

    private static void Tell(Plan plan)
    {
        Partition partition = plan.Partition;
        Report.Line($"{plan.Name}: {plan.Graph.Nodes.Length} nodes, {plan.Policy}; {plan.Cuts.Positions.Length - 1} positions for a cut");
        for (int index = 0; index < partition.Stages.Length; index++)
        {
            PipelineStage stage = partition.Stages[index];
            Host host = plan.Cluster.Hosts[stage.Host];
            int computed = plan.Cuts.Nodes(stage.First, stage.End).Length;
            Report.Line($"");
            Report.Line($"stage {index + 1}/{partition.Stages.Length} on {host.Name}: nodes {stage.First} to {stage.End - 1}, {computed} computed");
            Report.Line($"  {Nodes(plan, stage)}");
            Report.Line($"  time    {Time(stage.Time)}: {Time(stage.TransferIn)} in, {Time(stage.Compute)} computing, {Time(stage.TransferOut)} out");
            for (int device = 0; device < host.Devices.Length; device++)
            {
                if (stage.Memory[device] is StageMemory memory)
                {
                    string room = $"{Report.Bytes(host.Devices[device].MemoryBytes)} on {host.Devices[device].Name}";
                    string held = $"{Report.Bytes(memory.Parameters)} parameters, {Report.Bytes(memory.Activations)} intermediates and outputs, "
                        + $"{Report.Bytes(memory.Boundary)} taken in";
                    Report.Line($"  memory  {Report.Bytes(memory.Bytes)} of {room}: {held}");
                }
            }

            foreach (ValueRef value in plan.Cuts.Crossing(stage.End))
            {
                TensorType type = plan.Graph.TypeOf(value);
                Report.Line($"  cut     {value.Index}.{value.Slot} {type}, {Report.Bytes(type.Bytes)}: {plan.Graph.Nodes[value.Index].Name}");
            }
        }

        int slowest = plan.Slowest;
        Report.Line($"");
        Report.Line($"bottleneck  stage {slowest + 1}: {Time(partition.Slowest)}, {1e12 / long.Max(partition.Slowest, 1):0.0} runs a second");
        Report.Line($"crossing    {Report.Bytes(partition.CrossingBytes)} a run; {Time(partition.Latency)} from inputs to outputs");
    }

    private static string Nodes(Plan plan, PipelineStage stage)
    {
        Host host = plan.Cluster.Hosts[stage.Host];
        ImmutableArray<int> nodes = [.. plan.Cuts.Nodes(stage.First, stage.End).Where(node => plan.Graph.Nodes[node].Op is not Ops.View)];
        string[] counts = [.. nodes.GroupBy(node => plan.Graph.Nodes[node].Op.Name).OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count()} {group.Key}"))];
        string ops = string.Join(", ", counts.Take(ShownOps)) + (counts.Length > ShownOps ? " …" : string.Empty);
        if (host.Devices.Length == 1)
        {
            return ops;
        }

        ImmutableArray<int> devices = plan.Partition.Placements[stage.Host].Devices;
        string placed = string.Join(", ", host.Devices.Select((device, number) =>
            string.Create(CultureInfo.InvariantCulture, $"{nodes.Count(node => devices[node] == number)} on {device.Name}")));
        return $"{placed}: {ops}";
    }

    private static JsonObject Json(Plan plan) => new()
    {
        ["model"] = plan.Name,
        ["policy"] = plan.Policy,
        ["nodes"] = plan.Graph.Nodes.Length,
        ["milliseconds"] = plan.Partition.Slowest / 1e9,
        ["latency_milliseconds"] = plan.Partition.Latency / 1e9,
        ["crossing_bytes"] = plan.Partition.CrossingBytes,
        ["bottleneck"] = plan.Slowest + 1,
        ["stages"] = Report.List(plan.Partition.Stages.Select(stage => new JsonObject
        {
            ["host"] = plan.Cluster.Hosts[stage.Host].Name,
            ["first"] = stage.First,
            ["end"] = stage.End,
            ["computed"] = plan.Cuts.Nodes(stage.First, stage.End).Length,
            ["milliseconds"] = stage.Time / 1e9,
            ["in_milliseconds"] = stage.TransferIn / 1e9,
            ["compute_milliseconds"] = stage.Compute / 1e9,
            ["out_milliseconds"] = stage.TransferOut / 1e9,
            ["devices"] = Report.List(plan.Cluster.Hosts[stage.Host].Devices.Zip(stage.Memory).Select((pair, device) => new JsonObject
            {
                ["name"] = pair.First.Name,
                ["memory_bytes"] = pair.Second?.Bytes ?? 0,
                ["parameter_bytes"] = pair.Second?.Parameters ?? 0,
                ["activation_bytes"] = pair.Second?.Activations ?? 0,
                ["boundary_bytes"] = pair.Second?.Boundary ?? 0,
                ["nodes"] = plan.Cuts.Nodes(stage.First, stage.End).Count(node => plan.Graph.Nodes[node].Op is not Ops.View
                    && plan.Partition.Placements[stage.Host].Devices[node] == device),
            })),
            ["cut"] = Report.List(plan.Cuts.Crossing(stage.End).Select(value => new JsonObject
            {
                ["node"] = value.Index,
                ["slot"] = value.Slot,
                ["name"] = plan.Graph.Nodes[value.Index].Name,
                ["type"] = plan.Graph.TypeOf(value).DType.Name(),
                ["shape"] = Report.Shape(plan.Graph.TypeOf(value)),
                ["bytes"] = plan.Graph.TypeOf(value).Bytes,
            })),
        })),
    };

    private static string Time(long picoseconds) => picoseconds switch
    {
        0 => "0",
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{picoseconds / 1e6:0.0} us"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{picoseconds / 1e9:0.00} ms"),
    };

    private sealed record Plan(string Name, string Policy, Graph Graph, Cuts Cuts, Cluster Cluster, Partition Partition)
    {
        internal int Slowest => Enumerable.Range(0, Partition.Stages.Length).First(stage => Partition.Stages[stage].Time == Partition.Slowest);
    }
}
