using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Cli.Verbs;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Shows what a file of the protocol holds.</summary>
internal static class ProtocolFiles
{
    /// <summary>Prints a file.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static int Tell(string path, FileKind kind, bool json) => kind switch
    {
        FileKind.Statement => Tell(Open.Statement(path), json),
        FileKind.Receipt => Tell(Open.Receipt(path), json),
        FileKind.Challenge => Tell(Open.Challenge(path), json),
        FileKind.Proof => Tell(Open.Proof(path), new FileInfo(path).Length, json),
        FileKind.FraudProof => Tell(Open.FraudProof(path), new FileInfo(path).Length, json),
        FileKind.Stage => Tell(Open.Stage(path), json),
        _ => TellTrace(path, json),
    };

    private static int Tell(StatementFile file, bool json)
    {
        StatementVerb.Tell(file, json);
        for (int i = 0; i < file.Graph.Records.Length && !json; i++)
        {
            GraphRecord record = file.Graph.Records[i];
            string inputs = string.Join(", ", record.Inputs.Select(input => $"{input.Source.Kind} {input.Source.Index}.{input.Source.Slot} {input.Type}"));
            string outputs = string.Join(", ", record.Outputs.Select(output => $"{output.Type} {output.Resolution}"));
            Report.Line($"{i,6}  {record.Op.Name}({inputs}) -> {outputs}");
        }

        return ExitCode.Ok;
    }

