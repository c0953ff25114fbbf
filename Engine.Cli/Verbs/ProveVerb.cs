using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute prove --trace T --challenge C -o P</c>: opens what a challenge asks for.</summary>
internal static class ProveVerb
{
    internal static Command Make()
    {
        Option<string> trace = new("--trace") { Description = "the trace file", Required = true };
        Option<string> challenge = new("--challenge") { Description = "the challenge file", Required = true };
        Option<string?> model = new("--model") { Description = "the model, where it is not where the trace says" };
        Option<string> output = new("-o", "--output") { Description = "the proof file", Required = true };
        Option<bool> json = Report.JsonOption();
        Command command = new("prove", "Open what a challenge asks for.") { trace, challenge, model, output, json };
        command.SetAction(parsed =>
        {
            using TraceFile held = Open.Trace(parsed.GetRequiredValue(trace));
            Challenge asked = Open.Challenge(parsed.GetRequiredValue(challenge));
            if (asked.StatementId != held.Statement.Statement.Id || asked.ReceiptId != held.Receipt!.Receipt.Id)
            {
                throw new InvalidDataException("the challenge is for another run");
            }

            Stopwatch watch = Stopwatch.StartNew();
            string path = parsed.GetValue(model) ?? held.Model;
            HeldTrace all = Load(path, held) ?? throw new InvalidDataException($"'{path}' is not the model that was run");
            double loading = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            Proof proof = Answer(all, asked);
            byte[] bytes = proof.ToArray();
            double proving = watch.Elapsed.TotalMilliseconds;
            Files.Write(parsed.GetRequiredValue(output), bytes);
            if (parsed.GetValue(json))
            {
                Report.Json(new JsonObject
                {
                    ["proof_bytes"] = bytes.Length,
                    ["leaves"] = proof.Openings.LeafCount,
                    ["milliseconds"] = proving,
                    ["load_milliseconds"] = loading,
                });
            }
            else
            {
                string opened = $"{Report.Bytes(bytes.Length)}, {proof.Openings.LeafCount} leaves";
                Report.Line($"proof  {opened}, {proving:0.0} ms (and {loading:0.0} ms to load the model)");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Proof Answer(HeldTrace held, Challenge asked)
    {
        try
        {
            return Prover.Prove(held, asked, Hasher.Best);
        }
        catch (InvalidOperationException damage)
        {
            throw new InvalidDataException($"the trace is damaged: {damage.Message}");
        }
    }

    /// <summary>Everything a trace's prover holds; null where the model is another.</summary>
    internal static HeldTrace? Load(string path, TraceFile trace)
    {
        Statement statement = trace.Statement.Statement;
        Graph graph = OnnxModel.Load(path).Specialize(trace.Inputs);
        LoweredGraph lowered = Lowerer.Lower(graph, statement.Policy);
        ParameterTrees trees = new(statement.Suite, [.. lowered.Graph.Parameters.Select(parameter => parameter.Value)], Hasher.Best);
        Statement again = StatementFile.Make(lowered.Committed, statement with
        {
            ParametersRoot = MerkleTree.RootOf(statement.Suite, TreeKind.Parameters, trees.Leaves, Hasher.Best),
        }).Statement;
        return again.Id == statement.Id
            ? new HeldTrace(trace.Statement, trace.Receipt!, trees.Parameters, trace.Inputs, trace) { Trees = trees }
            : null;
    }
}
