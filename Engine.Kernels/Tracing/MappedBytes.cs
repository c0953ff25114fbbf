using System;
using System.Buffers;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace VerifiableCompute.Engine.Kernels.Tracing;

/// <summary>An existing file as memory, to be read.</summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private bool _disposed;

    private MappedBytes(MemoryMappedFile file, long length)
    {
        _file = file;
        Length = length;
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    // The view's own finalizer leaves it mapped while its pointer is held.
    ~MappedBytes() => _view?.SafeMemoryMappedViewHandle.ReleasePointer();

    /// <summary>Bytes of the file.</summary>
    internal long Length { get; }

    /// <summary>An existing file, to be read.</summary>
    internal static MappedBytes Open(string path)
    {
        long length = new FileInfo(path).Length;
        return length == 0
            ? throw new InvalidDataException($"'{path}' is empty")
            : new(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), length);
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
            GC.SuppressFinalize(this);
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
