using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

using VerifiableCompute.Engine.Backends;
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
        Option<string?> certify = new("--certify")
        {
            Description = "check every device anew and write a certificate for each that gives the known answers: FOLDER/opencl-0.certificate …",
            HelpName = "folder",
        };
        Command command = new("devices", "Show what can run here, and check that it gives the right bits.") { json, certify };
        command.SetAction(parsed =>
        {
            IReadOnlyList<GpuEntry> entries = GpuDevices.List();
            if (parsed.GetValue(certify) is string folder)
            {
                return Certify(entries, folder);
            }

            using CpuBackend cpu = new();
            string runtime = $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}";
            if (parsed.GetValue(json))
            {
                Report.Json(new JsonObject
                {
                    ["runtime"] = runtime,
                    ["devices"] = Report.List(
                    [
                        new JsonObject { ["name"] = "reference", ["workers"] = 1, ["simd"] = "scalar definition" },
                        new JsonObject { ["name"] = "cpu", ["workers"] = cpu.Threads, ["simd"] = Devices.Simd(cpu.Level) },
                    ]),
                    ["gpu"] = Report.List(entries.Select(entry => new JsonObject
                    {
                        ["name"] = entry.Name,
                        ["absence"] = entry.Absence,
                        ["device"] = entry.Description?.Name,
                        ["vendor"] = entry.Description?.Vendor,
                        ["version"] = entry.Description?.Version,
                        ["units"] = entry.Description?.Units,
                        ["memory_bytes"] = entry.Description?.MemoryBytes,
                        ["budget_bytes"] = entry.BudgetBytes,
                        ["largest_buffer"] = entry.Description?.LargestBuffer,
                        ["f64"] = entry.Description?.HasDoubles,
                        ["float_config"] = entry.Description?.FloatConfig,
                    })),
                    ["native"] = NativeKernels.Status,
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

    private static int Certify(IReadOnlyList<GpuEntry> entries, string folder)
    {
        int code = ExitCode.Ok;
        Directory.CreateDirectory(folder);
        foreach (GpuEntry entry in entries.Where(entry => entry.Description is not null))
        {
            string path = Path.Combine(folder, entry.Name.Replace(':', '-') + ".certificate");
            try
            {
                Files.Write(path, Encoding.UTF8.GetBytes(GpuDevices.Certify(entry.Name).ToString()));
                Report.Line($"{entry.Name,-10} admitted: {path}");
            }
            catch (BackendException refusal)
            {
                Report.Line($"{entry.Name,-10} {refusal.Message}");
                code = ExitCode.Invalid;
            }
        }

        return code;
    }

    private static string Words(GpuEntry entry) => entry.Description is not GpuDescription device
        ? $"absent: {entry.Absence}"
        : $"{device.Name} ({device.Version}), {device.Units} units, {Report.Bytes(device.MemoryBytes)}, budget {Report.Bytes(entry.BudgetBytes)}, "
            + $"{(device.HasDoubles ? "f64" : "f64 in integers")}, float config 0x{device.FloatConfig:X}";
}
