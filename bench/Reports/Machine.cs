using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Ort;

namespace VerifiableCompute.Bench.Reports;

/// <summary>What a measurement was made on. No names of hosts, no paths.</summary>
/// <param name="Processor">Model, as it calls itself.</param>
/// <param name="Cores">Processors that the process may use.</param>
/// <param name="Simd">Vector extensions that matter here.</param>
/// <param name="System">Operating system and architecture.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="OnnxRuntime">ONNX Runtime version.</param>
/// <param name="Ours">Our backend.</param>
/// <param name="Commit">Commit of the repository; + where the tree has changes.</param>
internal sealed record Machine(
    string Processor, int Cores, string Simd, string System, string Runtime, string OnnxRuntime, string Ours, string Commit)
{
    private static readonly string[] Extensions =
        ["fma", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "asimddp", "i8mm", "sve"];

    /// <summary>This one.</summary>
    public static Machine Here { get; } = new(
        ProcessorText("model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        string.Join(' ', Extensions.Intersect((ProcessorText("flags") ?? ProcessorText("Features") ?? string.Empty).Split(' '))),
        $"{(OperatingSystem.IsLinux() ? "Linux" : OperatingSystem.IsWindows() ? "Windows" : "macOS")} {RuntimeInformation.ProcessArchitecture}",
        RuntimeInformation.FrameworkDescription,
        OrtApi.VersionText,
        Backends.Name,
        Environment.GetEnvironmentVariable("VC_COMMIT") ?? "unknown");

    /// <summary>One line for a table's head.</summary>
    public override string ToString()
        => $"{Processor}, {Cores} cores, {Simd}; {System}; {Runtime}; ONNX Runtime {OnnxRuntime}; ours: {Ours}; commit {Commit}";

    private static string? ProcessorText(string key)
    {
        const string file = "/proc/cpuinfo";
        return File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
    }
}
