using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

internal sealed class GpuDevicesTests
{
    [Test]
    public void Every_driver_has_a_row()
    {
        IReadOnlyList<GpuEntry> entries = GpuDevices.List();
        Assert.That(entries.Select(entry => entry.Name.Split(':')[0]).Distinct(), Is.EqualTo((string[])["opencl", "cuda"]));
        foreach (GpuEntry entry in entries)
        {
            Assert.That(entry.Description is null, Is.EqualTo(entry.Absence is not null), entry.Name);
        }
    }

    [TestCase("VC_OPENCL_LIB", "/nonexistent", "opencl", "/nonexistent")]
    [TestCase("VC_CUDA_LIB", "/nonexistent", "cuda", "/nonexistent")]
    [TestCase("VC_OPENCL_LIB", "libc.so.6", "opencl", "clGetPlatformIDs")]
    [TestCase("VC_CUDA_LIB", "libc.so.6", "cuda", "cuInit")]
    [Platform("Linux")]
    public void A_driver_that_is_not_there_says_why(string variable, string library, string driver, string reason)
        => new OtherCopy(variable, library).Run(
            given =>
            {
                GpuEntry entry = GpuDevices.List().Single(entry => entry.Name.StartsWith(given.Driver, StringComparison.Ordinal));
                Assert.That((entry.Name, entry.Description), Is.EqualTo((given.Driver, (GpuDescription?)null)));
                Assert.That(entry.Absence, Does.Contain(given.Reason));
                string refusal = Assert.Throws<BackendException>(() => GpuDevices.Open(given.Driver))!.Message;
                Assert.That(refusal, Does.Contain($"{given.Driver}: {entry.Absence}"));
            },
            (Driver: driver, Reason: reason));

    [Test]
    public void Other_names_are_refused([Values("", "metal", "opencl:99", "opencl:", "cuda:-1", "OpenCL")] string name)
        => Assert.Throws<BackendException>(() => GpuDevices.Open(name));
}
