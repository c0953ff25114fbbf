using System;
using System.Collections.Generic;

namespace VerifiableCompute.Engine.Proving;

/// <summary>A trace in memory: for small runs and tests.</summary>
public sealed class MemoryTraceStore : ITraceStore
{
    private readonly Dictionary<(int Node, int Slot), byte[]> _values = [];

    /// <inheritdoc/>
    public void Write(int node, int slot, ReadOnlySpan<byte> bytes) => _values[(node, slot)] = bytes.ToArray();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(int node, int slot) => _values.GetValueOrDefault((node, slot));
}
