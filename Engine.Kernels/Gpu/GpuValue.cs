using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>A value of a program that lies on the host, on the device, or on both; it goes where it is asked for.</summary>
/// <param name="device">The device.</param>
/// <param name="type">Its type.</param>
/// <param name="lastStage">The last stage that reads it, or makes it.</param>
internal sealed class GpuValue(IGpuDevice device, TensorType type, int lastStage)
{
    private ReadOnlyMemory<byte> _bound;
    private ReadOnlyMemory<byte> _spilled;
    private bool _isOnHost;
    private GpuBuffer? _buffer;

    /// <summary>The last stage that reads it, or makes it.</summary>
    internal int LastStage => lastStage;

    /// <summary>Says where its bytes lie on the host from now on, and whether they are there already.</summary>
    internal void Bind(ReadOnlyMemory<byte> bytes, bool filled)
    {
        Release();
        _bound = bytes;
        _isOnHost = filled && !bytes.IsEmpty;
    }

    /// <summary>Its buffer, with its elements in it.</summary>
    /// <exception cref="GpuMemoryException">The device has no room for it.</exception>
    internal GpuBuffer OnDevice()
    {
        if (_buffer is null)
        {
            _buffer = device.Filled(Host.Span);
        }

        return _buffer;
    }

    /// <summary>A buffer to be filled; what was known before is forgotten.</summary>
    /// <exception cref="GpuMemoryException">The device has no room for it.</exception>
    internal GpuBuffer Made()
    {
        Release();
        return _buffer = device.Allocate(type.Bytes);
    }

    /// <summary>Its buffer, if it is on the device.</summary>
    internal GpuBuffer? Buffer => _buffer;

    /// <summary>Reads some of its bytes, from wherever it lies.</summary>
    internal void Read(long start, Span<byte> bytes)
    {
        if (_buffer is not null)
        {
            device.Read(_buffer, start, bytes);
        }
        else
        {
            Host.Span.Slice((int)start, bytes.Length).CopyTo(bytes);
        }
    }

    /// <summary>Its bytes on the host, read from the device if need be.</summary>
    internal ReadOnlyMemory<byte> OnHost()
    {
        if (!_isOnHost && _buffer is not null)
        {
            Memory<byte> bytes = Room();
            device.Read(_buffer, 0, bytes.Span);
            _isOnHost = true;
        }

        return Host;
    }

    /// <summary>Memory on the host to be filled; what was known before is forgotten.</summary>
    internal Memory<byte> MadeOnHost()
    {
        Release();
        Memory<byte> bytes = Room();
        _isOnHost = true;
        return bytes;
    }

    /// <summary>Frees the device; the bytes go to the host first.</summary>
    internal void Spill()
    {
        if (_buffer is not null)
        {
            OnHost();
            _buffer.Dispose();
            _buffer = null;
        }
    }

    /// <summary>Frees the device: nobody there reads it any more.</summary>
    internal void LeaveDevice()
    {
        _buffer?.Dispose();
        _buffer = null;
        _spilled = default;
    }

    /// <summary>Forgets the value, wherever it lies.</summary>
    internal void Release()
    {
        LeaveDevice();
        _isOnHost = false;
    }

    private ReadOnlyMemory<byte> Host => _bound.IsEmpty ? _spilled : _bound;

    // The bound memory is the executor's to be filled; without any, memory of its own.
    private Memory<byte> Room()
    {
        if (_bound.IsEmpty)
        {
            _spilled = new byte[type.Bytes];
        }

        return MemoryMarshal.AsMemory(Host);
    }
}
