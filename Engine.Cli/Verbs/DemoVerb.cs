using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Demo;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute demo</c>: a decoder on the definition, at every vector width and thread count; one digest.</summary>
internal static class DemoVerb
{
    private static readonly SimdLevel[] Levels = [SimdLevel.Scalar, SimdLevel.V128, SimdLevel.V256, SimdLevel.V512];
    private static readonly int[] Threads = [1, 2];

    internal static Command Make()
    {
        Option<bool> json = Report.JsonOption();
        Command command = new("demo", "Run a decoder with generated weights every way there is, and compare the bits.") { json };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed.GetValue(json), cancellation)));
        return command;
    }

    private static int Run(bool json, CancellationToken cancellation)
    {
        DecoderModel model = DecoderModel.Standard;
        Graph graph = model.Build();
        Tensor prompt = model.Prompt();
        if (!json)
        {
            string weights = Report.Bytes(graph.Parameters.Sum(parameter => parameter.Value.Type.Bytes));
            Report.Line($"A GPT-style decoder: {model.Layers} layers, d = {model.Width}, {model.Heads} heads, FFN {model.Inner},");
            Report.Line($"vocabulary {model.Vocabulary}, {model.Tokens} tokens; {graph.Nodes.Length} nodes, {weights} of weights drawn from Philox.");
            Report.Line($"Each row runs the whole model.");
            Report.Line($"");
            Report.Line($"{"backend",-11}{"vectors",-20}{"workers",8}{"ms",10}   SHA-256 of the logits");
        }

        List<string> digests = [];
        using (ReferenceBackend reference = new())
        {
            digests.Add(Row(graph, prompt, reference, "scalar definition", 1, runs: 1, json, cancellation));
        }

        foreach (SimdLevel level in Levels)
        {
            foreach (int threads in Threads)
            {
                using CpuBackend cpu = new(threads, level);
                string vectors = Devices.Simd(level) + (Emulated(level) ? " (emulated)" : string.Empty);
                digests.Add(Row(graph, prompt, cpu, vectors, threads, runs: Emulated(level) ? 1 : 2, json, cancellation));
            }
        }

        bool equal = digests.Distinct().Count() == 1;
        if (!json)
        {
            Report.Line($"");
            Report.Line($"{(equal ? "Every way gives the same bits." : "THE BITS DIFFER.")}");
        }

        bool told = Tell(model, json, cancellation);
        return equal && told ? ExitCode.Ok : ExitCode.Invalid;
    }

    // The honest prover must pass and every cheat must be caught.
    private static bool Tell(DecoderModel model, bool json, CancellationToken cancellation)
    {
        using Story story = new(model);
        if (!json)
        {
            Statement statement = story.Statement.Statement;
            Report.Line($"");
            CommittedGraph stated = story.Statement.Graph;
            Report.Line($"A host states what is to be computed ({stated.Records.Length} records, {stated.Elements} committed elements):");
            Report.Line($"statement {statement.Id}");
            Report.Line($"Four provers answer. Each receipt is challenged by a beacon ({statement.Challenge.Samples} elements drawn), then audited.");
            Report.Line($"");
            Report.Line($"{"prover",-33}{"run ms",8}  {"spot check",-12}{"proof",10}{"ms",7}  {"audit",-8}{"ms",7}{"fraud proof",13}{"ms",6}  the audit names");
        }

        bool isRight = true;
        foreach (Chapter chapter in story.Tell(cancellation))
        {
            bool isHonest = chapter.Who == "honest";
            isRight &= isHonest ? chapter.SpotCheck.Kind == VerdictKind.Valid && chapter.Audit.Kind == VerdictKind.Valid : chapter.IsCaught;
            string spot = chapter.SpotCheck.Kind == VerdictKind.Invalid ? "caught" : isHonest ? "valid" : "not caught";
            string audit = chapter.Audit.Kind == VerdictKind.Invalid ? "caught" : "agrees";
            if (json)
            {
                Report.Json(new JsonObject
                {
                    ["prover"] = chapter.Who,
                    ["run_milliseconds"] = chapter.RunMilliseconds,
                    ["spot_check"] = chapter.SpotCheck.Kind.ToString(),
                    ["proof_bytes"] = chapter.ProofBytes,
                    ["verify_milliseconds"] = chapter.VerifyMilliseconds,
                    ["audit"] = chapter.Audit.Kind.ToString(),
                    ["audit_milliseconds"] = chapter.AuditMilliseconds,
                    ["fraud_proof_bytes"] = chapter.FraudProofBytes,
                    ["judge_milliseconds"] = chapter.JudgeMilliseconds,
                    ["where"] = chapter.Where,
                });
                continue;
            }

            string fraud = chapter.FraudProofBytes == 0 ? "-" : Report.Bytes(chapter.FraudProofBytes);
            string judged = chapter.FraudProofBytes == 0 ? "-" : chapter.JudgeMilliseconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
            string proof = Report.Bytes(chapter.ProofBytes);
            string run = FormattableString.Invariant($"{chapter.RunMilliseconds,8:0}  {spot,-12}{proof,10}{chapter.VerifyMilliseconds,7:0}");
            Report.Line($"{chapter.Who,-33}{run}  {audit,-8}{chapter.AuditMilliseconds,7:0}{fraud,13}{judged,6}  {chapter.Where}");
        }

        if (!json)
        {
            Report.Line($"");
            string end = isRight
                ? "The honest prover is valid; every cheat is caught: by samples where much is wrong, by an audit where one bit is."
                : "NOT AS IT SHOULD BE.";
            Report.Line($"{end}");
        }

        return isRight;
    }

    // The best of a few runs; the first one of a fresh process also compiles the kernels.
    private static string Row(
        Graph graph, Tensor prompt, IBackend backend, string vectors, int workers, int runs, bool json, CancellationToken cancellation)
    {
        Executor executor = new(graph, backend);
        double best = double.PositiveInfinity;
        string digest = string.Empty;
        using (Bar bar = new($"{backend.Name} {vectors}"))
        {
            for (int run = 0; run < runs; run++)
            {
                Stopwatch watch = Stopwatch.StartNew();
                ImmutableArray<Tensor> outputs = executor.Run([prompt], new Relay(bar), cancellation);
                best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
                digest = Report.Digest(outputs[0]);
            }
        }

        if (json)
        {
            Report.Json(new JsonObject
            {
                ["backend"] = backend.Name,
                ["vectors"] = vectors,
                ["workers"] = workers,
                ["milliseconds"] = best,
                ["sha256"] = digest,
            });
        }
        else
        {
            Report.Line($"{backend.Name,-11}{vectors,-20}{workers,8}{best,10:0.0}   {digest}");
        }

        return digest;
    }

    private static bool Emulated(SimdLevel level) => level switch
    {
        SimdLevel.V512 => !Vector512.IsHardwareAccelerated,
        SimdLevel.V256 => !Vector256.IsHardwareAccelerated,
        SimdLevel.V128 => !Vector128.IsHardwareAccelerated,
        _ => false,
    };
}
