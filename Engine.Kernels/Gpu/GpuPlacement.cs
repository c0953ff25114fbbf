using System;

using VerifiableCompute.Engine.Planning;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Which nodes of a graph run on a device, of those that it has kernels for. The choice moves time alone: the bits are the same.</summary>
public sealed class GpuPlacement
{
    private GpuPlacement(Func<GpuBackend, Host?> hostOf) => HostOf = hostOf;

    /// <summary>All of them.</summary>
    public static GpuPlacement Kernels { get; } = new(_ => null);

    /// <summary>Those with which one run takes the least time (<see cref="HostPlacement"/>), by speeds that are measured when the first graph is loaded, in
    /// a second or so, and remembered by device, driver, build and workers. All of them where the device has no room to be measured, or where the choice
    /// would take too long.</summary>
    public static GpuPlacement Measured { get; } = new(GpuSpeeds.Of);

    /// <summary>What nodes are placed by; null: the kernels alone.</summary>
    internal Func<GpuBackend, Host?> HostOf { get; }

    /// <summary>Those with which one run takes the least time by a description.</summary>
    /// <param name="host">The processors, the device, and the bus between them. Its memory plays no part.</param>
    /// <exception cref="ArgumentException">The description is not of two devices, or has a speed that is not above 0.</exception>
    public static GpuPlacement By(Host host)
    {
        ArgumentNullException.ThrowIfNull(host);
        string defect = host.Devices.Length == 2 ? host.Defect() : "a processor and a device are needed";
        return defect.Length == 0 ? new GpuPlacement(_ => host) : throw new ArgumentException(defect, nameof(host));
    }
}
