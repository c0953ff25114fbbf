using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Backends;

/// <summary>A program whose values may lie on a device, where the host has no memory for them: even visible ones may be hidden
/// (<see cref="Stage.Hidden"/>). Of such a value no more crosses the bus than somebody asks for, which is possible until the next stage runs.</summary>
public interface IDeviceProgram : IProgram
{
    /// <summary>Copies bytes of a visible value that is hidden.</summary>
    /// <param name="value">An output of the stage that ran last.</param>
    /// <param name="start">Which byte is the first.</param>
    /// <param name="bytes">Filled.</param>
    /// <exception cref="BackendException">The device failed.</exception>
    void Read(ValueRef value, long start, Span<byte> bytes);

    /// <summary>Begins to hash such a value on the device; it need not wait.</summary>
    /// <param name="value">An output of the stage that ran last.</param>
    /// <param name="suite">The hash function.</param>
    /// <exception cref="BackendException">The device failed.</exception>
    void BeginHash(ValueRef value, Suite suite);

    /// <summary>Waits for every <see cref="MerkleTree.TreeHash"/> that was begun in this run.</summary>
    /// <param name="hashes">Filled in the order in which they were begun.</param>
    /// <exception cref="BackendException">The device failed.</exception>
    void FinishHashes(Span<Digest> hashes);
}
