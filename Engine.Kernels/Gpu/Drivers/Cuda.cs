using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>The functions of the CUDA driver that are called, under their own names, and what their statuses mean.
/// Source: CUDA Driver API 11.0 (NVIDIA); numbers from cuda.h.</summary>
internal static unsafe partial class Cuda
{
    internal const int Success = 0;
    internal const int OutOfMemory = 2;
    internal const int NoDevice = 100;
    internal const int NotReady = 600;

    internal const int AttributeMultiprocessorCount = 16;
    internal const int AttributeCapabilityMajor = 75;
    internal const int AttributeCapabilityMinor = 76;

    internal const int JitErrorLogBuffer = 5;
    internal const int JitErrorLogBufferSize = 6;

    /// <summary>A stream that does not wait for the stream that other users of the context share.</summary>
    internal const uint StreamNonBlocking = 1;

    private const string Library = DriverLibraries.Cuda;

    [LibraryImport(Library)]
    internal static partial int cuInit(uint flags);

    [LibraryImport(Library)]
    internal static partial int cuDriverGetVersion(out int version);

    [LibraryImport(Library)]
    internal static partial int cuGetErrorName(int status, out byte* name);

    [LibraryImport(Library)]
    internal static partial int cuDeviceGetCount(out int count);

    [LibraryImport(Library)]
    internal static partial int cuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library)]
    internal static partial int cuDeviceGetName(byte* name, int room, int device);

    [LibraryImport(Library)]
    internal static partial int cuDeviceGetAttribute(out int value, int attribute, int device);

    [LibraryImport(Library)]
    internal static partial int cuDeviceTotalMem_v2(out nuint bytes, int device);

    [LibraryImport(Library)]
    internal static partial int cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(Library)]
    internal static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    internal static partial int cuCtxSetCurrent(nint context);

    [LibraryImport(Library)]
    internal static partial int cuCtxSynchronize();

    [LibraryImport(Library)]
    internal static partial int cuStreamCreate(out nint stream, uint flags);

    [LibraryImport(Library)]
    internal static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(Library)]
    internal static partial int cuStreamSynchronize(CudaStream stream);

    [LibraryImport(Library)]
    internal static partial int cuStreamQuery(CudaStream stream);

    [LibraryImport(Library)]
    internal static partial int cuModuleLoadDataEx(out nint module, byte* text, uint count, int* options, void** values);

    [LibraryImport(Library)]
    internal static partial int cuModuleUnload(nint module);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int cuModuleGetFunction(out nint function, CudaModule module, string name);

    [LibraryImport(Library)]
    internal static partial int cuMemAlloc_v2(out nint memory, nuint bytes);

    [LibraryImport(Library)]
    internal static partial int cuMemFree_v2(nint memory);

    [LibraryImport(Library)]
    internal static partial int cuMemcpyHtoDAsync_v2(nint to, void* from, nuint bytes, CudaStream stream);

    [LibraryImport(Library)]
    internal static partial int cuMemcpyDtoHAsync_v2(void* to, nint from, nuint bytes, CudaStream stream);

    [LibraryImport(Library)]
    internal static partial int cuMemcpyDtoDAsync_v2(nint to, nint from, nuint bytes, CudaStream stream);

    [LibraryImport(Library)]
    internal static partial int cuLaunchKernel(
        nint function,
        uint groupsX,
        uint groupsY,
        uint groupsZ,
        uint sizeX,
        uint sizeY,
        uint sizeZ,
        uint sharedBytes,
        CudaStream stream,
        void** arguments,
        void** extra);

    /// <summary>Throws what a status means.</summary>
    /// <param name="status">What a function returned.</param>
    /// <param name="call">The function.</param>
    /// <exception cref="GpuMemoryException">There was no memory.</exception>
    /// <exception cref="BackendException">Any other failure.</exception>
    internal static void Check(int status, string call)
    {
        if (status == OutOfMemory)
        {
            throw new GpuMemoryException($"{call}: {NameOf(status)}");
        }

        if (status != Success)
        {
            throw new BackendException($"{call}: {NameOf(status)}");
        }
    }

    private static string NameOf(int status)
        => cuGetErrorName(status, out byte* name) == Success && name != null ? Marshal.PtrToStringUTF8((nint)name)! : $"status {status}";
}
