using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute bench [MODEL.onnx]</c>: what a model costs on this machine, plain and under commitment; without a model, the demo's decoder.</summary>
internal sealed class BenchVerb
{
    private const int TopNodes = 8;

    private readonly Command _command = new("bench", "Time a model on this machine, without and with commitment; without a model, the demo's decoder.");
    private readonly ModelFiles _files;
    private readonly Devices _devices;
    private readonly Option<string[]> _extent = new("--extent") { Description = "NAME=N: a symbol of the input shapes, where inputs are generated; else 1" };
    private readonly Option<double> _seconds = new("--seconds") { Description = "time for each kind of run", DefaultValueFactory = _ => 2 };
    private readonly Option<string> _policy = new("--policy") { Description = "compact, compact/1, atomic, all or none", DefaultValueFactory = _ => "all" };
    private readonly Option<string> _suite = new("--suite") { Description = "sha256, blake3 or all", DefaultValueFactory = _ => "all" };
    private readonly Option<bool> _json = Report.JsonOption();

    private BenchVerb()
    {
        _files = new ModelFiles(_command, isOptional: true);
        _devices = new Devices(_command);
        _policy.AcceptOnlyFromAmong("compact", "compact/1", "atomic", "all", "none");
        _suite.AcceptOnlyFromAmong("sha256", "blake3", "all");
        foreach (Option option in new Option[] { _extent, _seconds, _policy, _suite, _json })
        {
            _command.Add(option);
        }

        _command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
    }

    internal static Command Make() => new BenchVerb()._command;

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        long empty = Process.GetCurrentProcess().WorkingSet64;
        using IBackend backend = _devices.Open(parsed, _files.HasModel(parsed) ? _files.Path(parsed) : null);
        double start = Turns.Wall;
        (string name, Graph graph, ImmutableArray<Tensor> inputs) = Load(_files, parsed, parsed.GetValue(_extent));
        double loading = Turns.Wall - start;
        Pace pace = new(0.5, 0.001, double.Clamp(parsed.GetValue(_seconds), 0, 600), 5, 1001);
        TrialResult result = Trial.Measure(graph, inputs, backend, Terms(parsed), pace, () => Turns.Wall, cancellation);
        MachineLimits limits = MachineLimits.Measure(Devices.Workers(backend));
        Outcome outcome = new(name, graph, inputs, empty, loading, result, limits);
        if (parsed.GetValue(_json))
        {
            Json(outcome, backend);
        }
        else
        {
            Text(outcome, backend);
        }

