using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>What Oclgrind says of a <see cref="WatchedDevice"/>: nothing of what was written, everything of what was not. Its library runs in a copy.</summary>
[Category("gpu")]
internal sealed unsafe class WatchedDeviceTests
{
    private const string Library = "/usr/lib/oclgrind/liboclgrind-rt.so";
    private const int Words = 8;

    private string _log = string.Empty;

    [SetUp]
    public void Name()
    {
        if (!File.Exists(Library))
        {
            GpuTest.Missing<string>("no Oclgrind");
        }

        _log = Path.GetTempFileName();
    }

    [TearDown]
    public void Remove() => File.Delete(_log);

    [Test]
    public void What_was_written_is_known_and_what_was_not_is_found([Values] bool written)
    {
        new OtherCopy("VC_OPENCL_LIB", Library).Run(
            given =>
            {
                nint library = NativeLibrary.Load("libc.so.6");
                delegate* unmanaged<byte*, byte*, int, int> set = (delegate* unmanaged<byte*, byte*, int, int>)NativeLibrary.GetExport(library, "setenv");
                foreach ((string name, string value) in ((string, string)[])
                    [("OCLGRIND_LOG", given.Log), ("OCLGRIND_UNINITIALIZED", "1"), ("OCLGRIND_BUILD_OPTIONS", "-cl-opt-disable -DINLINED=static")])
                {
                    fixed (byte* key = Text(name), text = Text(value))
                    {
                        Assert.That(set(key, text, 1), Is.Zero);
                    }
                }

                nint found = OpenClDevice.Find()[0];
                using WatchedDevice device = new(new OpenClDevice(found, OpenClDevice.Describe(found), long.MaxValue));
                Assert.That(device.Description.Name, Does.Contain("Oclgrind"));
                Scenario(device, given.Written);
            },
            (Log: _log, Written: written));
        string findings = File.ReadAllText(_log);
        Assert.That(findings.Split("Uninitialized value written to global memory"), Has.Length.EqualTo(written ? 1 : 1 + Words), findings);
    }

    // Memory that was written, for one owner or another; parts put and copied to their places; then all of it is read.
    private static void Scenario(WatchedDevice device, bool written)
    {
        byte[] bytes = [.. Enumerable.Range(1, Words * sizeof(ulong)).Select(i => (byte)i)];
        device.Filled(bytes.AsSpan(0, 4)).Dispose();
        device.Filled(bytes).Dispose();
        using GpuBuffer first = device.Allocate(bytes.Length);
        using GpuBuffer second = device.Allocate(bytes.Length);
        if (written)
        {
            device.Write(second, 24, bytes.AsSpan(24));
            device.Write(first, 0, bytes.AsSpan(0, 24));
            device.Copy(second, 24, first, 24, bytes.Length - 24);
        }

        using GpuBuffer third = device.Allocate(bytes.Length);
        device.Copy(first, 0, third, 0, bytes.Length);
        byte[] read = new byte[bytes.Length];
        device.Read(third, 0, read);
        Assert.That(read, Is.EqualTo(written ? bytes : new byte[bytes.Length]));
    }

    private static byte[] Text(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text), 0];
}
