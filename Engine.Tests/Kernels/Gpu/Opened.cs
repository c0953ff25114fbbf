using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>The first OpenCL device, opened once for all tests. Where there is none a test is skipped with the reason, or fails if VC_REQUIRE_OPENCL is 1.</summary>
internal static class Opened
{
    private static readonly Lock Gate = new();
    private static GpuBackend? _backend;

    /// <summary>A backend on it, shared by all tests.</summary>
    public static GpuBackend Backend()
    {
        lock (Gate)
        {
            return _backend ??= new GpuBackend(Device());
        }
    }

    /// <summary>The device, opened anew; the caller's.</summary>
    public static IGpuDevice Device(long? budget = null)
    {
        GpuEntry? entry = GpuDevices.List().FirstOrDefault(entry => entry.Name.StartsWith("opencl", StringComparison.Ordinal));
        if (entry?.Description is null)
        {
            string reason = $"No OpenCL device: {entry?.Absence}.";
            if (Environment.GetEnvironmentVariable("VC_REQUIRE_OPENCL") == "1")
            {
                Assert.Fail(reason);
            }

            Assert.Ignore(reason);
        }

        return GpuDevices.Open(entry!.Name, budget);
    }
}
