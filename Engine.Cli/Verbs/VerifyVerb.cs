using System;
using System.CommandLine;
using System.Diagnostics;

using VerifiableCompute.Engine.Protocol;
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
            Verdict? verdict;
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
                Console.Error.WriteLine("without --statement a proof shows nothing about the job that was asked for (--any-statement takes the prover's)");
                verdict = null;
            }

            return verdict is null ? ExitCode.Unverifiable : Tell(verdict, parsed.GetValue(json), watch.Elapsed.TotalMilliseconds);
        });
        return command;
    }

    /// <summary>Prints a verdict.</summary>
    /// <returns>Its exit code.</returns>
    internal static int Tell(Verdict verdict, bool json, double? milliseconds = null)
    {
        if (json)
        {
            Report.Json(new
            {
                Verdict = verdict.Kind.ToString(),
                Reason = verdict.Reason.ToString(),
                StatementId = verdict.StatementId.ToString(),
                ReceiptId = verdict.ReceiptId.ToString(),
                verdict.Element?.Node,
                verdict.Element?.Slot,
                verdict.Element?.Element,
                verdict.Text,
                Milliseconds = milliseconds,
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

    private static Verdict? Settle(string statement, string receipt, string challenge, string proof)
    {
        bool isRead = Open.Statement(statement, out StatementFile? stated) & Open.Receipt(receipt, out ReceiptFile? received)
            & Open.Challenge(challenge, out Challenge? asked) & Open.Proof(proof, out Proof? answered);
        if (!isRead)
        {
            return null;
        }

        Verdict verdict = SpotCheck.Verify(stated!, received!, asked!, answered!, Hasher.Best);
        return verdict.Kind == VerdictKind.Valid && asked!.Anchor.IsEmpty
            ? verdict with { Text = $"{verdict.Text}, if the receipt was recorded before round {asked.Round} of '{asked.BeaconId}'" }
            : verdict;
    }

    private static Verdict? Judge(string accusation, string? statement)
    {
        if (!Open.FraudProof(accusation, out FraudProof? fraud))
        {
            return null;
        }

        if (statement is null)
        {
            Verdict verdict = fraud!.Verify(Hasher.Best);
            return verdict with { Text = $"{verdict.Text} (that its statement was validated is the host's word; --statement checks it)" };
        }

        if (!Open.Statement(statement, out StatementFile? stated))
        {
            return null;
        }

        return stated!.Statement.Id == fraud!.Statement.Id
            ? fraud.Verify(Hasher.Best)
            : new Verdict(
                VerdictKind.Unverifiable, Reason.NotBound, fraud.Statement.Id, fraud.Receipt.Id, null, "the accusation is under another statement");
    }
}
