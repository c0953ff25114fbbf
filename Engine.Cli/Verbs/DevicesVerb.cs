using System.CommandLine;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Native;

namespace VerifiableCompute.Engine.Cli.Verbs;

/// <summary><c>vcompute devices</c>.</summary>
internal static class DevicesVerb
{
    internal static Command Make()
    {
        Option<bool> json = Report.JsonOption();
        Command command = new("devices", "Show what can run here.") { json };
        command.SetAction(parsed =>
        {
            using CpuBackend cpu = new();
            string runtime = $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}";
            if (parsed.GetValue(json))
            {
                Report.Json(new
                {
                    Runtime = runtime,
                    Devices = new object[]
                    {
                        new { Name = "reference", Workers = 1, Simd = "scalar definition" },
                        new { Name = "cpu", Workers = cpu.Threads, Simd = Devices.Simd(cpu.Level) },
                    },
                    Native = NativeKernels.Status,
                });
                return ExitCode.Ok;
            }

            Report.Line($"{runtime}");
            Report.Line($"reference  the definition, one thread");
            Report.Line($"cpu        {cpu.Threads} workers, {Devices.Simd(cpu.Level)} vectors");
            Report.Line($"native     {NativeKernels.Status}");
            return ExitCode.Ok;
        });
        return command;
    }
}
