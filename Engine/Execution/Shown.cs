using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Execution;

/// <summary>A value that a run shows to a visitor. It is in memory, or on a device, from which what is asked for is fetched.</summary>
public readonly ref struct Shown
{
    private readonly Tensor? _tensor;
    private readonly DeviceValues? _device;

    internal Shown(ValueRef value, Tensor tensor)
    {
        Value = value;
        Type = tensor.Type;
        _tensor = tensor;
    }

    internal Shown(ValueRef value, TensorType type, DeviceValues device)
    {
        Value = value;
        Type = type;
        _device = device;
    }

    /// <summary>Which value it is.</summary>
    public ValueRef Value { get; }

    /// <summary>Its element type and shape.</summary>
    public TensorType Type { get; }

    /// <summary>The whole value, valid during the visitor's call only.</summary>
    /// <exception cref="BackendException">The device failed.</exception>
    public Tensor ToTensor() => _tensor ?? _device!.Read(Value, Type);

    /// <summary>Copies some of its bytes.</summary>
    /// <param name="start">Which byte is the first.</param>
    /// <param name="bytes">Filled.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many bytes.</exception>
    /// <exception cref="BackendException">The device failed.</exception>
    public void Read(long start, Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Type.Bytes - bytes.Length);
        if (_tensor is null)
        {
            _device!.Program.Read(Value, start, bytes);
        }
        else
        {
            _tensor.Bytes.Span.Slice((int)start, bytes.Length).CopyTo(bytes);
        }
    }

    /// <summary>Lets the device that has the value hash it, so that 32 bytes of it cross the bus.</summary>
    /// <param name="suite">The hash function.</param>
    /// <param name="known">Called with <see cref="MerkleTree.TreeHash"/> when it is known: before the run returns, or never where it fails.</param>
    /// <returns>False where the value is in memory: whoever wants the hash makes it of the bytes.</returns>
    /// <exception cref="BackendException">The device failed.</exception>
    public bool TryHash(Suite suite, Action<ValueRef, Digest> known)
    {
        _device?.BeginHash(Value, suite, known);
        return _device is not null;
    }
}
