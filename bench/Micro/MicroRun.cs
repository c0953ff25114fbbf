using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Micro;

/// <summary>The verb <c>micro</c>: BenchmarkDotNet on single ops.</summary>
internal static class MicroRun
{
    /// <summary>Runs the benchmarks; arguments are BenchmarkDotNet's, by default all.</summary>
    public static int Run(string[] args)
    {
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Folders.Root, "artifacts", "micro"));
        string[] chosen = args.Length > 0 ? args : ["--filter", "*"];
        return BenchmarkSwitcher.FromAssembly(typeof(MicroRun).Assembly).Run(chosen, config).Any() ? 0 : 1;
    }
}
