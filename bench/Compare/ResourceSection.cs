using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using VerifiableCompute.Bench.Memory;
using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Memory of processes, and how long the first result takes.</summary>
internal sealed class ResourceSection : Section
{
    private const string Warm = "model read, session made, first result, warm process";
    private const string Cold = "cold start";
    private const string Memory = "memory of a process";
    private const string Model = "mlperf-resnet8-f32";
    private const double Mebibyte = 1 << 20;
    private const int Starts = 7;

    /// <inheritdoc/>
    public override string Name => "resources";

    /// <inheritdoc/>
    public override string Title => "Memory and start";

    /// <inheritdoc/>
    public override string Text
        => "Memory: bench/memory.sh; most that a process had, less that of one that does nothing. Cold start: ./vcompute run, from start to exit.";

    /// <inheritdoc/>
    public override void Run()
    {
        StartWarm();
        StartCold();
        MeasureMemory();
    }

    private void StartWarm()
    {
        string folder = Path.Combine(Folders.OpenModels, Model);
        string file = Path.Combine(folder, "model.onnx");
        ImmutableArray<Tensor> inputs = Conformance.ReadSet(Path.Combine(folder, "test_data_set_0"), "input");
        string[] names = [.. OnnxModel.Load(file).Inputs.Select(input => input.Name)];
        string[] outputs = [.. OnnxModel.Load(file).Outputs.Select(output => output.Name)];
        Row row = Race(Warm, Model, 2, "ms", 0, 0, ("ours", Ours), (Ort, Theirs));
        Add(Goal.Of(
            "create and first result of resnet8, warm process", "≤ 3 ms", Part.AtMost(1e3 * row.Ours.Seconds, 3, string.Empty, "0.0", " ms")));

        void Ours()
        {
            Graph graph = OnnxModel.Load(file).Specialize(inputs);
            using CpuBackend backend = new(2);
            new Executor(graph, backend).Run(inputs);
        }

        void Theirs()
        {
            using OrtSession session = new(file, [.. outputs], 2, Pair.Quiet);
            session.Bind([.. names.Zip(inputs)]);
            session.RunOnly();
        }
    }

    private void StartCold()
    {
        string folder = Path.Combine(Folders.OpenModels, Model);
        string program = Path.Combine(Folders.Root, "vcompute");
        List<double> seconds = [];
        for (int i = 0; i <= Starts; i++)
        {
            ProcessStartInfo start = new(program, ["run", Path.Combine(folder, "model.onnx"), "--inputs", Path.Combine(folder, "test_data_set_0")])
            {
                RedirectStandardOutput = true,
            };
            double begin = Turns.Wall;
            using Process process = Process.Start(start)!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            seconds.Add(Turns.Wall - begin);
        }

        // The first may build.
        double median = new Samples([.. seconds.Skip(1)]).Median;
        Add(Cold, "./vcompute run, resnet8", "from start to exit", 1e3 * median, "ms");
        Add(Goal.Of("cold ./vcompute run of resnet8", "≤ 400 ms", Part.AtMost(1e3 * median, 400, string.Empty, "0", " ms")));
    }

    private void MeasureMemory()
    {
        MemoryRun.Run(string.Empty);
        ILookup<string, JsonElement> hosts = File.ReadLines(Path.Combine(Folders.Results, "memory.jsonl"))
            .Skip(1)
            .Select(text => JsonDocument.Parse(text).RootElement)
            .ToLookup(line => line.GetProperty("Host").GetString()!);
        foreach (IGrouping<string, JsonElement> host in hosts)
        {
            List<Part> parts = [];
            foreach (JsonElement line in host)
            {
                string name = line.GetProperty("Model").GetString()!;
                double resident = line.GetProperty("Resident").GetInt64() / Mebibyte;
                double goal = line.GetProperty("Goal").GetInt64() / Mebibyte;
                double least = (line.GetProperty("Weights").GetInt64() + line.GetProperty("Live").GetInt64()) / Mebibyte;
                Add(Memory, $"{name}, {host.Key}", "weights and live set", least, "MiB");
                Add(Memory, $"{name}, {host.Key}", "resident", resident, "MiB");
                Add(Memory, $"{name}, {host.Key}", "goal", goal, "MiB");
                parts.Add(Part.AtMost(resident, goal, name, "0", string.Create(CultureInfo.InvariantCulture, $" of {goal:0} MiB")));
            }

            string kind = host.Key == MemoryRun.Native ? "compiled to machine code" : "on the runtime";
            Add(Goal.Of($"peak memory beyond an empty process, {kind}", "≤ 1.3× (weights + largest live set) + 16 MiB", [.. parts]));
        }
    }
}
