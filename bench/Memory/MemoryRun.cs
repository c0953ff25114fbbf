using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Memory;

/// <summary>One line of the table; bytes.</summary>
/// <param name="Model">What ran.</param>
/// <param name="Weights">Of the model.</param>
/// <param name="Live">Largest set of intermediates and outputs.</param>
/// <param name="Stated">What plan and backend say that they hold.</param>
/// <param name="Resident">Most memory of the process, over that of an empty one.</param>
/// <param name="Goal">1.3 times weights and live set, and 16 MiB.</param>
/// <param name="Load">Milliseconds until there is a graph.</param>
/// <param name="First">Milliseconds of the first run.</param>
/// <param name="Again">Milliseconds of the second.</param>
internal sealed record MemoryResult(string Model, long Weights, long Live, long Stated, long Resident, long Goal, double Load, double First, double Again);

/// <summary>The verb <c>memory</c>: runs models in processes of their own and compares the most memory that each had with the goal.</summary>
internal static class MemoryRun
{
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
        long host = Child("memory-host").Resident;
        Console.WriteLine($"empty host: {host / (double)Mebibyte:0.0} MiB");
        List<MemoryResult> results = [];
        foreach ((string name, string model, string inputs) in models.Where(model => model.Name.Contains(filter, StringComparison.Ordinal)))
        {
            if (model == decoder.Model && !File.Exists(model))
            {
                decoder.Write();
            }

            MemoryResult child = Child("memory-host", model, inputs);
            long goal = (long)(1.3 * (child.Weights + child.Live)) + (16 * Mebibyte);
            results.Add(child with { Model = name, Resident = child.Resident - host, Goal = goal });
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

    /// <summary>What a process of its own does: loads a model and runs it twice, or does nothing; and says what memory it had.</summary>
    public static int Host(string[] arguments)
    {
        MemoryResult result = arguments is [string model, string inputs] ? Twice(model, inputs) : new(string.Empty, 0, 0, 0, 0, 0, 0, 0, 0);
        long resident = Residence.Peak() ?? throw new PlatformNotSupportedException("the system does not say how much memory a process has");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Weights} {result.Live} {result.Stated} {resident} {result.Load} {result.First} {result.Again}"));
        return 0;
    }

    private static MemoryResult Twice(string model, string inputs)
    {
        Stopwatch watch = Stopwatch.StartNew();
        double Lap()
        {
            double milliseconds = watch.Elapsed.TotalMilliseconds;
            watch.Restart();
            return Math.Round(milliseconds, 1);
        }

        ImmutableArray<Tensor> given = Conformance.ReadSet(inputs, "input");
        Graph graph = OnnxModel.Load(model).Specialize(given);
        using CpuBackend backend = new();
        Executor executor = new(graph, backend);
        double load = Lap();
        executor.Run(given);
        double first = Lap();
        executor.Run(given);
        Plan plan = executor.Plan;
        long stated = plan.PeakBytes + backend.PackedBytes + backend.ScratchBytes;
        return new(string.Empty, plan.ParameterBytes, plan.ActivationBytes, stated, 0, 0, load, first, Lap());
    }

    private static MemoryResult Child(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [typeof(MemoryRun).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"a process ended with {process.ExitCode}");
        }

        double[] said = [.. output.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new(string.Empty, (long)said[0], (long)said[1], (long)said[2], (long)said[3], 0, said[4], said[5], said[6]);
    }

    private static string Line(MemoryResult result)
    {
        string Mib(long bytes) => (bytes / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture);
        return $"| {result.Model} | {Mib(result.Weights)} | {Mib(result.Live)} | {Mib(result.Stated)} | {Mib(result.Resident)} | {Mib(result.Goal)} "
            + $"| {(result.Resident <= result.Goal ? "yes" : "no")} "
            + string.Create(CultureInfo.InvariantCulture, $"| {result.Load} | {result.First} | {result.Again} |");
    }

    private static string Markdown(List<MemoryResult> results, long host)
    {
        StringBuilder text = new();
        text.AppendLine("# Memory");
        text.AppendLine();
        string empty = (host / (double)Mebibyte).ToString("0.0", CultureInfo.InvariantCulture);
        text.AppendLine("`bench/memory.sh`: a process loads the model and runs it twice; MiB, ms. Resident is the most memory that it had (VmHWM),");
        text.AppendLine($"less that of a program that does nothing ({empty}). The goal is 1.3 times weights and live set, and 16.");
        text.AppendLine();
        text.AppendLine(Machine.Here.ToString());
        text.AppendLine();
        text.AppendLine("| model | weights | live set | stated peak | resident | goal | kept | load | first run | second |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (MemoryResult result in results)
        {
            text.AppendLine(Line(result));
        }

        return text.ToString();
    }
}
