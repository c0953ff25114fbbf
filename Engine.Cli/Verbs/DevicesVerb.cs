using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu;
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
            IReadOnlyList<GpuEntry> entries = GpuDevices.List();
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
                    Gpu = entries.Select(entry => new
                    {
                        entry.Name,
                        entry.Absence,
                        Device = entry.Description?.Name,
                        entry.Description?.Vendor,
                        entry.Description?.Version,
                        entry.Description?.Units,
                        entry.Description?.MemoryBytes,
                        entry.BudgetBytes,
                        entry.Description?.LargestBuffer,
                        F64 = entry.Description?.HasDoubles,
                        entry.Description?.FloatConfig,
                    }),
                    Native = NativeKernels.Status,
                });
                return ExitCode.Ok;
            }

            Report.Line($"{runtime}");
            Report.Line($"reference  the definition, one thread");
            Report.Line($"cpu        {cpu.Threads} workers, {Devices.Simd(cpu.Level)} vectors");
            Report.Line($"native     {NativeKernels.Status}");
            foreach (GpuEntry entry in entries)
            {
                Report.Line($"{entry.Name,-10} {Words(entry)}");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static string Words(GpuEntry entry) => entry.Description is not GpuDescription device
        ? $"absent: {entry.Absence}"
        : $"{device.Name} ({device.Version}), {device.Units} units, {Report.Bytes(device.MemoryBytes)}, budget {Report.Bytes(entry.BudgetBytes)}, "
            + $"{(device.HasDoubles ? "f64" : "no f64")}, float config 0x{device.FloatConfig:X}";
}
