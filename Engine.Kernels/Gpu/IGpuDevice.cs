using System;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>A device that runs kernels: OpenCL or CUDA behind one face. Calls are queued in order and done in order; <see cref="Read"/> and
/// <see cref="Finish"/> wait. One thread at a time. Whatever the driver reports becomes a <see cref="BackendException"/>.</summary>
internal interface IGpuDevice : IDisposable
{
    /// <summary>What the device says of itself.</summary>
    GpuDescription Description { get; }

    /// <summary>Bytes of the buffers that are alive.</summary>
    long HeldBytes { get; }

    /// <summary>New device memory, its contents open.</summary>
    /// <param name="bytes">Size; 0 gives the least buffer there is.</param>
    /// <exception cref="GpuMemoryException">There is not so much, or the budget does not allow it.</exception>
    GpuBuffer Allocate(long bytes);

    /// <summary>Host to device. The bytes are the caller's again when the call returns.</summary>
    void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Device to host, when all that was queued before is done.</summary>
    void Read(GpuBuffer buffer, long offset, Span<byte> bytes);

    /// <summary>Device to device; the ranges do not overlap.</summary>
    void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes);

    /// <summary>A kernel of an embedded text; compiled at the first call and kept.</summary>
    /// <param name="text">Name of the text: Dot for Texts/Dot.cl.</param>
    /// <param name="entry">Name of the kernel in it.</param>
    GpuKernel Kernel(string text, string entry);

    /// <summary>Queues a kernel.</summary>
    /// <param name="kernel">The kernel; its text fixes the work-group's size.</param>
    /// <param name="groups">Numbers of work-groups; at most 65,535 along Y and Z. Nothing is run where one is 0.</param>
    /// <param name="arguments">The kernel's arguments in order.</param>
    void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments);

    /// <summary>Waits until everything queued is done.</summary>
    void Finish(CancellationToken cancellation = default);
}

/// <summary>What is made of a device's few functions.</summary>
internal static class GpuDeviceExtensions
{
    /// <summary>A new buffer with the given bytes.</summary>
    /// <exception cref="GpuMemoryException">There is no room for it; nothing is held.</exception>
    internal static GpuBuffer Filled(this IGpuDevice device, ReadOnlySpan<byte> bytes)
    {
        GpuBuffer buffer = device.Allocate(bytes.Length);
        try
        {
            device.Write(buffer, 0, bytes);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}

/// <summary>Numbers of work-groups along three axes.</summary>
internal readonly record struct GpuGrid(long X, int Y = 1, int Z = 1);

/// <summary>Memory of a device. Disposed by its owner; what is queued is done first. A finaliser gives back what was forgotten.</summary>
internal abstract class GpuBuffer(long bytes) : IDisposable
{
    /// <summary>Its size.</summary>
    internal long Bytes => bytes;

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A compiled kernel; the device owns it.</summary>
/// <param name="Name">Its name, text and entry.</param>
/// <param name="GroupSize">Work-items of a work-group.</param>
internal abstract record GpuKernel(string Name, int GroupSize);

/// <summary>One argument of a kernel: a buffer, or the bits of a scalar. A null buffer is passed as a null pointer.</summary>
internal readonly struct GpuArgument
{
    private GpuArgument(GpuBuffer? buffer, ulong bits, int size)
    {
        Buffer = buffer;
        Bits = bits;
        Size = size;
    }

    /// <summary>The buffer, where <see cref="Size"/> is 0.</summary>
    internal GpuBuffer? Buffer { get; }

    /// <summary>The scalar's bits.</summary>
    internal ulong Bits { get; }

    /// <summary>Bytes of the scalar, 4 or 8; 0 for a buffer.</summary>
    internal int Size { get; }

    internal static GpuArgument Of(GpuBuffer? buffer) => new(buffer, 0, 0);

    public static implicit operator GpuArgument(int value) => new(null, (uint)value, sizeof(int));

    public static implicit operator GpuArgument(uint value) => new(null, value, sizeof(uint));

    public static implicit operator GpuArgument(long value) => new(null, (ulong)value, sizeof(long));

    public static implicit operator GpuArgument(float value) => new(null, BitConverter.SingleToUInt32Bits(value), sizeof(float));

    public static implicit operator GpuArgument(double value) => new(null, BitConverter.DoubleToUInt64Bits(value), sizeof(double));

    public static implicit operator GpuArgument(GpuBuffer buffer) => Of(buffer);
}

/// <summary>What a device says of itself.</summary>
/// <param name="Driver">opencl or cuda.</param>
/// <param name="Name">The device's name.</param>
/// <param name="Vendor">Its vendor.</param>
/// <param name="Version">Driver version, in the driver's words: with the name it tells devices of other behaviour apart.</param>
/// <param name="Units">Multiprocessors or compute units.</param>
/// <param name="MemoryBytes">All its memory.</param>
/// <param name="LargestBuffer">The largest single buffer.</param>
/// <param name="FloatConfig">CL_DEVICE_SINGLE_FP_CONFIG; of a CUDA device what the architecture guarantees in its terms.</param>
/// <param name="HasDoubles">Whether it has f64 arithmetic; where not, texts compute it in integers.</param>
/// <param name="Capability">CUDA compute capability times 10, 0 elsewhere.</param>
public sealed record GpuDescription(
    string Driver,
    string Name,
    string Vendor,
    string Version,
    int Units,
    long MemoryBytes,
    long LargestBuffer,
    ulong FloatConfig,
    bool HasDoubles,
    int Capability);
