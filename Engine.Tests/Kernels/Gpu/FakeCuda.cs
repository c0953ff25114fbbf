using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>What fake_cuda.c lets a test do: the library is the same for every copy of the tests in this process.</summary>
internal sealed unsafe class FakeCuda
{
    private readonly nint _library;

    /// <summary>Loads the library, and sets it back: one device of capability 9.0 with 16 MiB.</summary>
    internal FakeCuda(string library)
    {
        _library = NativeLibrary.Load(library);
        ((delegate* unmanaged<void>)At("fake_reset"))();
    }

    /// <summary>Counted calls so far.</summary>
    internal int Calls => Number("fake_calls");

    /// <summary>Contexts, streams, modules and pieces of memory that were not given back.</summary>
    internal int Alive => Number("fake_alive");

    /// <summary>Calls with a wrong pointer, context or order.</summary>
    internal int Misused => Number("fake_misused");

    /// <summary>The call that was made to fail; empty if none was.</summary>
    internal string Failed => Text("fake_failed");

    /// <summary>The last module's text.</summary>
    internal string ModuleText => Text("fake_text");

    /// <summary>The last launch: work-groups along three axes, and their work-items.</summary>
    internal ulong[] Grid => [.. Enumerable.Range(0, 6).Select(i => ((delegate* unmanaged<int, ulong>)At("fake_grid"))(i))];

    /// <summary>Makes a call fail, or each from it on.</summary>
    internal void Fail(int call, int status, bool after) => ((delegate* unmanaged<int, int, int, void>)At("fake_fail"))(call, status, after ? 1 : 0);

    /// <summary>Other devices than one of capability 9.0 under CUDA 12.4; fewer than 0 for a driver that finds none.</summary>
    internal void Device(int devices, int capability, int version)
        => ((delegate* unmanaged<int, int, int, void>)At("fake_device"))(devices, capability, version);

    /// <summary>Other memory.</summary>
    internal void Memory(long bytes) => ((delegate* unmanaged<long, void>)At("fake_memory"))(bytes);

    /// <summary>How often the stream says that it is not ready.</summary>
    internal void Busy(int queries) => ((delegate* unmanaged<int, void>)At("fake_busy"))(queries);

    /// <summary>An argument of the last launch.</summary>
    internal ulong Argument(int i) => ((delegate* unmanaged<int, ulong>)At("fake_argument"))(i);

    /// <summary>Its first device.</summary>
    internal static CudaDevice Open(long? budget = null, Func<string, string?>? ptx = null)
    {
        int device = CudaDevice.Find()[0];
        return new CudaDevice(device, CudaDevice.Describe(device), budget, ptx);
    }

    /// <summary>Nothing was left and nothing was wrong.</summary>
    internal void AssertClean(string about) => Assert.That((Alive, Misused), Is.EqualTo((0, 0)), about);

    private nint At(string name) => NativeLibrary.GetExport(_library, name);

    private int Number(string name) => ((delegate* unmanaged<int>)At(name))();

    private string Text(string name) => Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)At(name))())!;
}
