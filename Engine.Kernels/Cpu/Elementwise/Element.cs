using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>An operand of a <see cref="Group"/> from outside: blocks of its elements in row-major order, where they lie if they lie together, otherwise
/// gathered through the map.</summary>
internal sealed unsafe class Element
{
    private readonly int _entry;
    private readonly AffineView _map;
    private readonly float[]? _values;
    private readonly (long Extent, long Stride)[] _axes;
    private readonly bool _direct;
    private readonly long _offsetBytes;

    /// <summary>An operand.</summary>
    /// <param name="entry">Where its source's address stands.</param>
    /// <param name="size">Bytes of an element.</param>
    /// <param name="map">From the index space to the source.</param>
    /// <param name="values">The source itself, in place of an entry; pinned.</param>
    internal Element(int entry, int size, AffineView map, float[]? values = null)
    {
        _entry = entry;
        _map = map;
        _values = values;
        Size = size;
        _axes = [.. AffineCopy.Merge(map)];
        _direct = map.IsContiguous;
        _offsetBytes = map.Offset * size;
        IsOne = !_direct && _axes.All(axis => axis.Stride == 0);
        long period = _axes.Skip(1).Aggregate(1L, (product, axis) => product * axis.Extent);
        Period = !IsOne && _axes.Length > 1 && _axes[0].Stride == 0 && period <= Blocks.Elements ? (int)period : 1;
        IsOne |= map.Shape.Elements == 1;
    }

    /// <summary>Bytes of an element.</summary>
    internal int Size { get; }

    /// <summary>All elements are one and the same.</summary>
    internal bool IsOne { get; }

    /// <summary>After how many elements they come again, where that is within a block; otherwise 1.</summary>
    internal int Period { get; }

    internal bool Equals(Element other)
        => other._entry == _entry && _entry >= 0 && other.Size == Size && other._map.Equals(_map);

    /// <summary>Repeats the one element.</summary>
    internal void Fill(byte* from, byte* to, int count)
    {
        switch (Size)
        {
            case 1:
                new Span<byte>(to, count).Fill(*from);
                break;
            case 2:
                new Span<ushort>(to, count).Fill(*(ushort*)from);
                break;
            case 4:
                new Span<uint>(to, count).Fill(*(uint*)from);
                break;
            default:
                new Span<ulong>(to, count).Fill(*(ulong*)from);
                break;
        }
    }

    /// <summary>Address of a block.</summary>
    /// <param name="source">The source's first element that the map names.</param>
    /// <param name="start">First element.</param>
    /// <param name="count">Number of elements; none beyond a multiple of the period.</param>
    /// <param name="room">Where they go if they are gathered.</param>
    /// <param name="held">What of a period the room holds: first element and count, or −1.</param>
    internal byte* At(byte* source, long start, int count, byte* room, ref long held)
    {
        if (_direct)
        {
            return source + (start * Size);
        }

        if (Period > 1)
        {
            long phase = start % Period;
            long holds = (phase << 32) | (uint)count;
            if (held >= 0 && held >> 32 == phase && (uint)held >= (uint)count)
            {
                return room;
            }

            held = holds;
        }

        return Size switch
        {
            1 => Gather(source, start, count, room),
            2 => (byte*)Gather((ushort*)source, start, count, (ushort*)room),
            4 => (byte*)Gather((uint*)source, start, count, (uint*)room),
            _ => (byte*)Gather((ulong*)source, start, count, (ulong*)room),
        };
    }

    /// <summary>Address of the source's first element that the map names.</summary>
    internal byte* Source(nint[] addresses, int ownEntry, nint own)
    {
        nint address = _values is null ? (_entry == ownEntry ? own : addresses[_entry])
            : (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_values));
        return (byte*)address + _offsetBytes;
    }

    private T* Gather<T>(T* source, long start, int count, T* room)
        where T : unmanaged
    {
        ViewReader<T> reader = new(source, 0, _axes);
        T* direct = Period > 1 ? null : reader.Direct(start, count);
        if (direct != null)
        {
            return direct;
        }

        reader.Copy(start, count, room);
        return room;
    }
}
