using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Proving;
using VerifiableCompute.Engine.Verify;
using VerifiableCompute.Engine.Verify.Checking;
using VerifiableCompute.Engine.Verify.Proofs;

namespace VerifiableCompute.Bench.Protocol;

/// <summary>What checking one element of an op takes, over all elements of that op that were checked.</summary>
/// <param name="Op">The op.</param>
/// <param name="Policy">What is committed.</param>
/// <param name="Checked">Elements checked: first, middle and last of every committed output of every node.</param>
/// <param name="Median">Median bytes of a proof of one element alone: records, leaves and siblings.</param>
/// <param name="Largest">Largest.</param>
/// <param name="Leaves">Tensor leaves that the largest opens.</param>
/// <param name="Operations">Elements that checking the largest computed and pulled.</param>
/// <param name="Where">Model, node and type of the largest.</param>
internal sealed record OpResult(string Op, string Policy, int Checked, long Median, long Largest, long Leaves, long Operations, string Where);

/// <summary>The verb <c>ops</c>: how large a spot check of one element is, op by op, on the open models.</summary>
internal static class OpRun
{
    /// <summary>Runs all models, or those whose names contain a text.</summary>
    public static int Run(string filter)
    {
        string folder = Directory.GetDirectories(Folders.OpenModels, "models-open").FirstOrDefault(Folders.OpenModels);
        SortedDictionary<string, List<(long Bytes, long Leaves, long Operations, string Where)>> all = new(StringComparer.Ordinal);
        using CpuBackend cpu = new();
        foreach (string path in Conformance.Find(folder).Where(path => path.Contains(filter, StringComparison.Ordinal)))
        {
            string model = Path.GetRelativePath(folder, path);
            foreach (Policy policy in Enum.GetValues<Policy>())
            {
                Job job = Job.Of(folder, model, policy, Suite.Sha256, cpu);
                MemoryTraceStore store = new();
                CommittedRun run = new Committer(cpu.Hasher).Run(job.Statement, job.Graph.Graph, job.Inputs, cpu, store: store);
                HeldTrace held = job.Held(run.Receipt, store);
                foreach (ElementRef element in Elements(job.Graph.Committed))
                {
                    string op = job.Graph.Committed.Records[element.Node].Op.Name;
                    string where = $"{model}, {job.Graph.Graph.Nodes[element.Node].Name}, {job.Graph.Committed.TypeOf(element.Node, element.Slot)}";
                    string key = $"{op} {policy.Name()}";
                    all.TryAdd(key, []);
                    all[key].Add(Measure(held, element, cpu, where));
                }
            }

            Console.WriteLine(model);
        }

        OpResult[] results = [.. all.Select(entry =>
        {
            (long bytes, long leaves, long operations, string where) = entry.Value.MaxBy(sample => sample.Bytes);
            long median = entry.Value.Select(sample => sample.Bytes).Order().ElementAt(entry.Value.Count / 2);
            string[] key = entry.Key.Split(' ');
            return new OpResult(key[0], key[1], entry.Value.Count, median, bytes, leaves, operations, where);
        })];
        OpBound[] bounds = [.. OpBound.All()];
        string text = Markdown(results, bounds);
        Console.Write(text);
        if (filter.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            File.WriteAllLines(
                Path.Combine(Folders.Results, "ops.jsonl"),
                [.. results.Select(result => JsonSerializer.Serialize(result)), .. bounds.Select(bound => JsonSerializer.Serialize(bound))]);
            File.WriteAllText(Path.Combine(Folders.Results, "ops.md"), text);
        }

        return 0;
    }

    private static IEnumerable<ElementRef> Elements(CommittedGraph graph)
    {
        for (int node = 0; node < graph.Records.Length; node++)
        {
            for (int slot = 0; slot < graph.Records[node].Outputs.Length; slot++)
            {
                RecordOutput output = graph.Records[node].Outputs[slot];
                long last = output.Resolution == Resolution.Committed ? output.Type.Elements - 1 : -1;
                foreach (long element in new[] { 0, last / 2, last }.Where(element => element >= 0 && element <= last).Distinct())
                {
                    yield return new ElementRef(node, slot, element);
                }
            }
        }
    }

    private static (long Bytes, long Leaves, long Operations, string Where) Measure(
        HeldTrace held, ElementRef element, CpuBackend cpu, string where)
    {
        HeldLeaves leaves = new(held, cpu.Hasher);
        Evaluator evaluator = new(leaves);
        ulong evaluated = evaluator.Evaluate(element);
        long operations = evaluator.Operations;
        if (evaluator.Committed(element) != evaluated || evaluator.Failure != Reason.None)
        {
            throw new InvalidDataException($"{where}, {element}: {evaluator.Text}");
        }

        return (new Proof(default, leaves.Open()).ToArray().Length, leaves.LeafCount, operations, where);
    }

    private static string Markdown(OpResult[] results, OpBound[] bounds)
    {
        StringBuilder text = new();
        text.AppendLine("# What checking one element takes, op by op").AppendLine()
            .AppendLine("Over the open models, suite sha256: first, middle and last element of every committed output of every node, each proven")
            .AppendLine("alone, with all records, leaves and paths that it needs. A challenge of many elements shares most of these.")
            .AppendLine("Bound: 1,024 leaves, 2^20 operations.").AppendLine()
            .AppendLine("| op | policy | checked | median proof | largest proof | its leaves | its operations | where |")
            .AppendLine("|---|---|--:|--:|--:|--:|--:|---|");
        foreach (OpResult r in results)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {r.Op} | {r.Policy} | {r.Checked} | {r.Median / 1024.0:0.0} KiB | {r.Largest / 1024.0:0.0} KiB "
                + $"| {r.Leaves} | {r.Operations} | {r.Where} |");
        }

        text.AppendLine()
            .AppendLine("The largest: a 1×1 convolution of 480 channels reads one pixel of each, and every channel's plane is a leaf of its own; a layout")
            .AppendLine("with channels innermost would take 2 leaves, and lowering makes one where the bound would be exceeded. All else takes some ten KiB.")
            .AppendLine("A recurrent element reads its gates' rows and the state before it, never the sequence; a softmax element its row's maximum and")
            .AppendLine("denominator.").AppendLine()
            .AppendLine("## Bounds at larger sizes").AppendLine()
            .AppendLine("Policy compact/1, from records alone: the worst that checking any element of any record may take.").AppendLine()
            .AppendLine("| operator | records | leaves | operations | depth | widest record |").AppendLine("|---|--:|--:|--:|--:|---|");
        foreach (OpBound bound in bounds)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {bound.Text} | {bound.Records} | {bound.Leaves} | {bound.Operations} | {bound.Depth} | {bound.Widest} |");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
