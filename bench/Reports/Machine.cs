using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Blas;
using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Bench.Reports;

/// <summary>What a measurement was made on. No names of hosts, no paths.</summary>
/// <param name="Processor">Model, as it calls itself.</param>
/// <param name="Cores">Processors that the process may use.</param>
/// <param name="Simd">Vector extensions that matter here.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="OnnxRuntime">ONNX Runtime version.</param>
/// <param name="Blas">OpenBLAS version and kernels.</param>
/// <param name="Ours">Our backend.</param>
/// <param name="Commit">Commit of the repository; + where the tree has changes.</param>
/// <param name="Limits">What the machine can do at most, with 1 and 2 threads; empty where nobody measured.</param>
internal sealed record Machine(
    string Processor,
    int Cores,
    string Simd,
    string System,
    string Runtime,
    string OnnxRuntime,
    string Blas,
    string Ours,
    string Commit,
    IReadOnlyList<MachineLimits> Limits)
{
    private static readonly string[] Extensions =
        ["fma", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "sha_ni", "asimddp", "i8mm", "sve"];

    /// <summary>This one.</summary>
    public static Machine Here { get; private set; } = new(
        ProcessorText("model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        string.Join(' ', Extensions.Intersect((ProcessorText("flags") ?? ProcessorText("Features") ?? string.Empty).Split(' '))),
        $"{(OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsWindows() ? "Windows" : "macOS")} {RuntimeInformation.ProcessArchitecture}",
        RuntimeInformation.FrameworkDescription,
        OrtApi.VersionText,
        OpenBlas.VersionText,
        Backends.Name,
        Environment.GetEnvironmentVariable("VC_COMMIT") ?? "unknown",
        []);

    /// <summary>Measures what the machine can do at most.</summary>
    public static void MeasureLimits() => Here = Here with { Limits = [MachineLimits.Measure(1), MachineLimits.Measure(2)] };

    /// <summary>f32 operations a second of so many threads; NaN where nobody measured.</summary>
    public double Peak(int threads) => Of(threads)?.Flops ?? double.NaN;

    /// <summary>Bytes a second from memory of so many threads; NaN where nobody measured.</summary>
    public double Bandwidth(int threads) => Of(threads)?.MemoryBytes ?? double.NaN;

    /// <summary>One line for a table's head.</summary>
    public override string ToString()
    {
        string limits = string.Join("; ", Limits.Select(limit => global::System.FormattableString.Invariant(
            $"{limit.Threads} thread{(limit.Threads == 1 ? string.Empty : "s")}: {limit.Flops / 1e9:0} Gflop/s in registers, {limit.MemoryBytes / 1e9:0.0} GB/s from memory")));
        return $"{Processor}, {Cores} cores, {Simd}; {System}; {Runtime}; ONNX Runtime {OnnxRuntime}; OpenBLAS {Blas}; ours: {Ours}; commit {Commit}"
            + (limits.Length > 0 ? $". Measured limits, {limits}" : string.Empty);
    }

    private MachineLimits? Of(int threads) => Limits.FirstOrDefault(limit => limit.Threads == threads);

    private static string? ProcessorText(string key)
    {
        const string file = "/proc/cpuinfo";
        return File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
    }
}
