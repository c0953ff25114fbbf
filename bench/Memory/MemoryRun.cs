using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Memory;

/// <summary>One line of the table; bytes.</summary>
/// <param name="Model">What ran.</param>
/// <param name="Host">In what: <c>native</c>, compiled to machine code ahead of time, or <c>runtime</c>, compiled as it runs.</param>
/// <param name="Weights">Of the model.</param>
/// <param name="Live">Largest set of intermediates and outputs.</param>
/// <param name="Stated">What plan and backend say that they hold.</param>
/// <param name="Resident">Most memory of the process, over that of an empty one of its kind.</param>
/// <param name="Goal">1.3 times weights and live set, and 16 MiB.</param>
/// <param name="Load">Milliseconds until there is a graph.</param>
/// <param name="First">Milliseconds of the first run.</param>
/// <param name="Again">Milliseconds of the second.</param>
internal sealed record MemoryResult(
    string Model, string Host, long Weights, long Live, long Stated, long Resident, long Goal, double Load, double First, double Again);

/// <summary>The verb <c>memory</c>: runs models in processes of their own and compares the most memory that each had with the goal.</summary>
internal static class MemoryRun
{
    /// <summary>A host compiled to machine code.</summary>
    internal const string Native = "native";

    /// <summary>A host that the runtime compiles as it runs.</summary>
    internal const string Runtime = "runtime";

    private const long Mebibyte = 1 << 20;

    /// <summary>Runs the models whose name contains the filter, each in a process.</summary>
    public static int Run(string filter)
    {
        DecoderFile decoder = new(Path.Combine(Folders.Root, "artifacts", "decoder-500m"));
        string folder = Directory.GetDirectories(Folders.OpenModels, "models-open").FirstOrDefault(Folders.OpenModels);
        string Open(string name) => Path.Combine(folder, name);
        (string Name, string Model, string Inputs)[] models =
        [
            ("resnet8", Path.Combine(Open("mlperf-resnet8-f32"), "model.onnx"), Path.Combine(Open("mlperf-resnet8-f32"), "test_data_set_0")),
            ("ppocrv4-rec", Path.Combine(Open("ppocrv4-rec"), "model.onnx"), Path.Combine(Open("ppocrv4-rec"), "test_data_set_0")),
            ("decoder-500m", decoder.Model, Path.GetDirectoryName(decoder.Model)!),
        ];
        List<MemoryResult> results = [];
        Dictionary<string, long> empty = [];
        foreach (string host in new[] { Native, Runtime })
        {
            empty[host] = Child(host).Resident;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"empty {host} host: {empty[host] / (double)Mebibyte:0.0} MiB"));
            foreach ((string name, string model, string inputs) in models.Where(model => model.Name.Contains(filter, StringComparison.Ordinal)))
            {
                if (model == decoder.Model && !File.Exists(model))
                {
                    decoder.Write();
                }

                MemoryResult child = Child(host, model, inputs);
                long goal = (long)(1.3 * (child.Weights + child.Live)) + (16 * Mebibyte);
                results.Add(child with { Model = name, Resident = child.Resident - empty[host], Goal = goal });
                Console.WriteLine(Line(results[^1]));
            }
        }

        if (filter.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            IEnumerable<string> lines = results.Select(result => JsonSerializer.Serialize(result)).Prepend(JsonSerializer.Serialize(Machine.Here));
            File.WriteAllLines(Path.Combine(Folders.Results, "memory.jsonl"), lines);
            File.WriteAllText(Path.Combine(Folders.Results, "memory.md"), Markdown(results, empty));
        }

        return results.Exists(result => result.Host == Native && result.Resident > result.Goal) ? 1 : 0;
    }

    private static MemoryResult Child(string host, params string[] arguments)
    {
        string programs = Path.Combine(Folders.Root, "artifacts", "bin", "host");
        ProcessStartInfo start = host == Native
            ? new(Path.Combine(programs, "native", "VerifiableCompute.Bench.Host"), arguments)
            : new(Environment.ProcessPath!, [Path.Combine(programs, "release", "VerifiableCompute.Bench.Host.dll"), .. arguments]);
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"a process ended with {process.ExitCode}");
        }

        double[] said = [.. output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new(string.Empty, host, (long)said[0], (long)said[1], (long)said[2], (long)said[3], 0, said[4], said[5], said[6]);
    }

    private static string Line(MemoryResult result)
    {
        string Mib(long bytes) => (bytes / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture);
        return $"| {result.Model} | {result.Host} | {Mib(result.Weights)} | {Mib(result.Live)} | {Mib(result.Stated)} | {Mib(result.Resident)} "
            + $"| {Mib(result.Goal)} | {(result.Resident <= result.Goal ? "yes" : "no")} "
            + string.Create(CultureInfo.InvariantCulture, $"| {result.Load} | {result.First} | {result.Again} |");
    }

    private static string Markdown(List<MemoryResult> results, Dictionary<string, long> empty)
    {
        StringBuilder text = new();
        text.AppendLine("# Memory");
        text.AppendLine();
        string Mib(string host) => (empty[host] / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture);
        text.AppendLine("`bench/memory.sh`: a process (`bench/host`) loads the model and runs it twice; MiB, ms. Resident is the most memory that it");
        text.AppendLine($"had (VmHWM), less that of one that does nothing ({Mib(Native)} compiled to machine code, {Mib(Runtime)} on the runtime). The goal");
        text.AppendLine("is 1.3 times weights and live set, and 16. What the runtime compiles as it runs, the types that it loads for that and the pages of");
        text.AppendLine("its own code take 15 to 20 MiB, whatever the model.");
        text.AppendLine();
        text.AppendLine(Machine.Here.ToString());
        text.AppendLine();
        text.AppendLine("| model | host | weights | live set | stated peak | resident | goal | kept | load | first run | second |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (MemoryResult result in results)
        {
            text.AppendLine(Line(result));
        }

        return text.ToString();
    }
}
