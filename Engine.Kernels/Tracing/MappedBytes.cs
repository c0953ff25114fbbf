using System;
using System.Buffers;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace VerifiableCompute.Engine.Kernels.Tracing;

/// <summary>A file as memory.</summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private bool _disposed;

    private MappedBytes(MemoryMappedFile file, long length, MemoryMappedFileAccess access)
    {
        _file = file;
        Length = length;
        _view = file.CreateViewAccessor(0, length, access);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Bytes of the file.</summary>
    internal long Length { get; }

    /// <summary>A new file of a length, not 0. The space is taken at once where the file system can: a disk that is full later would end the
    /// process in the middle of a write to memory.</summary>
    internal static MappedBytes Create(string path, long length)
    {
        FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, PreallocationSize = length });
        MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(
            file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        return new MappedBytes(mapped, length, MemoryMappedFileAccess.ReadWrite);
    }

    /// <summary>An existing file, to be read.</summary>
    internal static MappedBytes Open(string path)
    {
        long length = new FileInfo(path).Length;
        return length == 0
            ? throw new InvalidDataException($"'{path}' is empty")
            : new(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), length, MemoryMappedFileAccess.Read);
    }

    /// <summary>A part of it; valid until it is disposed.</summary>
    internal Memory<byte> Slice(long start, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - count);
        return new Part(this, _start + start, count).Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    private sealed class Part(MappedBytes owner, byte* start, int count) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(owner._disposed, owner);
            return new Span<byte>(start, count);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
