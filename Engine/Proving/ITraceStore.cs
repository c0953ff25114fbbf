using System;

namespace VerifiableCompute.Engine.Proving;

/// <summary>Where a prover keeps the committed values of a run, to open them later. One run writes each value once, from one thread.</summary>
public interface ITraceStore
{
    /// <summary>Keeps the bytes of a committed output.</summary>
    void Write(int node, int slot, ReadOnlySpan<byte> bytes);

    /// <summary>The bytes of a committed output; none where it is not kept.</summary>
    ReadOnlyMemory<byte> Read(int node, int slot);
}
