using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

using VerifiableCompute.Engine.Kernels.Tracing;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>What kernels derive from parameters, kept as long as the parameter lives: packed once, not at every run. A parameter that lies in a file
/// gives its memory back once it is packed, so that weights are held once and not twice.</summary>
/// <param name="cache">Where packed weights are kept for other processes; null: nowhere. A file that cannot be read or written is done without: the
/// form is packed in memory, and the run goes on.</param>
internal sealed unsafe class PackedWeights(PackCache? cache = null)
{
    private readonly ConditionalWeakTable<Tensor, Dictionary<object, Form>> _entries = [];
    private readonly object _itself = new();
    private readonly Lock _gate = new();

    /// <summary>Bytes held for the parameters that are alive, and of the constants among them.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _entries.Sum(entry => entry.Value.Values.Sum(form => form.Bytes));
            }
        }
    }

    /// <summary>Counts the bytes of a parameter that was itself made from others, for as long as it lives.</summary>
    internal void Count(Tensor constant)
    {
        lock (_gate)
        {
            _entries.GetOrCreateValue(constant).TryAdd(_itself, new Form(0, constant.Type.Bytes, _itself));
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
            Dictionary<object, Form> forms = _entries.GetOrCreateValue(parameter);
            if (!forms.TryGetValue(key, out Form form))
            {
                form = Make(parameter, key, count * sizeof(float), pack);
                forms.Add(key, form);
                FileMemory.Drop(parameter.Bytes);
            }

            return (float*)form.Address;
        }
    }

    private Form Make(Tensor parameter, object key, long bytes, Action<nint> pack)
    {
        string? path = cache?.PathOf(parameter, key, bytes);
        if (path is not null && Find(path, bytes) is MappedBytes mapped)
        {
            using MemoryHandle start = PackCache.Content(mapped, bytes).Pin();
            return new Form((nint)start.Pointer, bytes, mapped);
        }

        NativeBlock block = new(bytes);
        pack(block.Address);
        if (path is not null)
        {
            Keep(path, block.Address, bytes);
        }

        return new Form(block.Address, bytes, block);
    }

    private MappedBytes? Find(string path, long bytes)
    {
        try
        {
            return cache!.Find(path, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Keep(string path, nint content, long bytes)
    {
        try
        {
            cache!.Keep(path, content, bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The form is in memory; other processes pack their own.
        }
    }

    // The owner of the memory lives as long as the form.
    private readonly record struct Form(nint Address, long Bytes, object Owner);
}
