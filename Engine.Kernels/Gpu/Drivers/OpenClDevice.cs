using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>A device under OpenCL: a context, one queue in order, and a program for each text.</summary>
internal sealed unsafe class OpenClDevice : DriverDevice
{
    /// <summary>The driver's name in lists.</summary>
    internal const string Driver = "opencl";

    /// <summary>How texts are compiled. Contraction is switched off in the text.</summary>
    internal const string Options = "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt";

    // What CL_DEVICE_DOUBLE_FP_CONFIG must have: subnormals, infinities and NaN, rounding to nearest, fma.
    private const ulong NeededDoubles = 0x27;

    // Before a text, where there is no f64: see Texts/doubles.h.
    private const string WithoutDoubles = "#define NO_F64\n";

    private readonly nint _device;
    private readonly Func<string, string> _source;
    private readonly ClContext _context;
    private readonly ClQueue _queue;
    private readonly Dictionary<string, ClProgram> _programs = [];

    /// <summary>Opens a device.</summary>
    /// <param name="device">From <see cref="Find"/>.</param>
    /// <param name="description">From <see cref="Describe"/>.</param>
    /// <param name="budget">Bytes it may hold; four fifths of its memory if null.</param>
    /// <param name="source">The source of a text; the embedded one if null.</param>
    /// <exception cref="BackendException">The driver refuses.</exception>
    internal OpenClDevice(nint device, GpuDescription description, long? budget = null, Func<string, string>? source = null)
        : base(description, budget)
    {
        _device = device;
        _source = source ?? KernelTexts.Source;
        _context = OpenCl.clCreateContext(null, 1, &device, 0, 0, out int status);
        OpenCl.Check(status, nameof(OpenCl.clCreateContext));
        _queue = OpenCl.clCreateCommandQueue(_context, device, 0, out status);
        if (status != OpenCl.Success)
        {
            _context.Dispose();
            OpenCl.Check(status, nameof(OpenCl.clCreateCommandQueue));
        }
    }

    /// <summary>Every device of every platform.</summary>
    /// <exception cref="BackendException">The driver reports a failure.</exception>
    /// <exception cref="DllNotFoundException">There is no driver.</exception>
    internal static IReadOnlyList<nint> Find()
    {
        DriverLibraries.Register();
        int status = OpenCl.clGetPlatformIDs(0, null, out uint count);
        if (status == OpenCl.PlatformNotFound)
        {
            return [];
        }

        OpenCl.Check(status, nameof(OpenCl.clGetPlatformIDs));
        nint[] platforms = new nint[count];
        fixed (nint* room = platforms)
        {
            OpenCl.Check(OpenCl.clGetPlatformIDs(count, room, out _), nameof(OpenCl.clGetPlatformIDs));
        }

        List<nint> devices = [];
        foreach (nint platform in platforms)
        {
            status = OpenCl.clGetDeviceIDs(platform, OpenCl.DeviceTypeAll, 0, null, out count);
            if (status != OpenCl.DeviceNotFound)
            {
                OpenCl.Check(status, nameof(OpenCl.clGetDeviceIDs));
                nint[] found = new nint[count];
                fixed (nint* room = found)
                {
                    OpenCl.Check(OpenCl.clGetDeviceIDs(platform, OpenCl.DeviceTypeAll, count, room, out _), nameof(OpenCl.clGetDeviceIDs));
                }

                devices.AddRange(found);
            }
        }

        return devices;
    }

