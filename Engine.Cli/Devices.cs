using System;
using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Cli;

/// <summary>The choice of a backend on the command line.</summary>
internal sealed partial class Devices
{
    private readonly Option<string> _device = new("--device")
    {
        Description = "reference (the definition alone), cpu, auto, or a device of vcompute devices: opencl, opencl:1, cuda …",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "workers of the cpu device; 0: one for each processor",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string?> _cache = new("--cache")
    {
        Description = "keep packed weights in a folder for later runs; without a name: MODEL.packed",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "folder",
    };

    private readonly Option<int?> _memory = new("--device-memory")
    {
        Description = "MiB that may be held on an opencl or cuda device; else four fifths of its memory",
        HelpName = "MiB",
    };

    private readonly Option<string> _place = new("--place")
    {
        Description = "what an opencl or cuda device runs: time (what is faster there, by measured speeds) or kernels (whatever it has a kernel for)",
        DefaultValueFactory = _ => "time",
    };

    internal Devices(Command command)
    {
        _place.AcceptOnlyFromAmong("time", "kernels");
        _device.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not ("reference" or "cpu" or "auto") && !Gpu().IsMatch(result.GetValueOrDefault<string>()))
            {
                result.AddError("--device is reference, cpu, auto, opencl, cuda, or one of these two with a number: opencl:1");
            }
        });
        _memory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1)
            {
                result.AddError("--device-memory is 1 or more");
            }
        });
        _threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 1024)
            {
                result.AddError("--threads is 0 to 1024");
            }
        });
        command.Add(_device);
        command.Add(_threads);
        command.Add(_cache);
        command.Add(_memory);
        command.Add(_place);
    }

    /// <summary>The chosen backend.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model that will run, beside which packed weights may be kept.</param>
    internal IBackend Open(ParseResult parsed, string? model = null)
    {
        string? cache = parsed.GetResult(_cache) is null ? null : parsed.GetValue(_cache)
            ?? (model is null ? throw new ArgumentException("--cache needs a folder where no model is named") : model + ".packed");
        return parsed.GetValue(_device)! switch
        {
            "reference" => new ReferenceBackend(),
            "cpu" or "auto" => new CpuBackend(parsed.GetValue(_threads), cache: cache),
            string name => GpuBackend.Open(
                name,
                parsed.GetValue(_threads),
                parsed.GetValue(_memory) is int size ? (long)size << 20 : null,
                parsed.GetValue(_place) == "kernels" ? GpuPlacement.Kernels : GpuPlacement.Measured),
        };
    }

    /// <summary>Who hashes what a backend computes.</summary>
    internal static ILeafHasher HasherOf(IBackend backend) => CpuOf(backend)?.Hasher ?? Hasher.Best;

    /// <summary>Workers of a backend.</summary>
    internal static int Workers(IBackend backend) => CpuOf(backend)?.Threads ?? 1;

    /// <summary>What a backend computes with, in words.</summary>
    internal static string Simd(IBackend backend)
        => backend is GpuBackend gpu ? gpu.DeviceName : CpuOf(backend) is CpuBackend cpu ? Simd(cpu.Level) : "scalar definition";

    /// <summary>How many nodes a backend placed on its device and on the processors; null where it has none.</summary>
    internal static (long Device, long Processors)? Placed(IBackend backend) => backend is GpuBackend gpu ? (gpu.DeviceNodes, gpu.HostNodes) : null;

    /// <summary>The same in words, to be appended.</summary>
    internal static string Shares(IBackend backend) => Placed(backend) is (long device, long processors)
        ? string.Create(CultureInfo.InvariantCulture, $", {device} nodes on the device and {processors} on the processors") : string.Empty;

    /// <summary>A vector width, in words.</summary>
    internal static string Simd(SimdLevel level) => level switch
    {
        SimdLevel.V512 => "512-bit",
        SimdLevel.V256 => "256-bit",
        SimdLevel.V128 => "128-bit",
        _ => "scalar",
    };

    /// <summary>Bytes that a backend holds beside the plan's: packed weights, and scratch.</summary>
    internal static (long Packed, long Scratch) Held(IBackend backend)
        => CpuOf(backend) is CpuBackend cpu ? (cpu.PackedBytes, cpu.ScratchBytes) : (0, 0);

    private static CpuBackend? CpuOf(IBackend backend) => backend as CpuBackend ?? (backend as GpuBackend)?.Cpu;

    [GeneratedRegex("^(opencl|cuda)(:[0-9]{1,3})?$")]
    private static partial Regex Gpu();
}
