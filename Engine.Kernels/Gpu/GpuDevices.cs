using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>The devices that run kernels here, and why others do not.</summary>
public static class GpuDevices
{
    /// <summary>Every device of every driver in a fixed order, and a row for each driver without one. Never throws for what drivers do.</summary>
    public static IReadOnlyList<GpuEntry> List() =>
    [
        .. List(OpenClDevice.Driver, OpenClDevice.Find, OpenClDevice.Describe, (device, says, budget) => new OpenClDevice(device, says, budget)),
        .. List(CudaDevice.Driver, CudaDevice.Find, CudaDevice.Describe, (device, says, budget) => new CudaDevice(device, says, budget)),
    ];

    /// <summary>Checks a device anew, whatever was found before: see docs/gpu.md, Admission.</summary>
    /// <param name="name">As <see cref="List"/> gives it.</param>
    /// <exception cref="BackendException">There is no such device, or it gives other bits than the definition; the text has the first case.</exception>
    public static Certificate Certify(string name)
    {
        using IGpuDevice device = Open(name);
        return DeviceCheck.Run(device, DeviceCheck.Inputs);
    }

    /// <summary>Opens a device.</summary>
    /// <param name="name">A driver, for its first device, or a driver and a number: opencl, opencl:1, cuda:0.</param>
    /// <param name="budget">Bytes of its memory that may be held; four fifths if null.</param>
    /// <exception cref="BackendException">There is no such device, or it cannot be opened; the text says why.</exception>
    internal static IGpuDevice Open(string name, long? budget = null)
    {
        string full = name.Contains(':', StringComparison.Ordinal) ? name : name + ":0";
        IReadOnlyList<GpuEntry> entries = List();
        if (entries.FirstOrDefault(entry => entry.Name == full)?.Opening is Func<long?, IGpuDevice> open)
        {
            return open(budget);
        }

        string reasons = string.Join("; ", entries.Select(entry => $"{entry.Name}: {entry.Absence ?? entry.Description!.Name}"));
        throw new BackendException($"there is no device {name} ({reasons})");
    }

    private static List<GpuEntry> List<T>(
        string driver, Func<IReadOnlyList<T>> find, Func<T, GpuDescription> describe, Func<T, GpuDescription, long?, IGpuDevice> open)
    {
        try
        {
            IReadOnlyList<T> devices = find();
            return devices.Count == 0
                ? [new GpuEntry(driver, null, "the driver has no device")]
                : [.. devices.Select((device, index) => Entry($"{driver}:{index}", device))];
        }
        catch (Exception failure) when (IsAbsence(failure))
        {
            return [new GpuEntry(driver, null, failure.Message)];
        }

        GpuEntry Entry(string name, T device)
        {
            try
            {
                GpuDescription description = describe(device);
                return new GpuEntry(name, description, null) { Opening = budget => open(device, description, budget) };
            }
            catch (Exception failure) when (IsAbsence(failure))
            {
                return new GpuEntry(name, null, failure.Message);
            }
        }
    }

    // A driver that is not there, is another file, is too old to have a function, or fails.
    private static bool IsAbsence(Exception failure)
        => failure is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or BackendException;
}

/// <summary>A device, or a driver without one.</summary>
/// <param name="Name">What opens it: opencl:0. A driver's name where there is no device.</param>
/// <param name="Description">What the device says of itself; null where there is none that can be used.</param>
/// <param name="Absence">Why there is none; null where there is one.</param>
public sealed record GpuEntry(string Name, GpuDescription? Description, string? Absence)
{
    /// <summary>Bytes of its memory that are held at most where nothing else is said.</summary>
    public long BudgetBytes => Description is null ? 0 : DriverDevice.BudgetOf(Description);

    /// <summary>Opens the device with a budget, four fifths of its memory if null; null where there is none.</summary>
    internal Func<long?, IGpuDevice>? Opening { get; init; }
}