    /// <summary>What a device says of itself.</summary>
    /// <exception cref="BackendException">It cannot run our texts, or the driver reports a failure.</exception>
    internal static GpuDescription Describe(nint device)
    {
        string version = Text(device, OpenCl.DeviceVersion);
        if (Number(device, OpenCl.DeviceAvailable) == 0 || Number(device, OpenCl.DeviceCompilerAvailable) == 0)
        {
            throw new BackendException("the device or its compiler is not available");
        }

        // "OpenCL 1.2 ...": the words and their places are the specification's.
        string[] words = version.Split(' ');
        if (words.Length < 2
            || !double.TryParse(words[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            || number < 1.2
            || Number(device, OpenCl.DeviceEndianLittle) == 0)
        {
            throw new BackendException($"{version}; OpenCL 1.2 on a little-endian device is needed");
        }

        return new GpuDescription(
            Driver,
            Text(device, OpenCl.DeviceName),
            Text(device, OpenCl.DeviceVendor),
            $"{version}, driver {Text(device, OpenCl.DriverVersion)}",
            (int)(uint)Number(device, OpenCl.DeviceMaxComputeUnits),
            (long)Math.Min(Number(device, OpenCl.DeviceGlobalMemSize), long.MaxValue),
            (long)Math.Min(Number(device, OpenCl.DeviceMaxMemAllocSize), long.MaxValue),
            Number(device, OpenCl.DeviceSingleFpConfig),
            (Number(device, OpenCl.DeviceDoubleFpConfig) & NeededDoubles) == NeededDoubles,
            0);
    }

    /// <inheritdoc/>
    private protected override SafeHandle Allot(long size)
    {
        ClMemory memory = OpenCl.clCreateBuffer(_context, 0, (nuint)size, null, out int status);
        OpenCl.CheckAllocation(status, nameof(OpenCl.clCreateBuffer));
        return memory;
    }

    /// <inheritdoc/>
    private protected override void WritePiece(SafeHandle to, long offset, byte* from, long bytes, bool wait) => OpenCl.Check(
        OpenCl.clEnqueueWriteBuffer(_queue, (ClMemory)to, wait ? 1u : 0, (nuint)offset, (nuint)bytes, from, 0, null, null),
        nameof(OpenCl.clEnqueueWriteBuffer));

    /// <inheritdoc/>
    private protected override void ReadPiece(SafeHandle from, long offset, byte* to, long bytes) => OpenCl.Check(
        OpenCl.clEnqueueReadBuffer(_queue, (ClMemory)from, 1, (nuint)offset, (nuint)bytes, to, 0, null, null), nameof(OpenCl.clEnqueueReadBuffer));

    /// <inheritdoc/>
    private protected override void CopyPiece(SafeHandle from, long fromOffset, SafeHandle to, long toOffset, long bytes) => OpenCl.Check(
        OpenCl.clEnqueueCopyBuffer(_queue, (ClMemory)from, (ClMemory)to, (nuint)fromOffset, (nuint)toOffset, (nuint)bytes, 0, null, null),
        nameof(OpenCl.clEnqueueCopyBuffer));

    /// <inheritdoc/>
    private protected override DriverKernel MakeKernel(string text, string entry)
    {
        if (!_programs.TryGetValue(text, out ClProgram? program))
        {
            program = Build(text);
            _programs.Add(text, program);
        }

        ClKernel kernel = OpenCl.clCreateKernel(program, entry, out int status);
        try
        {
            OpenCl.Check(status, $"{nameof(OpenCl.clCreateKernel)} {text}.{entry}");
            uint arguments;
            OpenCl.Check(
                OpenCl.clGetKernelInfo(kernel, OpenCl.KernelNumArgs, sizeof(uint), &arguments, out _), nameof(OpenCl.clGetKernelInfo));
            nuint* sizes = stackalloc nuint[3];
            OpenCl.Check(
                OpenCl.clGetKernelWorkGroupInfo(kernel, _device, OpenCl.KernelCompileWorkGroupSize, 3 * (nuint)sizeof(nuint), sizes, out _),
                nameof(OpenCl.clGetKernelWorkGroupInfo));
            return sizes[0] > 0 && sizes[1] == 1 && sizes[2] == 1
                ? new OpenClKernel($"{text}.{entry}", (int)sizes[0], (int)arguments, this, kernel)
                : throw new BackendException($"{text}.{entry} does not fix its work-group's size");
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override void LaunchKernel(DriverKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        ClKernel handle = ((OpenClKernel)kernel).Handle;
        for (int i = 0; i < arguments.Length; i++)
        {
            GpuArgument argument = arguments[i];
            nint address = AddressOf(argument);
            ulong bits = argument.Bits;
            int status = argument.Size == 0
                ? OpenCl.clSetKernelArg(handle, (uint)i, (nuint)sizeof(nint), &address)
                : OpenCl.clSetKernelArg(handle, (uint)i, (nuint)argument.Size, &bits);
            if (status != OpenCl.Success)
            {
                OpenCl.Check(status, $"{kernel.Name}, argument {i}");
            }
        }

        nuint* size = stackalloc nuint[] { (nuint)kernel.GroupSize, 1, 1 };
        nuint* items = stackalloc nuint[] { (nuint)groups.X * size[0], (nuint)groups.Y, (nuint)groups.Z };
        OpenCl.Check(OpenCl.clEnqueueNDRangeKernel(_queue, handle, 3, null, items, size, 0, null, null), kernel.Name);
        OpenCl.Check(OpenCl.clFlush(_queue), nameof(OpenCl.clFlush));
    }

    /// <inheritdoc/>
    private protected override void Wait(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            OpenCl.Check(OpenCl.clFinish(_queue), nameof(OpenCl.clFinish));
            return;
        }

        int status = OpenCl.clEnqueueMarkerWithWaitList(_queue, 0, null, out ClEvent marker);
        using (marker)
        {
            OpenCl.Check(status, nameof(OpenCl.clEnqueueMarkerWithWaitList));
            OpenCl.Check(OpenCl.clFlush(_queue), nameof(OpenCl.clFlush));
            SpinWait wait = default;
            while (true)
            {
                OpenCl.Check(
                    OpenCl.clGetEventInfo(marker, OpenCl.EventCommandExecutionStatus, sizeof(int), &status, out _), nameof(OpenCl.clGetEventInfo));
                if (status <= OpenCl.Success)
                {
                    OpenCl.Check(status, "a queued command");
                    return;
                }

                wait.SpinOnce();
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Close(IEnumerable<DriverKernel> kernels)
    {
        foreach (DriverKernel kernel in kernels)
        {
            ((OpenClKernel)kernel).Handle.Dispose();
        }

        foreach (ClProgram program in _programs.Values)
        {
            program.Dispose();
        }

        _queue.Dispose();
        _context.Dispose();
    }

    private static string Text(nint device, uint name)
    {
        OpenCl.Check(OpenCl.clGetDeviceInfo(device, name, 0, null, out nuint size), nameof(OpenCl.clGetDeviceInfo));
        byte[] bytes = new byte[size];
        fixed (byte* room = bytes)
        {
            OpenCl.Check(OpenCl.clGetDeviceInfo(device, name, size, room, out _), nameof(OpenCl.clGetDeviceInfo));
        }

        return Text(bytes);
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();

    // Of 4 or 8 bytes; the rest stays 0. A device without doubles may not know of their configuration.
    private static ulong Number(nint device, uint name)
    {
        ulong value = 0;
        int status = OpenCl.clGetDeviceInfo(device, name, sizeof(ulong), &value, out _);
        if (name == OpenCl.DeviceDoubleFpConfig && status == OpenCl.InvalidValue)
        {
            return 0;
        }

        OpenCl.Check(status, nameof(OpenCl.clGetDeviceInfo));
        return value;
    }

    private ClProgram Build(string name)
    {
        byte[] source = Encoding.UTF8.GetBytes(Description.HasDoubles ? _source(name) : WithoutDoubles + _source(name));
        fixed (byte* text = source)
        {
            nuint length = (nuint)source.Length;
            byte* texts = text;
            ClProgram program = OpenCl.clCreateProgramWithSource(_context, 1, &texts, &length, out int status);
            try
            {
                OpenCl.Check(status, nameof(OpenCl.clCreateProgramWithSource));
                nint device = _device;
                status = OpenCl.clBuildProgram(program, 1, &device, Options, 0, 0);
                OpenCl.Check(status, status == OpenCl.BuildProgramFailure ? $"{name}.cl does not compile:\n{BuildLog(program)}" : $"building {name}.cl");
                return program;
            }
            catch
            {
                program.Dispose();
                throw;
            }
        }
    }

    private string BuildLog(ClProgram program)
    {
        if (OpenCl.clGetProgramBuildInfo(program, _device, OpenCl.ProgramBuildLog, 0, null, out nuint size) != OpenCl.Success)
        {
            return "(there is no log)";
        }

        byte[] log = new byte[size];
        fixed (byte* room = log)
        {
            return OpenCl.clGetProgramBuildInfo(program, _device, OpenCl.ProgramBuildLog, size, room, out _) == OpenCl.Success
                ? Text(log)
                : "(there is no log)";
        }
    }

    private sealed record OpenClKernel(string Name, int GroupSize, int Arguments, DriverDevice Owner, ClKernel Handle)
        : DriverKernel(Name, GroupSize, Arguments, Owner);
}
