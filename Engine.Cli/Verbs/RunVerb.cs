using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute run MODEL.onnx (--input NAME=FILE.pb… | --inputs DIR) --output DIR</c>.</summary>
internal static class RunVerb
{
    internal static Command Make()
    {
        Argument<string> model = new("MODEL.onnx") { Description = "the model" };
        Option<string[]> input = new("--input") { Description = "NAME=FILE.pb, once for each input" };
        Option<string?> inputs = new("--inputs") { Description = "a folder with input_0.pb, input_1.pb … in the model's order" };
        Option<string?> output = new("--output") { Description = "the folder that output_0.pb, output_1.pb … are written to" };
        Option<bool> json = Report.JsonOption();
        Command command = new("run", "Run a model and print the digest of each output.") { model, input, inputs, output, json };
        Devices devices = new(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(input) is not null && result.GetResult(inputs) is not null)
            {
                result.AddError("give --input or --inputs, not both");
            }
        });
        command.SetAction((parsed, cancellation) =>
        {
            OnnxModel loaded = OnnxModel.Load(parsed.GetRequiredValue(model));
            Dictionary<string, Tensor> given = Given(loaded, parsed.GetValue(input) ?? [], parsed.GetValue(inputs));
            using IBackend backend = devices.Open(parsed);
            Outcome outcome = Execute(loaded, given, backend, cancellation);
            Write(parsed.GetValue(output), outcome);
            Tell(outcome, backend, parsed.GetValue(json));
            return System.Threading.Tasks.Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Dictionary<string, Tensor> Given(OnnxModel model, string[] named, string? folder)
    {
        Dictionary<string, Tensor> given = new(StringComparer.Ordinal);
        foreach (string pair in named)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !given.TryAdd(pair[..equals], TensorFile.Read(pair[(equals + 1)..])))
            {
                throw new ArgumentException($"--input '{pair}' is not NAME=FILE.pb, or names an input twice");
            }
        }

        ImmutableArray<Tensor> listed = folder is null ? [] : Conformance.ReadSet(folder, "input");
        if (folder is not null && listed.Length != model.Inputs.Length)
        {
            throw new ArgumentException($"'{folder}' has {listed.Length} inputs, the model needs {model.Inputs.Length}");
        }

        for (int i = 0; i < listed.Length; i++)
        {
            given.Add(model.Inputs[i].Name, listed[i]);
        }

        return given;
    }

    private static Outcome Execute(OnnxModel model, Dictionary<string, Tensor> given, IBackend backend, CancellationToken cancellation)
    {
        Graph graph = model.Specialize(given);
        Executor executor = new(graph, backend);
        using Bar bar = new("run");
        Stopwatch watch = Stopwatch.StartNew();
        ImmutableArray<Tensor> outputs = executor.Run(OnnxModel.Bind(graph, given), new Relay(bar), cancellation);
        return new Outcome(graph, outputs, watch.Elapsed.TotalMilliseconds, executor.Plan);
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
            Report.Json(new
            {
                Backend = backend.Name,
                Simd = Devices.Simd(backend),
                Workers = Devices.Workers(backend),
                Milliseconds = outcome.Milliseconds,
                PeakBytes = peak,
                plan.ParameterBytes,
                plan.ActivationBytes,
                PackedBytes = packed,
                ScratchBytes = scratch,
                Outputs = outcome.Outputs.Select((tensor, i) => new
                {
                    outcome.Graph.Outputs[i].Name,
                    Type = tensor.Type.DType.Name(),
                    Shape = tensor.Type.Shape.Extents.ToArray(),
                    Sha256 = Report.Digest(tensor),
                }),
            });
            return;
        }

        for (int i = 0; i < outcome.Outputs.Length; i++)
        {
            Report.Line($"{outcome.Graph.Outputs[i].Name}  {outcome.Outputs[i].Type}  sha256 {Report.Digest(outcome.Outputs[i])}");
        }

        string where = $"{backend.Name}, {Devices.Simd(backend)}, {Devices.Workers(backend)} workers";
        Report.Line($"{where}: {outcome.Milliseconds:0.0} ms");
        string held = $"{Report.Bytes(plan.ParameterBytes)} parameters, {Report.Bytes(plan.ActivationBytes)} intermediates and outputs";
        Report.Line($"peak {Report.Bytes(peak)}: {held}, {Report.Bytes(packed)} packed weights, {Report.Bytes(scratch)} scratch");
    }

    private sealed record Outcome(Graph Graph, ImmutableArray<Tensor> Outputs, double Milliseconds, Plan Plan);

    private sealed class Relay(IProgress<double> bar) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => bar.Report(value.Done / (double)value.Total);
    }
}
