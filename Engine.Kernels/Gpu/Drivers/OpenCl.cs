using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>The functions of OpenCL 1.2 that are called, under their own names, and what their statuses mean.
/// Source: The OpenCL Specification 1.2 (Khronos), chapters 4 and 5; numbers from CL/cl.h.</summary>
internal static unsafe partial class OpenCl
{
    internal const int Success = 0;
    internal const int DeviceNotFound = -1;
    internal const int BuildProgramFailure = -11;
    internal const int InvalidValue = -30;
    internal const int PlatformNotFound = -1001;

    internal const uint DeviceTypeAll = 0xFFFFFFFF;
    internal const uint DeviceMaxComputeUnits = 0x1002;
    internal const uint DeviceMaxMemAllocSize = 0x1010;
    internal const uint DeviceSingleFpConfig = 0x101B;
    internal const uint DeviceGlobalMemSize = 0x101F;
    internal const uint DeviceEndianLittle = 0x1026;
    internal const uint DeviceAvailable = 0x1027;
    internal const uint DeviceCompilerAvailable = 0x1028;
    internal const uint DeviceName = 0x102B;
    internal const uint DeviceVendor = 0x102C;
    internal const uint DriverVersion = 0x102D;
    internal const uint DeviceVersion = 0x102F;
    internal const uint DeviceDoubleFpConfig = 0x1032;

    internal const uint ProgramBuildLog = 0x1183;
    internal const uint KernelNumArgs = 0x1191;
    internal const uint KernelCompileWorkGroupSize = 0x11B1;
    internal const uint EventCommandExecutionStatus = 0x11D3;

    private const string Library = DriverLibraries.OpenCl;

    [LibraryImport(Library)]
    internal static partial int clGetPlatformIDs(uint room, nint* platforms, out uint count);

    [LibraryImport(Library)]
    internal static partial int clGetDeviceIDs(nint platform, ulong type, uint room, nint* devices, out uint count);

    [LibraryImport(Library)]
    internal static partial int clGetDeviceInfo(nint device, uint name, nuint room, void* value, out nuint size);

    [LibraryImport(Library)]
    internal static partial ClContext clCreateContext(nint* properties, uint count, nint* devices, nint notify, nint data, out int status);

    [LibraryImport(Library)]
    internal static partial int clReleaseContext(nint context);

    [LibraryImport(Library)]
    internal static partial ClQueue clCreateCommandQueue(ClContext context, nint device, ulong properties, out int status);

    [LibraryImport(Library)]
    internal static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(Library)]
    internal static partial int clFlush(ClQueue queue);

    [LibraryImport(Library)]
    internal static partial int clFinish(ClQueue queue);

    [LibraryImport(Library)]
    internal static partial ClProgram clCreateProgramWithSource(ClContext context, uint count, byte** texts, nuint* lengths, out int status);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int clBuildProgram(ClProgram program, uint count, nint* devices, string options, nint notify, nint data);

    [LibraryImport(Library)]
    internal static partial int clGetProgramBuildInfo(ClProgram program, nint device, uint name, nuint room, void* value, out nuint size);

    [LibraryImport(Library)]
    internal static partial int clReleaseProgram(nint program);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ClKernel clCreateKernel(ClProgram program, string name, out int status);

    [LibraryImport(Library)]
    internal static partial int clGetKernelInfo(ClKernel kernel, uint name, nuint room, void* value, out nuint size);

    [LibraryImport(Library)]
    internal static partial int clGetKernelWorkGroupInfo(ClKernel kernel, nint device, uint name, nuint room, void* value, out nuint size);

    [LibraryImport(Library)]
    internal static partial int clSetKernelArg(ClKernel kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    internal static partial int clReleaseKernel(nint kernel);

    [LibraryImport(Library)]
    internal static partial ClMemory clCreateBuffer(ClContext context, ulong flags, nuint size, void* host, out int status);

    [LibraryImport(Library)]
    internal static partial int clReleaseMemObject(nint memory);

    [LibraryImport(Library)]
    internal static partial int clEnqueueWriteBuffer(
        ClQueue queue, ClMemory to, uint blocking, nuint offset, nuint size, void* from, uint waits, nint* waited, nint* made);

    [LibraryImport(Library)]
    internal static partial int clEnqueueReadBuffer(
        ClQueue queue, ClMemory from, uint blocking, nuint offset, nuint size, void* to, uint waits, nint* waited, nint* made);

    [LibraryImport(Library)]
    internal static partial int clEnqueueCopyBuffer(
        ClQueue queue, ClMemory from, ClMemory to, nuint fromOffset, nuint toOffset, nuint size, uint waits, nint* waited, nint* made);

    [LibraryImport(Library)]
    internal static partial int clEnqueueNDRangeKernel(
        ClQueue queue, ClKernel kernel, uint axes, nuint* first, nuint* items, nuint* groupItems, uint waits, nint* waited, nint* made);

    [LibraryImport(Library)]
    internal static partial int clEnqueueMarkerWithWaitList(ClQueue queue, uint waits, nint* waited, out ClEvent made);

    [LibraryImport(Library)]
    internal static partial int clGetEventInfo(ClEvent made, uint name, nuint room, void* value, out nuint size);

    [LibraryImport(Library)]
    internal static partial int clReleaseEvent(nint made);

    /// <summary>Throws what a status means.</summary>
    /// <param name="status">What a function returned.</param>
    /// <param name="call">The function.</param>
    /// <exception cref="GpuMemoryException">There was no memory for a buffer: some drivers find one only when it is first used.</exception>
    /// <exception cref="BackendException">Any other failure.</exception>
    internal static void Check(int status, string call)
    {
        if (status == -4)
        {
            throw new GpuMemoryException($"{call}: {NameOf(status)}");
        }

        if (status != Success)
        {
            throw new BackendException($"{call}: {NameOf(status)}");
        }
    }

    /// <summary>The same where memory is asked for: more statuses than one say that there is none.</summary>
    internal static void CheckAllocation(int status, string call)
    {
        if (status is -5 or -6 or -61)
        {
            throw new GpuMemoryException($"{call}: {NameOf(status)}");
        }

        Check(status, call);
    }

    private static string NameOf(int status) => status switch
    {
        DeviceNotFound => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        -3 => "CL_COMPILER_NOT_AVAILABLE",
        -4 => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5 => "CL_OUT_OF_RESOURCES",
        -6 => "CL_OUT_OF_HOST_MEMORY",
        BuildProgramFailure => "CL_BUILD_PROGRAM_FAILURE",
        InvalidValue => "CL_INVALID_VALUE",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -46 => "CL_INVALID_KERNEL_NAME",
        -50 => "CL_INVALID_ARG_VALUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        -61 => "CL_INVALID_BUFFER_SIZE",
        PlatformNotFound => "no platform is installed",
        _ => $"status {status}",
    };
}
