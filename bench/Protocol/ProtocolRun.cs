using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Challenges;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>One line of the table of costs.</summary>
internal sealed record CostResult(
    string Model, string Policy, string Suite, double PlainMs, double Overhead, long CommittedBytes, long ProofBytes, double ProveMs, double VerifyMs);

/// <summary>The verb <c>protocol</c>: what committing, proving and verifying cost on the open models, and how often cheats are found.</summary>
internal static class ProtocolRun
{
    private const int Rounds = 11;

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
            foreach (Policy policy in Enum.GetValues<Policy>())
            {
                foreach (Suite suite in Enum.GetValues<Suite>())
                {
                    costs.Add(Cost(Job.Of(folder, model, policy, suite, cpu), policy, suite, cpu));
                    Console.WriteLine(Line(costs[^1]));
                }
            }

            foreach (DetectionResult result in Detection.Of(Job.Of(folder, model, Policy.Compact, Suite.Blake3, cpu), cpu))
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

    private static CostResult Cost(Job job, Policy policy, Suite suite, CpuBackend cpu)
    {
        Committer committer = new(cpu.Hasher);
        Executor executor = new(job.Plain, cpu);
        Executor lowered = new(job.Graph.Graph, cpu);
        MemoryTraceStore store = new();
        CommittedRun run = committer.Run(job.Statement, job.Graph.Graph, job.Inputs, cpu, store: store);
        Challenge challenge = new(
            job.Statement.Statement.Id, run.Receipt.Receipt.Id, [], "bench", 1, Ids.Of("bench beacon", [1]), Job.Samples);
        HeldTrace held = job.Held(run.Receipt, store);
        byte[] proof = Prover.Prove(held, challenge, cpu.Hasher).ToArray();
        double[] ms = Job.Times(
            Rounds,
            () => executor.Run(job.Inputs),
            () => committer.Run(job.Statement, lowered, job.Inputs),
            () => Prover.Prove(held, challenge, cpu.Hasher),
            () => Check(job, run, challenge, proof, cpu));
        long committed = job.Graph.Committed.Records.SelectMany(record => record.Outputs)
            .Where(output => output.Resolution == Resolution.Committed).Sum(output => output.Type.Bytes);
        return new CostResult(
            job.Model,
            policy.Name(),
            suite == Suite.Sha256 ? "sha256" : "blake3",
            ms[0],
            (ms[1] / ms[0]) - 1,
            committed,
            proof.Length,
            ms[2],
            ms[3]);
    }

    private static void Check(Job job, CommittedRun run, Challenge challenge, byte[] proof, CpuBackend cpu)
    {
        Verdict? verdict = Proof.TryRead(proof, out Proof? read, out string why)
            ? SpotCheck.Verify(job.Statement, run.Receipt, challenge, read!, cpu.Hasher)
            : throw new InvalidDataException(why);
        if (verdict.Kind != VerdictKind.Valid)
        {
            throw new InvalidDataException($"{job.Model}: {verdict.Text}");
        }
    }

    private static string Markdown(List<CostResult> costs, List<DetectionResult> detections)
    {
        StringBuilder text = new();
        text.AppendLine("# What the protocol costs, and what it finds").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{Machine.Here}").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Medians of {Rounds} runs or more in turn; {Job.Samples} samples; nothing read from disk.")
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
