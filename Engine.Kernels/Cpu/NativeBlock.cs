using System;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Memory outside the managed heap, its contents open, freed when nothing refers to it. Large blocks begin on a huge page and ask the system
/// for such pages, which spare products 2 to 3 % of their time.</summary>
internal sealed unsafe partial class NativeBlock : SafeHandle
{
    private const nuint Line = 64;
    private const nuint HugePage = 1 << 21;
    private const int WantHugePages = 14;

    /// <summary>A block.</summary>
    /// <exception cref="OutOfMemoryException">There is not so much memory.</exception>
    internal NativeBlock(long bytes)
        : base(0, ownsHandle: true)
    {
        Bytes = bytes;
        nuint size = (nuint)bytes;
        bool isLarge = size >= HugePage;
        SetHandle((nint)NativeMemory.AlignedAlloc(Math.Max(size, 1), isLarge ? HugePage : Line));
        if (isLarge && OperatingSystem.IsLinux())
        {
            // Whole pages only: the end of the block takes no more than it needs. Refused, it is a block of small pages.
            _ = MAdvise((void*)handle, size & ~(HugePage - 1), WantHugePages);
        }

        GC.AddMemoryPressure(Math.Max(1, bytes));
    }

    /// <summary>Its size.</summary>
    internal long Bytes { get; }

    /// <summary>Its first byte, on a cache line.</summary>
    internal nint Address => handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure(Math.Max(1, Bytes));
        return true;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
