using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute run MODEL.onnx (--input NAME=FILE.pb… | --inputs DIR) --output DIR [--statement S] [--receipt R] [--trace T]</c>.</summary>
internal sealed class RunVerb
{
    private readonly Command _command = new("run", "Run a model and print the digest of each output; with --receipt, commit to the run.");
    private readonly ModelFiles _files;
    private readonly Devices _devices;
    private readonly StageRun _stage;
    private readonly Option<string?> _output = new("--output") { Description = "the folder that output_0.pb, output_1.pb … are written to" };
    private readonly Option<string?> _statement = new("--statement") { Description = "what the host wants run; without it one is made beside the receipt" };
    private readonly Option<string?> _receipt = new("--receipt") { Description = "commit, and write receipt and trace table here" };
    private readonly Option<string?> _trace = new("--trace") { Description = "keep here what answers challenges" };
    private readonly Option<ulong> _issued = new("--issued") { Description = "Unix seconds that the receipt carries" };
    private readonly Option<string?> _prover = new("--prover") { Description = "whose receipt it is: 01 or 02 and 64 hexadecimal digits" };
    private readonly Option<string?> _fault = new("--inject-fault") { Description = "cheat: flip[:SEED], bf16 or skip:NODE; domain test only" };
    private readonly Option<bool> _json = Report.JsonOption();

    private RunVerb()
    {
        _files = new ModelFiles(_command);
        _devices = new Devices(_command);
        foreach (Option option in new Option[] { _output, _statement, _receipt, _trace, _issued, _prover, _fault, _json })
        {
            _command.Add(option);
        }

        _stage = new StageRun(_command, _statement, _receipt);
        _command.Validators.Add(result =>
        {
            bool isCommitted = result.GetResult(_receipt) is not null;
            if (!isCommitted && (result.GetResult(_trace) ?? result.GetResult(_statement) ?? result.GetResult(_fault)) is not null)
            {
                result.AddError("--statement, --trace and --inject-fault need --receipt");
            }
        });
        _command.SetAction((parsed, cancellation) => Task.FromResult(
            parsed.GetValue(_receipt) is null ? Plain(parsed, cancellation) : Committed(parsed, cancellation)));
    }

    internal static Command Make() => new RunVerb()._command;

    /// <summary>The lowered graph of a statement, and its inputs; null, and why on standard error, where model or inputs are others.</summary>
    internal static (LoweredGraph Graph, ImmutableArray<Tensor> Inputs)? Lowered(ModelFiles files, ParseResult parsed, StatementFile statement)
    {
        (Graph graph, ImmutableArray<Tensor> inputs) = files.Load(parsed);
        if (statement.Statement.LoweringVersion != Lowerer.Version)
        {
            int other = statement.Statement.LoweringVersion;
            Console.Error.WriteLine($"the statement's graph was lowered by version {other}; this is {Lowerer.Version}: cannot compare");
            return null;
        }

        LoweredGraph lowered = Lowerer.Lower(graph, statement.Statement.Policy);
        Statement again = new Committer(Hasher.Best).State(lowered, inputs, statement.Statement).Statement;
        string[] others = [.. new[]
        {
            (Name: "graph", Same: again.GraphRoot == statement.Statement.GraphRoot),
            (Name: "parameters", Same: again.ParametersRoot == statement.Statement.ParametersRoot),
            (Name: "inputs", Same: again.InputsRoot == statement.Statement.InputsRoot),
        }.Where(part => !part.Same).Select(part => part.Name)];
        if (others.Length > 0)
        {
            Console.Error.WriteLine($"the statement is about other {string.Join(", ", others)}");
            return null;
        }

        return (lowered, inputs);
    }

    private int Plain(ParseResult parsed, CancellationToken cancellation)
    {
        using IBackend backend = _devices.Open(parsed, _files.Path(parsed));
        (Graph graph, ImmutableArray<Tensor> inputs) = _files.LoadForRun(parsed, backend, cancellation);
        Executor executor = new(graph, backend);
        using Bar bar = new("run");
        Stopwatch watch = Stopwatch.StartNew();
        ImmutableArray<Tensor> outputs = executor.Run(inputs, new Relay(bar), cancellation);
        Outcome outcome = new(graph, outputs, watch.Elapsed.TotalMilliseconds, executor.Plan, null, null);
        Write(parsed.GetValue(_output), outcome);
        Tell(outcome, backend, parsed.GetValue(_json));
        return ExitCode.Ok;
    }

