using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Faults;
using VerifiableCompute.Engine.Cli.Plans;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute run MODEL.onnx --stage I/N (--plan FILE | --cuts A,B… | --devices FILE) --statement S --receipt R [--taken DIR]
/// [--given DIR]</c>: one stage of a run, by one of its parties.</summary>
internal sealed class StageRun
{
    private readonly Option<string?> _stage = new("--stage") { Description = "I/N: run the I-th of N stages, and write a stage receipt" };
    private readonly Option<string?> _plan = new("--plan") { Description = "the stages: what plan --output wrote" };
    private readonly Option<string?> _cuts = new("--cuts") { Description = "the stages: numbers of the nodes that begin the second, third … one" };
    private readonly Option<string?> _devices = new("--devices") { Description = "the stages: those of the plan for these hosts" };
    private readonly Option<string?> _taken = new("--taken") { Description = "the folder with what earlier stages handed out" };
    private readonly Option<string?> _given = new("--given") { Description = "the folder that NODE.SLOT.pb are written to, for later stages" };
    private readonly Option<string[]> _after = new("--after") { Description = "an earlier stage's receipt: what it handed out is compared with it" };

    internal StageRun(Command command, Option<string?> statement, Option<string?> receipt)
    {
        Option[] own = [_stage, _plan, _cuts, _devices, _taken, _given, _after];
        foreach (Option option in own)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool isStage = result.GetResult(_stage) is not null;
            if (!isStage && own.Any(option => result.GetResult(option) is not null))
            {
                result.AddError("--plan, --cuts, --devices, --taken, --given and --after need --stage");
            }

            int ways = new Option[] { _plan, _cuts, _devices }.Count(option => result.GetResult(option) is not null);
            if (isStage && (ways != 1 || result.GetResult(statement) is null || result.GetResult(receipt) is null))
            {
                result.AddError("--stage needs --statement, --receipt, and one of --plan, --cuts and --devices");
            }
        });
    }

    /// <summary>Whether one stage is to be run.</summary>
    internal bool IsAsked(ParseResult parsed) => parsed.GetValue(_stage) is not null;

    /// <summary>Runs the stage.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="statement">What is run.</param>
    /// <param name="lowered">Its graph.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="inner">Who computes.</param>
    /// <param name="fault">How it cheats; null: not.</param>
    /// <param name="model">The model's file.</param>
    /// <param name="to">Where receipt and trace are written, whose they are and when.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <exception cref="InvalidDataException">A value that the stage takes in is not there, or is not what its stage commits to.</exception>
    internal StageOutcome Run(
        ParseResult parsed,
        StatementFile statement,
        LoweredGraph lowered,
        ImmutableArray<Tensor> inputs,
        IBackend inner,
        Fault? fault,
        string model,
        (string Receipt, string? Trace, string? Output, ProverKey Prover, ulong Issued) to,
        CancellationToken cancellation)
    {
        Cuts cuts = lowered.Committed.Cuts();
        ImmutableArray<int> ends = parsed.GetValue(_plan) is string plan ? StageRanges.OfPlan(plan, cuts.Count)
            : parsed.GetValue(_cuts) is string list ? StageRanges.OfCuts(list, cuts.Count)
            : [.. Partitioner.Partition(lowered.Graph, cuts, HostsFile.Read(parsed.GetValue(_devices)!)).Stages.Select(stage => stage.End)];
        (int first, int end) = StageRanges.Of(parsed.GetValue(_stage)!, ends, cuts);
        using IBackend backend = fault is null
            ? new SelfCheckingBackend(inner, 1, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))))
            : new FaultyBackend(inner, fault, lowered);
        StageCommitter committer = new(statement, lowered.Graph, first, end, backend, Devices.HasherOf(inner));
        ImmutableArray<Tensor> taken = Taken(parsed, statement, lowered.Graph, ends, committer.Part.Taken);
        using TraceFile? trace = to.Trace is string path ? TraceFile.Create(path, statement, Path.GetFullPath(model), inputs, isStage: true) : null;
        using Bar bar = new("run");
        Stopwatch watch = Stopwatch.StartNew();
        CommittedStage done = committer.Run(inputs, taken, to.Prover, to.Issued, trace, new Relay(bar), cancellation);
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        Write(parsed.GetValue(_given), to.Output, lowered.Graph, committer.Part, done.Given);
        trace?.Complete(done.File);
        Files.Write(to.Receipt, done.File.ToArray());
        return new StageOutcome(committer.Part, done, milliseconds);
    }

    private ImmutableArray<Tensor> Taken(
        ParseResult parsed, StatementFile statement, Graph graph, ImmutableArray<int> ends, ImmutableArray<ValueRef> wanted)
    {
        StageFile[] earlier = [.. (parsed.GetValue(_after) ?? []).Select(path => Delivered(path, statement))];
        Committer committer = new(Hasher.Best);
        List<Tensor> taken = [];
        foreach (ValueRef value in wanted)
        {
            string file = Path.Combine(
                parsed.GetValue(_taken) ?? throw new ArgumentException("the stage takes in values of earlier ones: give --taken"), Name(value));
            Tensor tensor = TensorFile.ReadRaw(file);
            string what = $"output {value.Slot} of record {value.Index}";
            if (tensor.Type != graph.TypeOf(value))
            {
                throw new InvalidDataException($"'{file}' is {tensor.Type}, not {graph.TypeOf(value)}, as {what} is");
            }

            StageFile? giver = Array.Find(earlier, stage => stage.Receipt.First <= value.Index && value.Index < stage.Receipt.End);
            if (giver is null && earlier.Length > 0)
            {
                (int first, int last) = (ends.LastOrDefault(end => end <= value.Index), ends.First(end => end > value.Index) - 1);
                throw new InvalidDataException($"no receipt of --after is the stage's that hands out {what}: records {first} to {last}");
            }

            if (giver is not null && giver.CommitmentTo(value.Index, value.Slot) != committer.Commit(statement.Statement.Suite, tensor))
            {
                throw new InvalidDataException($"'{file}' is not what stage {giver.Receipt.Id} commits to as {what}");
            }

            if (!tensor.IsCanonical())
            {
                string whose = giver is null ? string.Empty : $", as stage {giver.Receipt.Id} commits to it";
                throw new InvalidDataException($"'{file}', {what}, is not canonical{whose}");
            }

            taken.Add(tensor);
        }

        return [.. taken];
    }

    private static StageFile Delivered(string path, StatementFile statement)
    {
        StageFile stage = Open.Stage(path);
        return stage.IsDelivered(statement)
            ? stage : throw new InvalidDataException($"'{path}' is not the receipt of a stage of this statement with its leaves");
    }

    private static void Write(string? values, string? outputs, Graph graph, GraphPart part, ImmutableArray<Tensor> given)
    {
        foreach (string folder in new[] { values, outputs }.OfType<string>())
        {
            Directory.CreateDirectory(folder);
        }

        for (int i = 0; i < given.Length; i++)
        {
            if (values is not null)
            {
                TensorFile.Write(Path.Combine(values, Name(part.Given[i])), graph.Nodes[part.Given[i].Index].Name, given[i]);
            }

            for (int output = 0; outputs is not null && output < graph.Outputs.Length; output++)
            {
                if (graph.Outputs[output].Value == part.Given[i])
                {
                    TensorFile.Write(Path.Combine(outputs, $"output_{output}.pb"), graph.Outputs[output].Name, given[i]);
                }
            }
        }
    }

    private static string Name(ValueRef value) => FormattableString.Invariant($"{value.Index}.{value.Slot}.pb");
}

