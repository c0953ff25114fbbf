using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A backend on the first OpenCL device, shared by all tests.</summary>
internal static class Opened
{
    private static readonly Lock Gate = new();
    private static GpuBackend? _backend;

    public static GpuBackend Backend()
    {
        lock (Gate)
        {
            return _backend ??= new GpuBackend(GpuTest.Device(), GpuPlacement.Kernels);
        }
    }
}
