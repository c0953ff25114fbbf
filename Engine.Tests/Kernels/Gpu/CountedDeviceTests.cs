using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Tests of one family of kernels, on a device that says which of them ran; every node that has a kernel runs there.</summary>
internal abstract class CountedDeviceTests
{
    protected CountedDevice Device { get; private set; } = null!;

    protected GpuBackend Backend { get; private set; } = null!;

    [OneTimeSetUp]
    public void Open()
    {
        Device = new CountedDevice(GpuTest.Device());
        Backend = new GpuBackend(Device, GpuPlacement.Kernels);
    }

    [OneTimeTearDown]
    public void Close()
    {
        Backend?.Dispose();
        Device?.Dispose();
    }
}
