using System;
using System.CommandLine;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Kernels.Cpu;

namespace VerifiableCompute.Engine.Cli;

/// <summary>The choice of a backend on the command line.</summary>
internal sealed class Devices
{
    private readonly Option<string> _device = new("--device")
    {
        Description = "reference (the definition alone), cpu, or auto",
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

    internal Devices(Command command)
    {
        _device.AcceptOnlyFromAmong("reference", "cpu", "auto");
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
    }

    /// <summary>The chosen backend.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model that will run, beside which packed weights may be kept.</param>
    internal IBackend Open(ParseResult parsed, string? model = null)
    {
        string? cache = parsed.GetResult(_cache) is null ? null : parsed.GetValue(_cache)
            ?? (model is null ? throw new ArgumentException("--cache needs a folder where no model is named") : model + ".packed");
        return parsed.GetValue(_device) == "reference" ? new ReferenceBackend() : new CpuBackend(parsed.GetValue(_threads), cache: cache);
    }

    /// <summary>Who hashes what a backend computes.</summary>
    internal static ILeafHasher HasherOf(IBackend backend) => backend is CpuBackend cpu ? cpu.Hasher : Hasher.Best;

    /// <summary>Workers of a backend.</summary>
    internal static int Workers(IBackend backend) => backend is CpuBackend cpu ? cpu.Threads : 1;

    /// <summary>Vector width of a backend, in words.</summary>
    internal static string Simd(IBackend backend) => backend is CpuBackend cpu ? Simd(cpu.Level) : "scalar definition";

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
        => backend is CpuBackend cpu ? (cpu.PackedBytes, cpu.ScratchBytes) : (0, 0);
}