/// <summary>A stage that was run.</summary>
/// <param name="Part">What was run.</param>
/// <param name="Done">What came of it.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record StageOutcome(GraphPart Part, CommittedStage Done, double Milliseconds)
{
    /// <summary>Prints it.</summary>
    internal void Tell(IBackend backend, bool json)
    {
        StageReceipt receipt = Done.File.Receipt;
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["backend"] = backend.Name,
                ["milliseconds"] = Milliseconds,
                ["stage_id"] = receipt.Id.ToString(),
                ["statement_id"] = receipt.StatementId.ToString(),
                ["first"] = receipt.First,
                ["end"] = receipt.End,
                ["computed"] = Part.Nodes.Length,
                ["taken"] = Report.List(Part.Taken.Select(value => new JsonObject { ["node"] = value.Index, ["slot"] = value.Slot })),
                ["given"] = Report.List(Part.Given.Zip(Done.Given).Select(pair => new JsonObject
                {
                    ["node"] = pair.First.Index,
                    ["slot"] = pair.First.Slot,
                    ["type"] = pair.Second.Type.DType.Name(),
                    ["shape"] = Report.Shape(pair.Second.Type),
                    ["sha256"] = Report.Digest(pair.Second),
                })),
            });
            return;
        }

        foreach ((ValueRef value, Tensor tensor) in Part.Given.Zip(Done.Given))
        {
            Report.Line($"{value.Index}.{value.Slot}  {tensor.Type}  sha256 {Report.Digest(tensor)}");
        }

        Report.Line($"stage     {receipt.Id}, records {receipt.First} to {receipt.End - 1}, {Part.Taken.Length} values taken in");
        Report.Line($"statement {receipt.StatementId}");
        Report.Line($"{backend.Name}, {Devices.Simd(backend)}, {Devices.Workers(backend)} workers{Devices.Shares(backend)}: {Milliseconds:0.0} ms");
    }
}
