using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

/// <summary>Parameters on the device: written once, used by every program of the backend, gone with their tensors, or when the room is needed.</summary>
/// <param name="device">The device.</param>
internal sealed class GpuParameters(IGpuDevice device) : IDisposable
{
    private readonly ConditionalWeakTable<Tensor, GpuBuffer> _buffers = [];

    /// <summary>The buffer of a parameter.</summary>
    /// <exception cref="GpuMemoryException">The device has no room for it.</exception>
    internal GpuBuffer Of(Tensor parameter)
    {
        if (!_buffers.TryGetValue(parameter, out GpuBuffer? buffer))
        {
            buffer = device.Filled(parameter.Bytes.Span);
            FileMemory.Drop(parameter.Bytes);
            _buffers.Add(parameter, buffer);
        }

        return buffer;
    }

    /// <summary>Frees all but the given ones.</summary>
    internal void Evict(IEnumerable<Tensor> kept)
    {
        HashSet<Tensor> stay = [.. kept];
        foreach ((Tensor parameter, GpuBuffer buffer) in _buffers.Where(entry => !stay.Contains(entry.Key)).ToArray())
        {
            _buffers.Remove(parameter);
            buffer.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Evict([]);
}
