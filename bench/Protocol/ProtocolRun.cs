using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>One line of the table of costs.</summary>
internal sealed record CostResult(
    string Model, string Policy, string Suite, double PlainMs, double Overhead, long CommittedBytes, long ProofBytes, double ProveMs, double VerifyMs);

/// <summary>The verb <c>protocol</c>: what committing, proving and verifying cost on the open models, and how often cheats are found.</summary>
internal static class ProtocolRun
{
    private static readonly string[] Models =
        ["mlperf-resnet8-f32", "mlperf-resnet8-int8-qop", "stories260K/onnx_nocache", "tinybert-tribuo", "super-resolution-op15"];

    /// <summary>Runs all models, or those whose names contain a text.</summary>
    public static int Run(string filter)
    {
        string folder = Directory.GetDirectories(Folders.OpenModels, "models-open").FirstOrDefault(Folders.OpenModels);
        List<CostResult> costs = [];
        List<DetectionResult> detections = [];
        using CpuBackend cpu = new();
        foreach (string model in Models.Where(model => model.Contains(filter, StringComparison.Ordinal)))
        {
            Job job = Job.Of(folder, model, Policy.Compact2, Suite.Blake3, cpu);
            (Policy, Suite)[] terms = [.. from policy in Enum.GetValues<Policy>() from suite in Enum.GetValues<Suite>() select (policy, suite)];
            TrialResult trial = Trial.Measure(job.Plain, job.Inputs, cpu, terms, Pace.Table, () => Turns.Wall, default);
            foreach (CommitCost cost in trial.Costs)
            {
                costs.Add(new CostResult(
                    model,
                    cost.Policy,
                    cost.Suite,
                    1e3 * trial.Run.Median,
                    cost.Overhead,
                    cost.CommittedBytes,
                    cost.ProofBytes,
                    1e3 * cost.Prove,
                    1e3 * cost.Verify));
                Console.WriteLine(Line(costs[^1]));
            }

            foreach (DetectionResult result in Detection.Of(job, cpu))
            {
                detections.Add(result);
                Console.WriteLine(Line(result));
            }
        }

        if (filter.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            List<string> lines = [JsonSerializer.Serialize(Machine.Here)];
            lines.AddRange(costs.Select(result => JsonSerializer.Serialize(result)));
            lines.AddRange(detections.Select(result => JsonSerializer.Serialize(result)));
            File.WriteAllLines(Path.Combine(Folders.Results, "protocol.jsonl"), lines);
            File.WriteAllText(Path.Combine(Folders.Results, "protocol.md"), Markdown(costs, detections));
        }

        return 0;
    }

    private static string Markdown(List<CostResult> costs, List<DetectionResult> detections)
    {
        StringBuilder text = new();
        text.AppendLine("# What the protocol costs, and what it finds").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{Machine.Here}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Medians of runs in turn; {Job.Samples} samples; nothing read from disk.")
            .AppendLine("Overhead: a committed run (lowered, hashed; trace not kept) against a run of the model as it is.").AppendLine()
            .AppendLine("| model | policy | suite | run, ms | overhead | committed | proof | prove, ms | verify, ms |")
            .AppendLine("|---|---|---|--:|--:|--:|--:|--:|--:|");
        foreach (CostResult result in costs)
        {
            text.AppendLine(Line(result));
        }

        text.AppendLine().AppendLine("## Detection").AppendLine()
            .AppendLine("f: share of wrong committed elements, among those drawn uniformly and weighted by work, half each. Formula: 1 − (1 − f)^k.")
            .AppendLine(CultureInfo.InvariantCulture, $"Measured: {Detection.Beacons} beacons, no mandatory set. The default k of a statement is 100.")
            .AppendLine().AppendLine("| model | cheat | f | k | formula | measured |").AppendLine("|---|---|--:|--:|--:|--:|");
        foreach (DetectionResult result in detections)
        {
            text.AppendLine(Line(result));
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Line(CostResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Model} | {result.Policy} | {result.Suite} | {result.PlainMs:0.00} | {result.Overhead:P0} | {result.CommittedBytes / 1024.0:0} KiB "
        + $"| {result.ProofBytes / 1024.0:0} KiB | {result.ProveMs:0.0} | {result.VerifyMs:0.0} |");

    private static string Line(DetectionResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Model} | {result.Cheat} | {result.Wrong:P2} | {result.Samples} | {result.Formula:P1} | {result.Measured:P1} |");
}
