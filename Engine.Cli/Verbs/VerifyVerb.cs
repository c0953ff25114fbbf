using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute verify</c>: settles a challenge, or judges an accusation, without the model.</summary>
internal static class VerifyVerb
{
    internal static Command Make()
    {
        Option<string?> statement = new("--statement") { Description = "the statement file that the host fixed" };
        Option<string?> receipt = new("--receipt") { Description = "the receipt file" };
        Option<string?> challenge = new("--challenge") { Description = "the challenge file" };
        Option<string?> proof = new("--proof") { Description = "the proof file" };
        Option<string?> fraud = new("--fraud-proof") { Description = "an accusation to judge" };
        Option<bool> any = new("--any-statement") { Description = "take the statement that the prover wrote beside the receipt" };
        Option<bool> json = Report.JsonOption();
        Command command = new("verify", "Check a proof, or an accusation, by the definition.") { statement, receipt, challenge, proof, fraud, any, json };
        command.Validators.Add(result =>
        {
            bool isFraud = result.GetResult(fraud) is not null;
            bool isWhole = result.GetResult(receipt) is not null && result.GetResult(challenge) is not null && result.GetResult(proof) is not null;
            if (!isFraud && !isWhole)
            {
                result.AddError("give --statement, --receipt, --challenge and --proof, or --fraud-proof");
            }
        });
        command.SetAction(parsed =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            string? stated = parsed.GetValue(statement);
            Verdict verdict;
            try
            {
                if (parsed.GetValue(fraud) is string accusation)
                {
                    verdict = Judge(accusation, stated);
                }
                else if ((stated ?? (parsed.GetValue(any) ? $"{parsed.GetValue(receipt)}.statement" : null)) is string path)
                {
                    verdict = Settle(path, parsed.GetValue(receipt)!, parsed.GetValue(challenge)!, parsed.GetValue(proof)!);
                }
                else
                {
                    verdict = Nothing(
                        Reason.Incomplete,
                        "without --statement a proof shows nothing about the job that was asked for (--any-statement takes the prover's)");
                }
            }
            catch (InvalidDataException refusal)
            {
                verdict = Nothing(Reason.Malformed, refusal.Message);
            }

            return Tell(verdict, parsed.GetValue(json), watch.Elapsed.TotalMilliseconds);
        });
        return command;
    }

    /// <summary>Prints a verdict.</summary>
    /// <returns>Its exit code.</returns>
    internal static int Tell(Verdict verdict, bool json, double? milliseconds = null)
    {
        if (json)
        {
            Report.Json(new JsonObject
            {
                ["verdict"] = verdict.Kind.ToString(),
                ["reason"] = verdict.Reason.ToString(),
                ["statement_id"] = verdict.StatementId.ToString(),
                ["receipt_id"] = verdict.ReceiptId.ToString(),
                ["node"] = verdict.Element?.Node,
                ["slot"] = verdict.Element?.Slot,
                ["element"] = verdict.Element?.Element,
                ["text"] = verdict.Text,
                ["milliseconds"] = milliseconds,
            });
        }
        else
        {
            Report.Line($"{verdict.Kind} ({verdict.Reason}): {verdict.Text}");
            Report.Line($"receipt   {verdict.ReceiptId}");
            Report.Line($"statement {verdict.StatementId}");
            if (milliseconds is not null)
            {
                Report.Line($"{milliseconds:0.0} ms");
            }
        }

        return (int)verdict.Kind;
    }

    // Of files that say nothing that could be read.
    private static Verdict Nothing(Reason reason, string text) => new(VerdictKind.Unverifiable, reason, default, default, null, text);

    private static Verdict Settle(string statement, string receipt, string challenge, string proof)
    {
        Challenge asked = Open.Challenge(challenge);
        Verdict verdict = SpotCheck.Verify(Open.Statement(statement), Open.Receipt(receipt), asked, Open.Proof(proof), Hasher.Best);
        return verdict.Kind == VerdictKind.Valid && asked.Anchor.IsEmpty
            ? verdict with { Text = $"{verdict.Text}, if the receipt was recorded before round {asked.Round} of '{asked.BeaconId}'" }
            : verdict;
    }

    private static Verdict Judge(string accusation, string? statement)
    {
        FraudProof fraud = Open.FraudProof(accusation);
        if (statement is null)
        {
            Verdict verdict = fraud.Verify(Hasher.Best);
            return verdict with { Text = $"{verdict.Text} (that its statement was validated is the host's word; --statement checks it)" };
        }

        return Open.Statement(statement).Statement.Id == fraud.Statement.Id
            ? fraud.Verify(Hasher.Best)
            : new Verdict(
                VerdictKind.Unverifiable, Reason.NotBound, fraud.Statement.Id, fraud.Receipt.Id, null, "the accusation is under another statement");
    }
}