        return ExitCode.Ok;
    }

    /// <summary>The model, or the demo's decoder where none is named, with inputs that are given or made.</summary>
    internal static (string Name, Graph Graph, ImmutableArray<Tensor> Inputs) Load(ModelFiles files, ParseResult parsed, string[]? extents)
    {
        if (!files.HasModel(parsed))
        {
            DecoderModel demo = DecoderModel.Standard;
            return ("demo decoder", demo.Build(), [demo.Prompt()]);
        }

        (OnnxModel model, Dictionary<string, Tensor> given) = files.Read(parsed, needsInputs: false);
        if (!files.HasInputs(parsed))
        {
            given = GeneratedInputs.Of(model, extents ?? []);
        }

        Graph graph = model.Specialize(given);
        return (Path.GetFileName(files.Path(parsed)), graph, OnnxModel.Bind(graph, given));
    }

    private List<(Policy Policy, Suite Suite)> Terms(ParseResult parsed)
    {
        string policy = parsed.GetRequiredValue(_policy);
        string suite = parsed.GetRequiredValue(_suite);
        return
        [
            .. from chosen in new[] { Policy.Compact2, Policy.Compact, Policy.Atomic }
               where policy == "all" || policy == (chosen == Policy.Compact2 ? "compact" : chosen == Policy.Compact ? "compact/1" : "atomic")
               from hash in new[] { Suite.Blake3, Suite.Sha256 }
               where suite == "all" || suite == StatementVerb.Terms.Name(hash)
               select (chosen, hash),
        ];
    }

    private static void Text(Outcome outcome, IBackend backend)
    {
        TrialResult result = outcome.Result;
        double seconds = result.Run.Median;
        Report.Line($"{outcome.Name}: {outcome.Graph.Nodes.Length} nodes, {Report.Bytes(result.Plan.ParameterBytes)} parameters; {outcome.InputText}");
        string where = $"{backend.Name}, {Devices.Simd(backend)}, {outcome.Limits.Threads} workers";
        Report.Line($"{where}; medians of {result.Run.Values.Length} runs in turn (quartiles)");
        Report.Line($"run       {1e3 * seconds:0.###} ms ({1e3 * result.Run.Low:0.###} … {1e3 * result.Run.High:0.###})");
        Report.Line($"first     {1e3 * outcome.Loading:0} ms to load the model, {1e3 * result.First:0} ms to plan it and run it once");
        if (result.Work > 0)
        {
            double work = result.Work / 1e9;
            Report.Line($"speed     {outcome.Gflops:0.#} Gflop/s in {work:0.###} Gflop of products: {outcome.Share:P1} of this machine's FMA peak");
        }

        Report.Line($"machine   {outcome.Limits.Flops / 1e9:0} Gflop/s, {outcome.Limits.MemoryBytes / 1e9:0.#} GB/s from memory, measured now");
        string more = $"{Report.Bytes(result.Packed)} packed weights, {Report.Bytes(result.Scratch)} scratch";
        string resident = $"resident {Report.Bytes(result.Resident)}, {Report.Bytes(outcome.Empty)} of it before";
        Report.Line($"memory    planned {Report.Bytes(result.Plan.PeakBytes)}, {more}; {resident}");
        Report.Line($"");
        if (result.Refusal is not null)
        {
            Report.Line($"{result.Refusal}");
        }

        if (result.Costs.Length > 0)
        {
            Report.Line($"{"policy",-11}{"suite",-8}{"ms",10}{"overhead",10}{"committed",12}{"proof",12}{"prove ms",10}{"verify ms",11}");
        }

        foreach (CommitCost cost in result.Costs)
        {
            string sizes = $"{Report.Bytes(cost.CommittedBytes),12}{Report.Bytes(cost.ProofBytes),12}";
            (double run, double prove, double verify) = (1e3 * cost.Run.Median, 1e3 * cost.Prove, 1e3 * cost.Verify);
            Report.Line($"{cost.Policy,-11}{cost.Suite,-8}{run,10:0.###}{cost.Overhead,10:P1}{sizes}{prove,10:0.0}{verify,11:0.0}");
        }

        double nodes = result.Nodes.Sum(node => node.Seconds);
        Report.Line($"");
        Report.Line($"node by node, none fused: {1e3 * nodes:0.###} ms; Gflop/s of products");
        Report.Line($"{"op",-24}{"nodes",6}{"ms",10}{"share",8}{"Gflop/s",9}");
        foreach (NodeTime time in NodeTimes.ByOp(result.Nodes))
        {
            Report.Line($"{time.Op,-24}{time.Count,6}{1e3 * time.Seconds,10:0.000}{time.Seconds / nodes,8:P1}{Speed(time),9}");
        }

        Report.Line($"");
        foreach (NodeTime time in result.Nodes.OrderByDescending(node => node.Seconds).Take(TopNodes))
        {
            Report.Line($"{time.Op,-24}{string.Empty,6}{1e3 * time.Seconds,10:0.000}{time.Seconds / nodes,8:P1}{Speed(time),9}  {time.Name}");
        }
    }

    private static string Speed(NodeTime time)
        => time.Work > 0 ? string.Create(CultureInfo.InvariantCulture, $"{time.Gflops:0.#}") : string.Empty;

    private static void Json(Outcome outcome, IBackend backend)
    {
        TrialResult result = outcome.Result;
        Report.Json(new JsonObject
        {
            ["model"] = outcome.Name,
            ["nodes"] = outcome.Graph.Nodes.Length,
            ["inputs"] = outcome.InputText,
            ["backend"] = backend.Name,
            ["simd"] = Devices.Simd(backend),
            ["workers"] = outcome.Limits.Threads,
            ["runs"] = result.Run.Values.Length,
            ["milliseconds"] = 1e3 * result.Run.Median,
            ["quartiles"] = new JsonArray(1e3 * result.Run.Low, 1e3 * result.Run.High),
            ["load_milliseconds"] = 1e3 * outcome.Loading,
            ["first_milliseconds"] = 1e3 * result.First,
            ["work"] = result.Work,
            ["gflops"] = outcome.Gflops,
            ["peak_gflops"] = outcome.Limits.Flops / 1e9,
            ["peak_share"] = outcome.Share,
            ["memory_gbs"] = outcome.Limits.MemoryBytes / 1e9,
            ["parameter_bytes"] = result.Plan.ParameterBytes,
            ["activation_bytes"] = result.Plan.ActivationBytes,
            ["packed_bytes"] = result.Packed,
            ["scratch_bytes"] = result.Scratch,
            ["resident_bytes"] = result.Resident,
            ["empty_bytes"] = outcome.Empty,
            ["refusal"] = result.Refusal,
            ["commitments"] = Report.List(result.Costs.Select(cost => new JsonObject
            {
                ["policy"] = cost.Policy,
                ["suite"] = cost.Suite,
                ["milliseconds"] = 1e3 * cost.Run.Median,
                ["overhead"] = cost.Overhead,
                ["committed_bytes"] = cost.CommittedBytes,
                ["samples"] = cost.Samples,
                ["proof_bytes"] = cost.ProofBytes,
                ["prove_milliseconds"] = 1e3 * cost.Prove,
                ["verify_milliseconds"] = 1e3 * cost.Verify,
            })),
            ["ops"] = Report.List(NodeTimes.ByOp(result.Nodes).Select(time => new JsonObject
            {
                ["op"] = time.Op,
                ["count"] = time.Count,
                ["milliseconds"] = 1e3 * time.Seconds,
                ["gflops"] = time.Gflops,
            })),
            ["top"] = Report.List(result.Nodes.OrderByDescending(node => node.Seconds).Take(TopNodes).Select(time => new JsonObject
            {
                ["name"] = time.Name,
                ["op"] = time.Op,
                ["milliseconds"] = 1e3 * time.Seconds,
                ["gflops"] = time.Gflops,
            })),
        });
    }

    private sealed record Outcome(
        string Name, Graph Graph, ImmutableArray<Tensor> Inputs, long Empty, double Loading, TrialResult Result, MachineLimits Limits)
    {
        internal string InputText => string.Join(", ", Graph.Inputs.Select(input => $"{input.Name} {input.Type}"));

        internal double Gflops => Result.Work / Result.Run.Median / 1e9;

        internal double Share => 1e9 * Gflops / Limits.Flops;
    }
}