    private static int Tell(ReceiptFile file, bool json)
    {
        Receipt receipt = file.Receipt;
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["receipt_id"] = receipt.Id.ToString(),
                ["statement_id"] = receipt.StatementId.ToString(),
                ["prover"] = $"{(int)receipt.Prover.Scheme:x2}{receipt.Prover.Key}",
                ["trace_root"] = receipt.TraceRoot.ToString(),
                ["outputs_root"] = receipt.OutputsRoot.ToString(),
                ["issued"] = receipt.Issued,
                ["trace_leaves"] = file.TraceLeaves.Length,
                ["output_leaves"] = file.OutputLeaves.Length,
            });
            return ExitCode.Ok;
        }

        Report.Line($"receipt    {receipt.Id}");
        Report.Line($"statement  {receipt.StatementId}");
        Report.Line($"prover     {receipt.Prover.Scheme} {receipt.Prover.Key}");
        Report.Line($"trace      {receipt.TraceRoot}, {file.TraceLeaves.Length} leaves");
        Report.Line($"outputs    {receipt.OutputsRoot}, {file.OutputLeaves.Length} leaves");
        Report.Line($"issued     {receipt.Issued}");
        return ExitCode.Ok;
    }

    private static int Tell(StageFile file, bool json)
    {
        StageReceipt receipt = file.Receipt;
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["stage_id"] = receipt.Id.ToString(),
                ["statement_id"] = receipt.StatementId.ToString(),
                ["prover"] = $"{(int)receipt.Prover.Scheme:x2}{receipt.Prover.Key}",
                ["first"] = receipt.First,
                ["end"] = receipt.End,
                ["trace_root"] = receipt.TraceRoot.ToString(),
                ["taken_root"] = receipt.TakenRoot.ToString(),
                ["issued"] = receipt.Issued,
                ["taken_values"] = file.TakenLeaves.Length,
            });
            return ExitCode.Ok;
        }

        Report.Line($"stage      {receipt.Id}, records {receipt.First} to {receipt.End - 1}");
        Report.Line($"statement  {receipt.StatementId}");
        Report.Line($"prover     {receipt.Prover.Scheme} {receipt.Prover.Key}");
        Report.Line($"trace      {receipt.TraceRoot}, {file.TraceLeaves.Length} leaves");
        Report.Line($"taken      {receipt.TakenRoot}, {file.TakenLeaves.Length} leaves");
        Report.Line($"issued     {receipt.Issued}");
        return ExitCode.Ok;
    }

    private static int Tell(Challenge challenge, bool json)
    {
        string anchor = Convert.ToHexStringLower(challenge.Anchor.AsSpan());
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["challenge_id"] = challenge.Id.ToString(),
                ["statement_id"] = challenge.StatementId.ToString(),
                ["receipt_id"] = challenge.ReceiptId.ToString(),
                ["anchor"] = anchor,
                ["beacon_id"] = challenge.BeaconId,
                ["round"] = challenge.Round,
                ["value"] = challenge.Value.ToString(),
                ["samples"] = challenge.Samples,
            });
            return ExitCode.Ok;
        }

        Report.Line($"challenge  {challenge.Id}, {challenge.Samples} samples");
        Report.Line($"statement  {challenge.StatementId}");
        Report.Line($"receipt    {challenge.ReceiptId}");
        Report.Line($"anchor     {(anchor.Length == 0 ? "none" : anchor)}");
        Report.Line($"beacon     '{challenge.BeaconId}' round {challenge.Round}: {challenge.Value}");
        return ExitCode.Ok;
    }

    private static int Tell(Proof proof, long bytes, bool json)
    {
        if (json)
        {
            Report.Json(new JsonObject { ["challenge_id"] = proof.ChallengeId.ToString(), ["bytes"] = bytes, ["leaves"] = proof.Openings.LeafCount });
            return ExitCode.Ok;
        }

        Report.Line($"proof      {Report.Bytes(bytes)} for challenge {proof.ChallengeId}");
        Tell(proof.Openings);
        return ExitCode.Ok;
    }

    private static int Tell(FraudProof fraud, long bytes, bool json)
    {
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["accusation"] = fraud.Accusation.ToString(),
                ["statement_id"] = fraud.Statement.Id.ToString(),
                ["receipt_id"] = fraud.Receipt.Id.ToString(),
                ["node"] = fraud.Element.Node,
                ["slot"] = fraud.Element.Slot,
                ["element"] = fraud.Element.Element,
                ["bytes"] = bytes,
            });
            return ExitCode.Ok;
        }

        Report.Line($"fraud proof of {Report.Bytes(bytes)}: {fraud.Accusation} at {fraud.Element}");
        Report.Line($"statement  {fraud.Statement.Id}");
        Report.Line($"receipt    {fraud.Receipt.Id}");
        Tell(fraud.Openings);
        return ExitCode.Ok;
    }

    private static void Tell(Openings openings)
    {
        foreach (ListOpening list in openings.Lists)
        {
            Report.Line($"{list.Kind,-10} {list.Proof.Leaves.Length} of {list.Size} leaves, {list.Proof.Siblings.Length} siblings");
        }

        foreach (TensorOpening tensor in openings.Tensors)
        {
            string value = string.Create(CultureInfo.InvariantCulture, $"{tensor.Value.Kind} {tensor.Value.Index}.{tensor.Value.Slot}");
            Report.Line($"{TreeKind.Tensor,-10} {value}: {tensor.Proof.Leaves.Length} leaves, {tensor.Proof.Siblings.Length} siblings");
        }
    }

    private static int TellTrace(string path, bool json)
    {
        using TraceFile trace = Open.AnyTrace(path);
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["receipt_id"] = (trace.Receipt?.Receipt.Id ?? trace.Stage!.Receipt.Id).ToString(),
                ["statement_id"] = trace.Statement.Statement.Id.ToString(),
                ["model"] = trace.Model,
                ["data_bytes"] = trace.DataBytes,
            });
            return ExitCode.Ok;
        }

        Report.Line($"trace      {Report.Bytes(trace.DataBytes)} of committed values");
        Report.Line($"receipt    {trace.Receipt?.Receipt.Id ?? trace.Stage!.Receipt.Id}");
        Report.Line($"statement  {trace.Statement.Statement.Id}");
        Report.Line($"model      {trace.Model}");
        return ExitCode.Ok;
    }
}
