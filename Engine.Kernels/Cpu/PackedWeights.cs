using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>What kernels derive from parameters, kept as long as the parameter lives: packed once, not at every run. A parameter that lies in a file
/// gives its memory back once it is packed, so that weights are held once and not twice.</summary>
internal sealed unsafe class PackedWeights
{
    private readonly ConditionalWeakTable<Tensor, Dictionary<object, NativeBlock>> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Bytes held for the parameters that are alive.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _entries.Sum(entry => entry.Value.Values.Sum(block => block.Bytes));
            }
        }
    }

    /// <summary>What was made from the parameter under the key, made now if it was not.</summary>
    /// <param name="parameter">Its identity is part of the key. What was made from it goes when it goes.</param>
    /// <param name="key">Everything else that the packing depends on, equal by value.</param>
    /// <param name="count">Number of floats.</param>
    /// <param name="pack">Fills them.</param>
    internal float* Get(Tensor parameter, object key, long count, Action<nint> pack)
    {
        lock (_gate)
        {
            Dictionary<object, NativeBlock> forms = _entries.GetOrCreateValue(parameter);
            if (!forms.TryGetValue(key, out NativeBlock? block))
            {
                block = new NativeBlock(count * sizeof(float));
                pack(block.Address);
                forms.Add(key, block);
                FileMemory.Drop(parameter.Bytes);
            }

            return (float*)block.Address;
        }
    }
}
