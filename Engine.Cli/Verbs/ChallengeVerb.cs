using System;
using System.Collections.Immutable;
using System.CommandLine;
using System.Linq;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute challenge --statement S --receipt R --beacon HEX -o C</c>: which elements are checked.</summary>
internal static class ChallengeVerb
{
    internal static Command Make()
    {
        Option<string> statement = new("--statement") { Description = "the statement file", Required = true };
        Option<string> receipt = new("--receipt") { Description = "the receipt file", Required = true };
        Option<string> beacon = new("--beacon") { Description = "the beacon's value, 64 hexadecimal digits", Required = true };
        Option<string?> anchor = new("--anchor") { Description = "where the host recorded the receipt, in hexadecimal" };
        Option<ulong> round = new("--round") { Description = "the beacon's round" };
        Option<int?> samples = new("--samples") { Description = "elements to draw; at least as many as the statement asks for" };
        Option<string> output = new("-o", "--output") { Description = "the challenge file", Required = true };
        Option<bool> json = Report.JsonOption();
        Command command = new("challenge", "Derive which elements are checked.") { statement, receipt, beacon, anchor, round, samples, output, json };
        command.SetAction(parsed =>
        {
            StatementFile stated = Open.Statement(parsed.GetRequiredValue(statement));
            ReceiptFile received = Open.Receipt(parsed.GetRequiredValue(receipt));
            Verdict delivery = Delivery.Check(stated, received);
            if (delivery.Kind != VerdictKind.Valid)
            {
                return VerifyVerb.Tell(delivery, parsed.GetValue(json));
            }

            ChallengePolicy policy = stated.Statement.Challenge;
            int drawn = parsed.GetValue(samples) ?? policy.Samples;
            if (drawn < policy.Samples || drawn > Tensors.Limits.Samples)
            {
                throw new ArgumentException($"--samples is {policy.Samples} (the statement's) to {Tensors.Limits.Samples}");
            }

            Challenge challenge = new(
                stated.Statement.Id,
                received.Receipt.Id,
                Anchor(parsed.GetValue(anchor)),
                policy.BeaconId,
                parsed.GetValue(round),
                Hex.Digest(parsed.GetRequiredValue(beacon), "--beacon"),
                drawn);
            ImmutableArray<ElementRef> elements = challenge.Elements(policy, stated.Graph);
            Files.Write(parsed.GetRequiredValue(output), challenge.ToArray());
            if (parsed.GetValue(json))
            {
                Report.Json(new JsonObject
                {
                    ["challenge_id"] = challenge.Id.ToString(),
                    ["seed"] = challenge.Seed.ToString(),
                    ["elements"] = Report.List(elements.Select(element => new JsonObject
                    {
                        ["node"] = element.Node,
                        ["slot"] = element.Slot,
                        ["element"] = element.Element,
                    })),
                });
            }
            else
            {
                Report.Line($"challenge  {challenge.Id}: {elements.Length} elements of {elements.Select(element => element.Node).Distinct().Count()} nodes");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static ImmutableArray<byte> Anchor(string? text)
    {
        try
        {
            byte[] anchor = Convert.FromHexString(text ?? string.Empty);
            return anchor.Length <= Tensors.Limits.NameBytes
                ? [.. anchor]
                : throw new ArgumentException($"--anchor has more than {Tensors.Limits.NameBytes} bytes");
        }
        catch (FormatException)
        {
            throw new ArgumentException("--anchor is hexadecimal digits");
        }
    }
}
