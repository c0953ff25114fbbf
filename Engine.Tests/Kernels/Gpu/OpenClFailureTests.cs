using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Any call of OpenCL may fail: the failure surfaces, and nothing is left. The tests run in a copy whose OpenCL is the installed one behind
/// a library that counts and fails.</summary>
[Category("gpu")]
internal sealed unsafe class OpenClFailureTests
{
    private const int OutOfMemory = -4;
    private const int OutOfResources = -5;

    // What fails while something is given back is not spoken of.
    private static readonly string[] Tolerated = ["clReleaseMemObject", "clReleaseEvent"];

    private string _folder = string.Empty;
    private string _library = string.Empty;
    private OtherCopy _copy = null!;

    [OneTimeSetUp]
    public void Build()
    {
        GpuTest.OpenCl().Dispose();
        _folder = Directory.CreateTempSubdirectory("vcompute-opencl-").FullName;
        _library = GpuTest.Compile("failing_opencl.c", _folder);
        _copy = new OtherCopy("VC_OPENCL_LIB", _library);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        if (_folder.Length > 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public void Any_call_may_fail([Values(OutOfMemory, OutOfResources)] int status, [Values] bool after) => _copy.Run(
        given =>
        {
            nint library = NativeLibrary.Load(given.Library);
            delegate* unmanaged<int, int, int, void> reset = (delegate* unmanaged<int, int, int, void>)NativeLibrary.GetExport(library, "failing_reset");
            delegate* unmanaged<int> calls = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "failing_calls");
            delegate* unmanaged<int> alive = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "failing_alive");
            delegate* unmanaged<byte*> failed = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "failing_failed");
            reset(0, 0, 0);
            int end = 0;
            Scenario(() => end = calls());
            int all = calls();
            Assert.That((alive(), end), Is.EqualTo((0, all - 7)), "a wait; two buffers, kernel, program, queue, context go");
            for (int call = 1; call <= all; call++)
            {
                reset(call, given.Status, given.After ? 1 : 0);
                Exception? thrown = null;
                try
                {
                    Scenario(() => { });
                }
                catch (BackendException failure)
                {
                    thrown = failure;
                }

                string name = Marshal.PtrToStringUTF8((nint)failed())!;
                string about = $"call {call} of {all}, {name}: {thrown?.Message}";
                Assert.That(alive(), Is.Zero, about);
                Assert.That(thrown is not null || call > end || Tolerated.Contains(name), about);
                Assert.That(thrown is null or GpuMemoryException || given.Status == OutOfResources, about);
            }
        },
        (Library: _library, Status: status, After: after));

    /// <summary>A device without f64, or with less than all of it, computes in integers, from what the driver says to admission.</summary>
    [TestCase(0x00UL, false)]
    [TestCase(0x26UL, false)]
    [TestCase(0x07UL, false)]
    [TestCase(0x27UL, true)]
    public void What_a_driver_says_of_f64_decides(ulong config, bool has) => _copy.Run(
        given =>
        {
            nint library = NativeLibrary.Load(given.Library);
            ((delegate* unmanaged<int, int, int, void>)NativeLibrary.GetExport(library, "failing_reset"))(0, 0, 0);
            ((delegate* unmanaged<ulong, void>)NativeLibrary.GetExport(library, "failing_doubles"))(given.Config);
            nint found = OpenClDevice.Find()[0];
            using OpenClDevice device = new(found, OpenClDevice.Describe(found));
            Assert.That(device.Description.HasDoubles, Is.EqualTo(given.Has));
            Assert.That(DeviceCheck.Run(device, 1 << 12).ToString(), Does.Contain(given.Has ? "f64: the device's" : "f64: in integers"));
        },
        (Library: _library, Config: config, Has: has));

    // Everything that a device can be asked for, then an end: after that, failures are not spoken of.
    private static void Scenario(Action end)
    {
        nint found = OpenClDevice.Find()[0];
        using OpenClDevice device = new(found, OpenClDevice.Describe(found), 1 << 14);
        using GpuBuffer first = device.Allocate(8192);
        device.Allocate(4096).Dispose();
        using GpuBuffer second = device.Allocate(8192);
        device.Write(first, 0, new byte[8192]);
        device.Write(second, 0, new byte[10]);
        device.Copy(first, 0, second, 0, 4096);
        device.Launch(
            device.Kernel("Copy", "copy8"), new GpuGrid(1), [first, 0L, second, 0L, 100, 1, 1, 1, 1, 1, 1, 100, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L]);
        using CancellationTokenSource source = new();
        device.Finish(source.Token);
        device.Read(second, 0, new byte[8192]);
        device.Finish();
        end();
    }
}
