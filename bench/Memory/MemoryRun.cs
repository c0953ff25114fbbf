using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli;

namespace VerifiableCompute.Bench.Memory;

/// <summary>One line of the table; bytes.</summary>
/// <param name="Model">What ran.</param>
/// <param name="Weights">Of the model.</param>
/// <param name="Live">Largest set of intermediates and outputs.</param>
/// <param name="Stated">What <c>vcompute run</c> says that it held.</param>
/// <param name="Resident">Most memory of the process, over that of an empty one.</param>
/// <param name="Goal">1.3 times weights and live set, and 16 MiB.</param>
/// <param name="Milliseconds">From start to exit of the process.</param>
internal sealed record MemoryResult(string Model, long Weights, long Live, long Stated, long Resident, long Goal, double Milliseconds);

/// <summary>The verb <c>memory</c>: runs models in processes of their own and compares the most memory that each had with the goal.</summary>
internal static class MemoryRun
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Runs the models whose name contains the filter; <c>host</c> is what an empty process runs.</summary>
    public static int Run(string filter)
    {
        if (filter == "host")
        {
            Console.WriteLine(Residence.Peak());
            return 0;
        }

        DecoderFile decoder = new(Path.Combine(Folders.Root, "artifacts", "decoder-500m"));
        string Open(string name) => Path.Combine(Folders.OpenModels, name);
        (string Name, string Model, string Inputs)[] models =
        [
            ("resnet8", Path.Combine(Open("mlperf-resnet8-f32"), "model.onnx"), Path.Combine(Open("mlperf-resnet8-f32"), "test_data_set_0")),
            ("ppocrv4-rec", Path.Combine(Open("ppocrv4-rec"), "model.onnx"), Path.Combine(Open("ppocrv4-rec"), "test_data_set_0")),
            ("decoder-500m", decoder.Model, Path.GetDirectoryName(decoder.Model)!),
        ];
        long host = long.Parse(Child(typeof(MemoryRun).Assembly.Location, "memory", "host").Output, CultureInfo.InvariantCulture);
        Console.WriteLine($"empty host: {host / (double)Mebibyte:0.0} MiB");
        List<MemoryResult> results = [];
        foreach ((string name, string model, string inputs) in models.Where(model => model.Name.Contains(filter, StringComparison.Ordinal)))
        {
            if (model == decoder.Model && !File.Exists(model))
            {
                decoder.Write();
            }

            (string output, double milliseconds) = Child(typeof(ExitCode).Assembly.Location, "run", model, "--inputs", inputs, "--json");
            JsonElement said = JsonDocument.Parse(output).RootElement;
            long Get(string field) => said.GetProperty(field).GetInt64();
            long weights = Get("parameter_bytes");
            long live = Get("activation_bytes");
            long goal = (long)(1.3 * (weights + live)) + (16 * Mebibyte);
            results.Add(new(name, weights, live, Get("peak_bytes"), Get("resident_bytes") - host, goal, milliseconds));
            Console.WriteLine(Line(results[^1]));
        }

        if (filter.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            IEnumerable<string> lines = results.Select(result => JsonSerializer.Serialize(result)).Prepend(JsonSerializer.Serialize(Machine.Here));
            File.WriteAllLines(Path.Combine(Folders.Results, "memory.jsonl"), lines);
            File.WriteAllText(Path.Combine(Folders.Results, "memory.md"), Markdown(results, host));
        }

        return results.Exists(result => result.Resident > result.Goal) ? 1 : 0;
    }

    private static (string Output, double Milliseconds) Child(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [program, .. arguments]) { RedirectStandardOutput = true };
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? (output, watch.Elapsed.TotalMilliseconds)
            : throw new InvalidOperationException($"{Path.GetFileName(program)} {arguments[0]} ended with {process.ExitCode}");
    }

    private static string Line(MemoryResult result)
    {
        string Mib(long bytes) => (bytes / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture);
        return $"| {result.Model} | {Mib(result.Weights)} | {Mib(result.Live)} | {Mib(result.Stated)} | {Mib(result.Resident)} | {Mib(result.Goal)} "
            + $"| {(result.Resident <= result.Goal ? "yes" : "no")} | {result.Milliseconds.ToString("0", CultureInfo.InvariantCulture)} |";
    }

    private static string Markdown(List<MemoryResult> results, long host)
    {
        StringBuilder text = new();
        text.AppendLine("# Memory");
        text.AppendLine();
        text.AppendLine("`bench/memory.sh`: one `vcompute run` in a process of its own; MiB. Resident is the most memory that the process had (VmHWM) less that");
        text.AppendLine($"of a program that does nothing ({(host / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture)}). The goal is 1.3 times weights");
        text.AppendLine("and live set, and 16.");
        text.AppendLine();
        text.AppendLine(Machine.Here.ToString());
        text.AppendLine();
        text.AppendLine("| model | weights | live set | stated peak | resident | goal | kept | ms from start to exit |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (MemoryResult result in results)
        {
            text.AppendLine(Line(result));
        }

        return text.ToString();
    }
}
