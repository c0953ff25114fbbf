using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>Blocks of an operand's elements in row-major order: where they lie if they lie together, otherwise gathered through the map
/// (a stride of 0 repeats one element). f16 and bf16 are widened to f32.</summary>
internal sealed unsafe class Blocks
{
    /// <summary>Elements of a block in elementwise loops.</summary>
    internal const int Elements = 1024;

    private readonly void* _source;
    private readonly long _offset;
    private readonly (long Extent, long Stride)[] _axes;

    internal Blocks(KernelRun run, Operand operand)
    {
        Type = operand.Type.DType;
        _source = run.Source(operand);
        _offset = operand.Map.Offset;
        _axes = run.Axes(operand);
    }

    /// <summary>Element type as stored.</summary>
    internal DType Type { get; }

    /// <summary>The elements as stored.</summary>
    /// <param name="start">First element.</param>
    /// <param name="count">Number; the room holds as many.</param>
    /// <param name="room">Where they go if they must be gathered.</param>
    internal T* Stored<T>(long start, int count, T* room)
        where T : unmanaged
    {
        ViewReader<T> reader = new((T*)_source, _offset, _axes);
        T* direct = reader.Direct(start, count);
        if (direct != null)
        {
            return direct;
        }

        reader.Copy(start, count, room);
        return room;
    }

    /// <summary>The elements as f32.</summary>
    internal float* Singles(long start, int count, float* room)
    {
        if (Type == DType.F32)
        {
            return Stored(start, count, room);
        }

        // The upper half of the room holds the stored elements until they are widened, lowest first.
        return Singles(Type, Stored(start, count, (ushort*)room + count), count, room);
    }

    /// <summary>f32, f16 or bf16 as f32: where they lie, or widened.</summary>
    internal static float* Singles(DType type, void* from, int count, float* room)
    {
        if (type == DType.F32)
        {
            return (float*)from;
        }

        Narrow.Widen(type, (ushort*)from, room, count);
        return room;
    }

    /// <summary>Stores f32 results in an output of type f32, f16 or bf16.</summary>
    internal static void Store(DType type, float* from, int count, void* to, long start)
    {
        switch (type)
        {
            case DType.F32:
                new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>((float*)to + start, count));
                break;
            default:
                Narrow.Round(type, from, (ushort*)to + start, count);
                break;
        }
    }
}
