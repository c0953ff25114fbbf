using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>What kernels derive from parameters, kept as long as the parameter lives: packed once, not at every run.</summary>
internal sealed unsafe class PackedWeights
{
    private const int Alignment = 64;

    private readonly ConditionalWeakTable<Tensor, Dictionary<object, float[]>> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Bytes held for the parameters that are alive.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _entries.Sum(entry => entry.Value.Values.Sum(floats => floats.LongLength * sizeof(float)));
            }
        }
    }

    /// <summary>What was made from the parameter under the key, made now if it was not. The memory is pinned.</summary>
    /// <param name="parameter">Its identity is part of the key. What was made from it goes when it goes.</param>
    /// <param name="key">Everything else that the packing depends on, equal by value.</param>
    /// <param name="count">Number of floats.</param>
    /// <param name="pack">Fills them.</param>
    internal float* Get(Tensor parameter, object key, long count, Action<nint> pack)
    {
        lock (_gate)
        {
            Dictionary<object, float[]> forms = _entries.GetOrCreateValue(parameter);
            if (!forms.TryGetValue(key, out float[]? floats))
            {
                floats = GC.AllocateUninitializedArray<float>(Scratch.Length(count + (Alignment / sizeof(float))), pinned: true);
                pack(Aligned(floats));
                forms.Add(key, floats);
            }

            return (float*)Aligned(floats);
        }
    }

    private static nint Aligned(float[] floats)
        => ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(floats)) + Alignment - 1) & ~(nint)(Alignment - 1);
}
