using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>Arrays that kernels keep and read by address. They stay where they are as long as somebody holds them.</summary>
internal static unsafe class Pinned
{
    /// <summary>Fills an array by address.</summary>
    internal delegate void Filler(long* to);

    /// <summary>An array that is filled by address.</summary>
    internal static long[] Longs(long count, Filler fill)
    {
        long[] array = GC.AllocateUninitializedArray<long>((int)count, pinned: true);
        fill(Address(array));
        return array;
    }

    /// <summary>Address of the first element.</summary>
    internal static T* Address<T>(T[] array)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
}
