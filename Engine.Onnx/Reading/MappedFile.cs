using System;
using System.Buffers;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>A file in the address space, read-only and as long as it was when it was opened. Nothing is read before it is touched. It is unmapped
/// when nothing refers to it or to a slice of it. What others write to the file appears in it, and touching what they cut off ends the process: so a
/// mapped file must stay as it is.</summary>
internal sealed unsafe partial class MappedFile
{
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly byte* _start;

    private MappedFile(SafeMemoryMappedViewHandle view, long length)
    {
        _view = view;
        Length = length;

        // The address holds until the handle, which nobody disposes of, is finalised.
        _view.AcquirePointer(ref _start);
        _view.ReleasePointer();
    }

    /// <summary>Bytes of the file.</summary>
    internal long Length { get; }

    /// <summary>Maps a file that is not empty.</summary>
    /// <exception cref="IOException">It cannot be opened or mapped.</exception>
    internal static MappedFile Open(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        long length = RandomAccess.GetLength(handle);
        using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(
            handle, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new MappedFile(file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle, length);
    }

    /// <summary>Bytes from an offset on.</summary>
    /// <exception cref="EndOfStreamException">The file is shorter.</exception>
    internal ReadOnlyMemory<byte> Slice(long offset, int length) => offset >= 0 && length >= 0 && length <= Length - offset
        ? new Part(this, _start + offset, length).Memory
        : throw new EndOfStreamException($"bytes {offset} to {offset + length} lie outside the {Length} of the file");

    // Holds the file for as long as anyone holds the part.
    private sealed partial class Part(MappedFile file, byte* start, int length) : FileMemory
    {
        private const int DontNeed = 4;

        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
            return new MemoryHandle(start + elementIndex, default, this);
        }

        public override void Unpin()
        {
        }

        // Whole pages, those that the ends lie in too: they are read again if need be.
        protected override void Drop(int from, int count)
        {
            if (OperatingSystem.IsLinux())
            {
                nuint page = (nuint)(start + from) & ~(nuint)(Environment.SystemPageSize - 1);
                _ = MAdvise((void*)page, (nuint)(start + from + count) - page, DontNeed);
            }

            GC.KeepAlive(file);
        }

        protected override void Dispose(bool disposing)
        {
        }

        [LibraryImport("libc", EntryPoint = "madvise")]
        private static partial int MAdvise(void* address, nuint length, int advice);
    }
}
