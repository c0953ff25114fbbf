using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>What the drivers have in common: arguments are checked, memory comes out of a budget, kernels are made once.</summary>
internal abstract unsafe class DriverDevice : IGpuDevice
{
    private const int MostGroups = 65_535;

    // Small writes are staged: the device may read their bytes later, and nobody waits. What is staged stays until all that was queued is done.
    private const int MostStaged = 4096;
    private const int StagingBytes = 64 * MostStaged;

    private readonly DeviceMemory _memory;
    private readonly Dictionary<(string Text, string Entry), DriverKernel> _kernels = [];
    private byte* _staging;
    private int _staged;

    /// <summary>A device with its budget.</summary>
    /// <param name="description">What it says of itself.</param>
    /// <param name="budget">Bytes it may hold; <see cref="BudgetOf"/> if null.</param>
    private protected DriverDevice(GpuDescription description, long? budget)
    {
        Description = description;
        Budget = budget ?? BudgetOf(description);
        _memory = new DeviceMemory(Budget, description.LargestBuffer, Allot);
    }

    /// <inheritdoc/>
    public GpuDescription Description { get; }

    /// <inheritdoc/>
    public long HeldBytes => _memory.HeldBytes;

    /// <summary>Bytes kept for later buffers: within the budget too.</summary>
    internal long KeptBytes => _memory.KeptBytes;

    /// <summary>Bytes that may be held and kept.</summary>
    internal long Budget { get; }

    /// <summary>Whether the device was given back.</summary>
    private protected bool Closed { get; private set; }

    /// <summary>What a device may hold where nothing else is said: four fifths of its memory.</summary>
    internal static long BudgetOf(GpuDescription description) => description.MemoryBytes / 5 * 4;

    /// <inheritdoc/>
    public GpuBuffer Allocate(long bytes)
    {
        ObjectDisposedException.ThrowIf(Closed, this);
        return new DeviceBuffer(_memory, bytes);
    }

