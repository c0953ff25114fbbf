using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>A device under the CUDA driver: its primary context, one stream, and a module for each text's PTX.</summary>
internal sealed unsafe partial class CudaDevice : DriverDevice
{
    /// <summary>The driver's name in lists.</summary>
    internal const string Driver = "cuda";

    private const int LeastVersion = 11_000;
    private const int LogBytes = 8192;

    // Denormals, infinities and NaN, three rounding modes, fma in hardware, division and square root correctly rounded: CUDA C Programming Guide,
    // "Floating-Point Standard", for every capability admitted here.
    private const ulong FloatConfig = 0xBF;

    private readonly Func<string, string?> _ptx;
    private readonly CudaContext _context;
    private readonly CudaStream _stream;
    private readonly Dictionary<string, (PtxText Text, CudaModule Module)> _modules = [];

    /// <summary>Opens a device.</summary>
    /// <param name="device">From <see cref="Find"/>.</param>
    /// <param name="description">From <see cref="Describe"/>.</param>
    /// <param name="budget">Bytes it may hold; four fifths of its memory if null.</param>
    /// <param name="ptx">The PTX of a text; the embedded one if null.</param>
    /// <exception cref="BackendException">The driver refuses.</exception>
    internal CudaDevice(int device, GpuDescription description, long? budget = null, Func<string, string?>? ptx = null)
        : base(description, budget)
    {
        _ptx = ptx ?? KernelTexts.Ptx;
        _context = new CudaContext(device);
        try
        {
            _context.Enter();
            Cuda.Check(Cuda.cuStreamCreate(out nint stream, Cuda.StreamNonBlocking), nameof(Cuda.cuStreamCreate));
            _stream = new CudaStream(_context, stream);
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    /// <summary>Every device.</summary>
    /// <exception cref="BackendException">The driver reports a failure, or is too old.</exception>
    /// <exception cref="DllNotFoundException">There is no driver.</exception>
    internal static IReadOnlyList<int> Find()
    {
        DriverLibraries.Register();
        int status = Cuda.cuInit(0);
        if (status == Cuda.NoDevice)
        {
            return [];
        }

        Cuda.Check(status, nameof(Cuda.cuInit));
        if (Version() < LeastVersion)
        {
            throw new BackendException($"the driver is of CUDA {Words(Version())}; {Words(LeastVersion)} is needed");
        }

        Cuda.Check(Cuda.cuDeviceGetCount(out int count), nameof(Cuda.cuDeviceGetCount));
        int[] devices = new int[count];
        for (int i = 0; i < count; i++)
        {
            Cuda.Check(Cuda.cuDeviceGet(out devices[i], i), nameof(Cuda.cuDeviceGet));
        }

        return devices;
    }

    /// <summary>What a device says of itself.</summary>
    /// <exception cref="BackendException">It cannot run our texts, or the driver reports a failure.</exception>
    internal static GpuDescription Describe(int device)
    {
        const int Room = 256;
        byte* name = stackalloc byte[Room];
        Cuda.Check(Cuda.cuDeviceGetName(name, Room, device), nameof(Cuda.cuDeviceGetName));
        string words = Marshal.PtrToStringUTF8((nint)name)!;
        int capability = (10 * Attribute(device, Cuda.AttributeCapabilityMajor)) + Attribute(device, Cuda.AttributeCapabilityMinor);
        if (capability < PtxText.LeastCapability)
        {
            throw new BackendException($"{words}: compute capability {capability / 10}.{capability % 10}; 7.0 is needed");
        }

        Cuda.Check(Cuda.cuDeviceTotalMem_v2(out nuint bytes, device), nameof(Cuda.cuDeviceTotalMem_v2));
        return new GpuDescription(
            Driver,
            words,
            "NVIDIA",
            $"CUDA {Words(Version())}{ModuleVersion()}",
            Attribute(device, Cuda.AttributeMultiprocessorCount),
            (long)bytes,
            (long)bytes,
            FloatConfig,
            true,
            capability);
    }

    /// <inheritdoc/>
    private protected override SafeHandle Allot(long size)
    {
        _context.Enter();
        Cuda.Check(Cuda.cuMemAlloc_v2(out nint memory, (nuint)size), nameof(Cuda.cuMemAlloc_v2));
        return new CudaMemory(_context, memory);
    }

    /// <inheritdoc/>
    private protected override void WritePiece(SafeHandle to, long offset, byte* from, long bytes, bool wait)
    {
        _context.Enter();
        Cuda.Check(
            Cuda.cuMemcpyHtoDAsync_v2(to.DangerousGetHandle() + (nint)offset, from, (nuint)bytes, _stream), nameof(Cuda.cuMemcpyHtoDAsync_v2));
        if (wait)
        {
            Wait(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    private protected override void ReadPiece(SafeHandle from, long offset, byte* to, long bytes)
    {
        _context.Enter();
        Cuda.Check(
            Cuda.cuMemcpyDtoHAsync_v2(to, from.DangerousGetHandle() + (nint)offset, (nuint)bytes, _stream), nameof(Cuda.cuMemcpyDtoHAsync_v2));
        Wait(CancellationToken.None);
    }

    /// <inheritdoc/>
    private protected override void CopyPiece(SafeHandle from, long fromOffset, SafeHandle to, long toOffset, long bytes)
    {
        _context.Enter();
        Cuda.Check(
            Cuda.cuMemcpyDtoDAsync_v2(to.DangerousGetHandle() + (nint)toOffset, from.DangerousGetHandle() + (nint)fromOffset, (nuint)bytes, _stream),
            nameof(Cuda.cuMemcpyDtoDAsync_v2));
    }

    /// <inheritdoc/>
    private protected override DriverKernel MakeKernel(string text, string entry)
    {
        _context.Enter();
        if (!_modules.TryGetValue(text, out (PtxText Text, CudaModule Module) module))
        {
            module.Text = new PtxText(_ptx(text) ?? throw new BackendException($"there is no PTX of {text}"));
            module.Module = Load(text, module.Text.For(Description.Capability));
            _modules.Add(text, module);
        }

        (int size, IReadOnlyList<int> parameters) = module.Text.Entry(entry);
        Cuda.Check(
            Cuda.cuModuleGetFunction(out nint function, module.Module, entry), $"{nameof(Cuda.cuModuleGetFunction)} {text}.{entry}");
        return new CudaKernel($"{text}.{entry}", size, this, function, parameters);
    }

    /// <inheritdoc/>
    private protected override void LaunchKernel(DriverKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        CudaKernel own = (CudaKernel)kernel;
        ulong* values = stackalloc ulong[arguments.Length];
        void** places = stackalloc void*[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            GpuArgument argument = arguments[i];
            if (own.Parameters[i] != (argument.Size == 0 ? sizeof(ulong) : argument.Size))
            {
                throw new ArgumentException($"{kernel.Name}, argument {i}: {argument.Size} bytes where {own.Parameters[i]} are taken", nameof(arguments));
            }

            values[i] = argument.Size == 0 ? (ulong)AddressOf(argument) : argument.Bits;
            places[i] = values + i;
        }

        _context.Enter();
        Cuda.Check(
            Cuda.cuLaunchKernel(
                own.Function, (uint)groups.X, (uint)groups.Y, (uint)groups.Z, (uint)kernel.GroupSize, 1, 1, 0, _stream, places, null),
            kernel.Name);
    }

    /// <inheritdoc/>
    private protected override void Wait(CancellationToken cancellation)
    {
        _context.Enter();
        if (!cancellation.CanBeCanceled)
        {
            Cuda.Check(Cuda.cuStreamSynchronize(_stream), nameof(Cuda.cuStreamSynchronize));
            return;
        }

        SpinWait wait = default;
        while (true)
        {
            int status = Cuda.cuStreamQuery(_stream);
            if (status != Cuda.NotReady)
            {
                Cuda.Check(status, nameof(Cuda.cuStreamQuery));
                return;
            }

            wait.SpinOnce();
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    private protected override void Close(IEnumerable<DriverKernel> kernels)
    {
        foreach ((_, CudaModule module) in _modules.Values)
        {
            module.Dispose();
        }

        _stream.Dispose();
        _context.Dispose();
    }

    private static int Attribute(int device, int attribute)
    {
        Cuda.Check(Cuda.cuDeviceGetAttribute(out int value, attribute, device), nameof(Cuda.cuDeviceGetAttribute));
        return value;
    }

    private static int Version()
    {
        Cuda.Check(Cuda.cuDriverGetVersion(out int version), nameof(Cuda.cuDriverGetVersion));
        return version;
    }

    private static string Words(int version) => $"{version / 1000}.{version % 1000 / 10}";

    // CUDA's version alone does not tell two builds of the driver apart.
    private static string ModuleVersion()
    {
        const string Kept = "/proc/driver/nvidia/version";
        try
        {
            return File.Exists(Kept) && BuildNumber().Match(File.ReadAllText(Kept)) is { Success: true } match
                ? $", driver {match.Value}"
                : string.Empty;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex BuildNumber();

    private CudaModule Load(string name, string text)
    {
        byte[] image = Encoding.UTF8.GetBytes(text + '\0');
        byte[] log = new byte[LogBytes];
        fixed (byte* first = image, room = log)
        {
            int* options = stackalloc int[] { Cuda.JitErrorLogBuffer, Cuda.JitErrorLogBufferSize };
            void** values = stackalloc void*[] { room, (void*)LogBytes };
            int status = Cuda.cuModuleLoadDataEx(out nint module, first, 2, options, values);
            if (status != Cuda.Success)
            {
                int end = Array.IndexOf(log, (byte)0);
                Cuda.Check(status, $"{name}.ptx is not taken:\n{Encoding.UTF8.GetString(log, 0, end < 0 ? LogBytes : end)}\n{nameof(Cuda.cuModuleLoadDataEx)}");
            }

            return new CudaModule(_context, module);
        }
    }

    private sealed record CudaKernel(string Name, int GroupSize, DriverDevice Owner, nint Function, IReadOnlyList<int> Parameters)
        : DriverKernel(Name, GroupSize, Parameters.Count, Owner);
}
