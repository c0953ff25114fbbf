using System;
using System.Collections.Generic;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Execution;

/// <summary>Values of a program on a device, as visitors ask for them.</summary>
/// <param name="program">The program.</param>
internal sealed class DeviceValues(IDeviceProgram program)
{
    private readonly List<(ValueRef Value, Action<ValueRef, Digest> Known)> _begun = [];
    private byte[] _bytes = [];

    /// <summary>The program.</summary>
    internal IDeviceProgram Program => program;

    /// <summary>A value's bytes, in memory that the next one is read into.</summary>
    internal Tensor Read(ValueRef value, TensorType type)
    {
        int bytes = (int)type.Bytes;
        _bytes = bytes <= _bytes.Length ? _bytes : GC.AllocateUninitializedArray<byte>(bytes);
        program.Read(value, 0, _bytes.AsSpan(0, bytes));
        return new Tensor(type, _bytes.AsMemory(0, bytes));
    }

    /// <summary>Begins to hash a value.</summary>
    internal void BeginHash(ValueRef value, Suite suite, Action<ValueRef, Digest> known)
    {
        program.BeginHash(value, suite);
        _begun.Add((value, known));
    }

    /// <summary>Tells the hashes that were begun.</summary>
    internal void FinishHashes()
    {
        if (_begun.Count == 0)
        {
            return;
        }

        Digest[] hashes = new Digest[_begun.Count];
        program.FinishHashes(hashes);
        for (int i = 0; i < hashes.Length; i++)
        {
            _begun[i].Known(_begun[i].Value, hashes[i]);
        }
    }

    /// <summary>The run is over.</summary>
    internal void End() => _begun.Clear();
}
