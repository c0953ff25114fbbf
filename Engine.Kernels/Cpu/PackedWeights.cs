using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>What kernels derive from parameters, kept as long as the parameter lives: packed once, not at every run.</summary>
internal sealed unsafe class PackedWeights
{
    private readonly ConditionalWeakTable<Tensor, Dictionary<object, float[]>> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Bytes packed since the backend was made.</summary>
    internal long Bytes { get; private set; }

    /// <summary>What was made from the parameter under the key, made now if it was not. The memory is pinned.</summary>
    /// <param name="parameter">Its identity is part of the key.</param>
    /// <param name="key">Form and parts of the packing, equal by value.</param>
    /// <param name="count">Number of floats.</param>
    /// <param name="pack">Fills them.</param>
    internal float* Get(Tensor parameter, object key, long count, Action<nint> pack)
    {
        lock (_gate)
        {
            Dictionary<object, float[]> forms = _entries.GetOrCreateValue(parameter);
            if (!forms.TryGetValue(key, out float[]? floats))
            {
                floats = GC.AllocateUninitializedArray<float>(checked((int)count + 16), pinned: true);
                pack(Aligned(floats));
                forms.Add(key, floats);
                Bytes += count * sizeof(float);
            }

            return (float*)Aligned(floats);
        }
    }

    private static nint Aligned(float[] floats)
        => ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(floats)) + 63) & ~(nint)63;
}