    /// <inheritdoc/>
    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes)
    {
        SafeHandle piece = PieceOf(buffer, offset, bytes.Length);
        if (bytes.Length > MostStaged)
        {
            fixed (byte* from = bytes)
            {
                WritePiece(piece, offset, from, bytes.Length, wait: true);
            }

            _staged = 0;
        }
        else if (!bytes.IsEmpty)
        {
            WritePiece(piece, offset, Stage(bytes), bytes.Length, wait: false);
        }

        GC.KeepAlive(buffer);
    }

    /// <inheritdoc/>
    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes)
    {
        SafeHandle piece = PieceOf(buffer, offset, bytes.Length);
        if (!bytes.IsEmpty)
        {
            fixed (byte* to = bytes)
            {
                ReadPiece(piece, offset, to, bytes.Length);
            }

            _staged = 0;
        }

        GC.KeepAlive(buffer);
    }

    /// <inheritdoc/>
    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes)
    {
        SafeHandle source = PieceOf(from, fromOffset, bytes);
        SafeHandle target = PieceOf(to, toOffset, bytes);
        if (from == to && Math.Abs(fromOffset - toOffset) < bytes)
        {
            throw new ArgumentException("the ranges overlap", nameof(to));
        }

        if (bytes > 0)
        {
            CopyPiece(source, fromOffset, target, toOffset, bytes);
        }

        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }

    /// <inheritdoc/>
    public GpuKernel Kernel(string text, string entry)
    {
        ObjectDisposedException.ThrowIf(Closed, this);
        if (!_kernels.TryGetValue((text, entry), out DriverKernel? kernel))
        {
            kernel = MakeKernel(text, entry);
            _kernels.Add((text, entry), kernel);
        }

        return kernel;
    }

    /// <inheritdoc/>
    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        ObjectDisposedException.ThrowIf(Closed, this);
        if (kernel is not DriverKernel own || own.Owner != this)
        {
            throw new ArgumentException($"{kernel.Name} is another device's", nameof(kernel));
        }

        if (groups.X is < 0 or > int.MaxValue || groups.Y is < 0 or > MostGroups || groups.Z is < 0 or > MostGroups)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups, "numbers of work-groups");
        }

        if (arguments.Length != own.Arguments)
        {
            throw new ArgumentException($"{kernel.Name} takes {own.Arguments} arguments, not {arguments.Length}", nameof(arguments));
        }

        if (groups.X == 0 || groups.Y == 0 || groups.Z == 0)
        {
            return;
        }

        LaunchKernel(own, groups, arguments);
        foreach (GpuArgument argument in arguments)
        {
            GC.KeepAlive(argument.Buffer);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A wait that is cancelled ends at once; what is queued runs on, and what is queued later comes after it.</remarks>
    public void Finish(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(Closed, this);
        cancellation.ThrowIfCancellationRequested();
        Wait(cancellation);
        _staged = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Closed)
        {
            Closed = true;
            try
            {
                Wait(CancellationToken.None);
                NativeMemory.Free(_staging);
            }
            catch (BackendException)
            {
                // Nobody knows whether such a device still reads what is staged, so that is never given back.
            }

            _memory.Close();
            Close(_kernels.Values);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The address or handle of a buffer that is an argument; 0 for none.</summary>
    internal nint AddressOf(GpuArgument argument)
        => argument.Buffer is null ? 0 : PieceOf(argument.Buffer, 0, 0).DangerousGetHandle();

    /// <summary>Takes memory from the device.</summary>
    private protected abstract SafeHandle Allot(long size);

    /// <summary>Host to device, queued; returns when it is done if it is to wait.</summary>
    private protected abstract void WritePiece(SafeHandle to, long offset, byte* from, long bytes, bool wait);

    /// <summary>Device to host; returns when it is done.</summary>
    private protected abstract void ReadPiece(SafeHandle from, long offset, byte* to, long bytes);

    /// <summary>Device to device, queued.</summary>
    private protected abstract void CopyPiece(SafeHandle from, long fromOffset, SafeHandle to, long toOffset, long bytes);

    /// <summary>Compiles a text if that was not done, and finds an entry.</summary>
    private protected abstract DriverKernel MakeKernel(string text, string entry);

    /// <summary>Queues a kernel whose arguments are as many as it takes, over at least one work-group.</summary>
    private protected abstract void LaunchKernel(DriverKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments);

    /// <summary>Waits until everything queued is done, or throws when the wait is cancelled.</summary>
    private protected abstract void Wait(CancellationToken cancellation);

    /// <summary>Gives everything back but memory, whatever fails.</summary>
    /// <param name="kernels">Every kernel that was made.</param>
    private protected abstract void Close(IEnumerable<DriverKernel> kernels);

    private byte* Stage(ReadOnlySpan<byte> bytes)
    {
        if (_staging is null)
        {
            _staging = (byte*)NativeMemory.Alloc(StagingBytes);
        }

        if (_staged + bytes.Length > StagingBytes)
        {
            Wait(CancellationToken.None);
            _staged = 0;
        }

        byte* place = _staging + _staged;
        bytes.CopyTo(new Span<byte>(place, bytes.Length));
        _staged += bytes.Length;
        return place;
    }

    private SafeHandle PieceOf(GpuBuffer buffer, long offset, long bytes)
    {
        ObjectDisposedException.ThrowIf(Closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > buffer.Bytes - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), $"{bytes} bytes from {offset} of a buffer of {buffer.Bytes}");
        }

        return buffer is DeviceBuffer own ? own.PieceOf(_memory) : throw new ArgumentException("the buffer is another device's", nameof(buffer));
    }
}

/// <summary>A kernel of a driver.</summary>
/// <param name="Name">Its name, text and entry.</param>
/// <param name="GroupSize">Work-items of a work-group.</param>
/// <param name="Arguments">How many arguments it takes.</param>
/// <param name="Owner">The device.</param>
internal abstract record DriverKernel(string Name, int GroupSize, int Arguments, DriverDevice Owner) : GpuKernel(Name, GroupSize);
