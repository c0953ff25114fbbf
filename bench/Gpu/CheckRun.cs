using System.Globalization;
using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>The verb <c>gpu</c>: everything that is to be known of a device, in less than eight minutes.</summary>
internal static class CheckRun
{
    private const string Quick = "--quick";
    private const string Write = "--write";

    /// <summary>Runs <c>[DEVICE] [SECTION…] [--quick] [--write]</c>. Results are written for CUDA devices, and for others where --write says so.</summary>
    /// <returns>0 where all bits are the definition's, 1 where some are not or something did not run, 2 where there is no device.</returns>
    public static int Run(string[] arguments)
    {
        Probe[] probes =
        [
            new AdmissionProbe(), new ContractProbe(), new ModelProbe(), new SassProbe(),
            new ProductProbe(), new CodeProbe(), new HashProbe(), new CommitProbe(),
        ];
        string[] words = [.. arguments.Where(argument => argument is not (Quick or Write))];
        string name = words.FirstOrDefault("cuda");
        string[] sections = [.. words.Skip(1)];
        if (sections.Except(probes.Select(probe => probe.Name)).FirstOrDefault() is string stranger)
        {
            Console.Error.WriteLine($"no section '{stranger}'; there are: {string.Join(' ', probes.Select(probe => probe.Name))}");
            return 64;
        }

        GpuBackend backend;
        try
        {
            // Not admitted: what a device that is refused does otherwise is worth knowing too.
            backend = new GpuBackend(GpuDevices.Open(name), GpuPlacement.Kernels);
        }
        catch (BackendException absence)
        {
            Console.Error.WriteLine(absence.Message);
            return 2;
        }

        using (backend)
        {
            return Run(backend, [.. probes.Where(probe => sections.Length == 0 || sections.Contains(probe.Name))], arguments);
        }
    }

    private static int Run(GpuBackend backend, Probe[] probes, string[] arguments)
    {
        GpuDescription device = backend.Device.Description;
        Findings findings = new(
        [
            ("device", device.Name),
            ("driver", $"{device.Driver}, {device.Version}, {device.Vendor}"),
            ("hardware", string.Create(
                CultureInfo.InvariantCulture,
                $"{device.Units} units, {device.MemoryBytes / 1073741824.0:0.0} GiB, capability {device.Capability / 10.0:0.0}, {Peak.Text(device)}")),
            ("host", $"{Environment.ProcessorCount} processors, {Backends.Name}; {RuntimeInformation.FrameworkDescription}"),
            ("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("commit", Environment.GetEnvironmentVariable("VC_COMMIT") ?? "unknown"),
            ("kernel texts", Certificate.TextsHere.ToString()),
            ("sections", string.Join(' ', probes.Select(probe => probe.Name))),
            ("sizes", arguments.Contains(Quick) ? "small, once: no figure means anything" : "full"),
        ]);
        string file = string.Concat(device.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'));
        bool writes = device.Driver == "cuda" || arguments.Contains(Write);
        foreach (Probe probe in probes)
        {
            probe.Run(backend, arguments.Contains(Quick), findings);
            if (writes)
            {
                findings.Write(Path.Combine(Folders.Results, "gpu", file), probes);
            }
        }

        Console.WriteLine(findings.IsWrong ? "WRONG, see above" : "all bits are the definition's");
        return findings.IsWrong ? 1 : 0;
    }
}
