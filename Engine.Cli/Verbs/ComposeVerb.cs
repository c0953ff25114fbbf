using System.Collections.Generic;
using System.Collections.Immutable;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute compose --statement S --stage R1 --stage R2 … -o R</c>: makes the whole run's receipt of stage receipts.</summary>
internal static class ComposeVerb
{
    internal static Command Make()
    {
        Option<string> statement = new("--statement") { Description = "the statement file that the host fixed", Required = true };
        Option<string[]> stages = new("--stage") { Description = "a stage receipt, once for each stage, in any order", Required = true };
        Option<string[]> traces = new("--trace") { Description = "a stage's trace, once for each stage: to write the whole run's" };
        Option<string> output = new("-o", "--output") { Description = "the receipt file of the whole run", Required = true };
        Option<string?> whole = new("--output-trace") { Description = "where the whole run's trace is written" };
        Option<string?> model = new("--model") { Description = "the model's file that the whole run's trace names; without it that of the first trace" };
        Option<string?> prover = new("--prover") { Description = "whose the whole receipt is: 01 or 02 and 64 hexadecimal digits" };
        Option<ulong> issued = new("--issued") { Description = "Unix seconds that the receipt carries" };
        Option<bool> json = Report.JsonOption();
        Command command = new("compose", "Make the receipt of a run of the receipts of its stages.")
        {
            statement, stages, traces, output, whole, model, prover, issued, json,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(whole) is null) != (result.GetResult(traces) is null))
            {
                result.AddError("--trace and --output-trace go together");
            }
        });
        command.SetAction(parsed =>
        {
            StatementFile stated = Open.Statement(parsed.GetRequiredValue(statement));
            Composition composed = Composer.Compose(
                stated, parsed.GetRequiredValue(stages).Select(Open.Stage), Hex.Key(parsed.GetValue(prover)), parsed.GetValue(issued));
            if (composed.Receipt is not ReceiptFile receipt)
            {
                return VerifyVerb.Tell(composed.Verdict, parsed.GetValue(json));
            }

            if (parsed.GetValue(whole) is string path)
            {
                Join(path, parsed.GetValue(model), stated, composed, parsed.GetValue(traces) ?? []);
            }

            Files.Write(parsed.GetRequiredValue(output), receipt.ToArray());
            Tell(receipt, composed.Stages, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    // The values of all stages in one file, each as the stage that answers for it has it and commits to it.
    private static void Join(string path, string? model, StatementFile statement, Composition composed, string[] parts)
    {
        List<TraceFile> opened = [];
        try
        {
            opened.AddRange(parts.Select(Open.AnyTrace));
            if (opened.FindIndex(held => !composed.Stages.Any(stage => stage.Id == held.Stage?.Receipt.Id)) is int other and >= 0)
            {
                throw new InvalidDataException($"'{parts[other]}' is not the trace of a stage that is composed");
            }

            Suite suite = statement.Statement.Suite;
            Committer committer = new(Hasher.Best);
            if (MerkleTree.RootOf(suite, TreeKind.Inputs, committer.Leaves(suite, opened[0].Inputs), Hasher.Best) != statement.Statement.InputsRoot)
            {
                throw new InvalidDataException($"'{parts[0]}' has other inputs than the statement");
            }

            using TraceFile whole = TraceFile.Create(path, statement, model is null ? opened[0].Model : Path.GetFullPath(model), opened[0].Inputs);
            foreach (ValueRef value in statement.Graph.Committed.OrderBy(value => value.Index).ThenBy(value => value.Slot))
            {
                TraceFile part = opened.Find(held => held.Stage!.Receipt.First <= value.Index && value.Index < held.Stage.Receipt.End)
                    ?? throw new InvalidDataException($"no stage's trace has record {value.Index}");
                StageFile stage = part.Stage!;
                Tensor tensor = new(statement.Graph.TypeOf(value.Index, value.Slot), part.Read(value.Index, value.Slot));
                if (committer.Commit(suite, tensor) != stage.CommitmentTo(value.Index, value.Slot))
                {
                    string range = $"records {stage.Receipt.First} to {stage.Receipt.End - 1}";
                    throw new InvalidDataException(
                        $"the trace of stage {stage.Receipt.Id}, {range}, has not what it commits to as output {value.Slot} of record {value.Index}");
                }

                whole.Write(value.Index, value.Slot, tensor.Bytes.Span);
            }

            whole.Complete(composed.Receipt!);
        }
        finally
        {
            opened.ForEach(held => held.Dispose());
        }
    }

    private static void Tell(ReceiptFile receipt, ImmutableArray<StageReceipt> stages, bool json)
    {
        string Key(StageReceipt stage) => $"{(int)stage.Prover.Scheme:x2}{stage.Prover.Key}";
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["receipt_id"] = receipt.Receipt.Id.ToString(),
                ["statement_id"] = receipt.Receipt.StatementId.ToString(),
                ["trace_root"] = receipt.Receipt.TraceRoot.ToString(),
                ["outputs_root"] = receipt.Receipt.OutputsRoot.ToString(),
                ["stages"] = Report.List(stages.Select(stage => new JsonObject
                {
                    ["stage_id"] = stage.Id.ToString(),
                    ["first"] = stage.First,
                    ["end"] = stage.End,
                    ["prover"] = Key(stage),
                })),
            });
            return;
        }

        Report.Line($"receipt   {receipt.Receipt.Id}");
        Report.Line($"statement {receipt.Receipt.StatementId}");
        foreach (StageReceipt stage in stages)
        {
            Report.Line($"records   {stage.First} to {stage.End - 1}: stage {stage.Id}, prover {Key(stage)}");
        }
    }
}
