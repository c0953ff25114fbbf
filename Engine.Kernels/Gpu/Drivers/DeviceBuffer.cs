using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>A buffer in a piece of a device's memory.</summary>
internal sealed class DeviceBuffer : GpuBuffer
{
    private readonly DeviceMemory _owner;
    private readonly long _size;
    private SafeHandle? _piece;

    /// <summary>Takes the memory.</summary>
    internal DeviceBuffer(DeviceMemory owner, long bytes)
        : base(bytes)
    {
        _owner = owner;
        _size = owner.SizeOf(bytes);
        _piece = owner.Take(_size);
    }

    ~DeviceBuffer()
    {
        if (_piece is not null)
        {
            _owner.Forget(_piece, _size);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _piece, null) is SafeHandle piece)
        {
            _owner.GiveBack(piece, _size);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>The memory, if it is of this owner and still here.</summary>
    internal SafeHandle PieceOf(DeviceMemory owner)
    {
        ObjectDisposedException.ThrowIf(_piece is null, this);
        return _owner == owner ? _piece : throw new ArgumentException("the buffer is another device's");
    }
}