    private int Committed(ParseResult parsed, CancellationToken cancellation)
    {
        string receiptPath = parsed.GetRequiredValue(_receipt)!;
        Fault? fault = parsed.GetValue(_fault) is string text ? Fault.Parse(text) : null;
        StatementFile statement;
        if (parsed.GetValue(_statement) is not string path)
        {
            path = receiptPath + ".statement";
            (Graph graph, ImmutableArray<Tensor> given) = _files.Load(parsed);
            statement = new Committer(Hasher.Best).State(Lowerer.Lower(graph, StatementVerb.Default.Policy), given, StatementVerb.Default);
            Files.Write(path, statement.ToArray());
        }
        else
        {
            statement = Open.Statement(path);
        }

        if (fault is not null && statement.Statement.Domain.Namespace != Domain.Test.Namespace)
        {
            throw new ArgumentException("--inject-fault is refused outside the domain 'test'");
        }

        if (Lowered(_files, parsed, statement) is not (LoweredGraph lowered, ImmutableArray<Tensor> inputs))
        {
            return ExitCode.Unverifiable;
        }

        Graph run = fault?.Kind == FaultKind.Bf16 ? lowered.Graph.WithParameters(FaultyBackend.Rounded(lowered.Graph)) : lowered.Graph;
        using IBackend inner = _devices.Open(parsed, _files.Path(parsed));
        if (_stage.IsAsked(parsed))
        {
            _stage.Run(
                parsed,
                statement,
                lowered with { Graph = run },
                inputs,
                inner,
                fault,
                _files.Path(parsed),
                (receiptPath, parsed.GetValue(_trace), parsed.GetValue(_output), Hex.Key(parsed.GetValue(_prover)), parsed.GetValue(_issued)),
                cancellation).Tell(inner, parsed.GetValue(_json));
            return ExitCode.Ok;
        }

        using IBackend backend = fault is null
            ? new SelfCheckingBackend(inner, 1, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))))
            : new FaultyBackend(inner, fault, lowered);
        using TraceFile? trace = parsed.GetValue(_trace) is string tracePath
            ? TraceFile.Create(tracePath, statement, Path.GetFullPath(_files.Path(parsed)), inputs)
            : null;
        using Bar bar = new("run");
        Stopwatch watch = Stopwatch.StartNew();
        CommittedRun done = new Committer(Devices.HasherOf(inner)).Run(
            statement, run, inputs, backend, Hex.Key(parsed.GetValue(_prover)), parsed.GetValue(_issued), trace, new Relay(bar), cancellation);
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        trace?.Complete(done.Receipt);
        Files.Write(receiptPath, done.Receipt.ToArray());
        Outcome outcome = new(lowered.Graph, done.Outputs, milliseconds, Planner.Plan(lowered.Graph), done.Receipt, (backend as FaultyBackend)?.Element);
        Write(parsed.GetValue(_output), outcome);
        Tell(outcome, inner, parsed.GetValue(_json));
        return ExitCode.Ok;
    }

    private static void Write(string? folder, Outcome outcome)
    {
        if (folder is null)
        {
            return;
        }

        Directory.CreateDirectory(folder);
        for (int i = 0; i < outcome.Outputs.Length; i++)
        {
            TensorFile.Write(Path.Combine(folder, $"output_{i}.pb"), outcome.Graph.Outputs[i].Name, outcome.Outputs[i]);
        }
    }

    private static void Tell(Outcome outcome, IBackend backend, bool json)
    {
        Plan plan = outcome.Plan;
        (long packed, long scratch) = Devices.Held(backend);
        long peak = plan.PeakBytes + packed + scratch;
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["backend"] = backend.Name,
                ["simd"] = Devices.Simd(backend),
                ["workers"] = Devices.Workers(backend),
                ["device_nodes"] = Devices.Placed(backend)?.Device,
                ["processor_nodes"] = Devices.Placed(backend)?.Processors,
                ["milliseconds"] = outcome.Milliseconds,
                ["peak_bytes"] = peak,
                ["parameter_bytes"] = plan.ParameterBytes,
                ["activation_bytes"] = plan.ActivationBytes,
                ["packed_bytes"] = packed,
                ["scratch_bytes"] = scratch,
                ["resident_bytes"] = Residence.Peak(),
                ["receipt_id"] = outcome.Receipt?.Receipt.Id.ToString(),
                ["statement_id"] = outcome.Receipt?.Receipt.StatementId.ToString(),
                ["fault"] = outcome.Fault is not ElementRef fault ? null : new JsonObject
                {
                    ["node"] = fault.Node,
                    ["slot"] = fault.Slot,
                    ["element"] = fault.Element,
                    ["name"] = outcome.Graph.Nodes[fault.Node].Name,
                },
                ["outputs"] = Report.List(outcome.Outputs.Select((tensor, i) => new JsonObject
                {
                    ["name"] = outcome.Graph.Outputs[i].Name,
                    ["type"] = tensor.Type.DType.Name(),
                    ["shape"] = Report.Shape(tensor.Type),
                    ["sha256"] = Report.Digest(tensor),
                })),
            });
            return;
        }

        for (int i = 0; i < outcome.Outputs.Length; i++)
        {
            Report.Line($"{outcome.Graph.Outputs[i].Name}  {outcome.Outputs[i].Type}  sha256 {Report.Digest(outcome.Outputs[i])}");
        }

        if (outcome.Receipt is not null)
        {
            Report.Line($"receipt   {outcome.Receipt.Receipt.Id}");
            Report.Line($"statement {outcome.Receipt.Receipt.StatementId}");
        }

        if (outcome.Fault is ElementRef at)
        {
            Report.Line($"fault     node {at.Node} '{outcome.Graph.Nodes[at.Node].Name}' output {at.Slot} element {at.Element}");
        }

        string where = $"{backend.Name}, {Devices.Simd(backend)}, {Devices.Workers(backend)} workers{Devices.Shares(backend)}";
        Report.Line($"{where}: {outcome.Milliseconds:0.0} ms");
        string held = $"{Report.Bytes(plan.ParameterBytes)} parameters, {Report.Bytes(plan.ActivationBytes)} intermediates and outputs";
        string resident = Residence.Peak() is long most ? $"; resident {Report.Bytes(most)} at most" : string.Empty;
        Report.Line($"peak {Report.Bytes(peak)}: {held}, {Report.Bytes(packed)} packed weights, {Report.Bytes(scratch)} scratch{resident}");
    }

    private sealed record Outcome(
        Graph Graph, ImmutableArray<Tensor> Outputs, double Milliseconds, Plan Plan, ReceiptFile? Receipt, ElementRef? Fault);
}
