using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.IO;
using System.Threading;

using Microsoft.Win32.SafeHandles;

namespace VerifiableCompute.Engine.Kernels.Tracing;

/// <summary>A new file that a thread of its own writes, and brings to disk, while whoever fills it goes on. It holds some MiB that are not written yet,
/// however long the file; when these are full, filling waits for the disk.</summary>
internal sealed class BackgroundFile : IDisposable
{
    private const int ChunkBytes = 1 << 20;
    private const int Chunks = 8;

    // What is written is brought to disk as often, so that little is left when the file ends.
    private const long FlushBytes = 4L << 20;

    private readonly SafeFileHandle _file;
    private readonly Thread _writer;
    private readonly SemaphoreSlim _free = new(Chunks);
    private readonly BlockingCollection<(long Start, byte[] Chunk, int Count)> _full = [];
    private byte[]? _chunk;
    private long _start;
    private int _count;
    private volatile Exception? _failure;
    private bool _ended;

    /// <summary>Makes the file. The space is taken at once where the file system can.</summary>
    /// <param name="path">Its name; a file of that name is replaced.</param>
    /// <param name="length">Bytes for which space is taken; 0: none.</param>
    internal BackgroundFile(string path, long length)
    {
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, length);
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "trace" };
        _writer.Start();
    }

    /// <summary>Takes bytes; quick where they follow those before.</summary>
    /// <exception cref="IOException">Something taken before could not be written.</exception>
    internal void Write(long start, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_chunk is not null && (_count == ChunkBytes || start != _start + _count))
            {
                HandOver();
            }

            if (_chunk is null)
            {
                _free.Wait();
                _chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                (_start, _count) = (start, 0);
            }

            int taken = Math.Min(bytes.Length, ChunkBytes - _count);
            bytes[..taken].CopyTo(_chunk.AsSpan(_count));
            _count += taken;
            start += taken;
            bytes = bytes[taken..];
        }

        if (_failure is Exception failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    /// <summary>Everything taken is on disk when it returns, the file's first bytes last; then the file is closed.</summary>
    /// <exception cref="IOException">Something could not be written.</exception>
    internal void End(ReadOnlySpan<byte> head)
    {
        Stop();
        if (_failure is Exception failure)
        {
            throw new IOException(failure.Message, failure);
        }

        RandomAccess.Write(_file, head, 0);
        RandomAccess.FlushToDisk(_file);
        _file.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _file.Dispose();
        _full.Dispose();
        _free.Dispose();
    }

    private void Stop()
    {
        if (!_ended)
        {
            _ended = true;
            HandOver();
            _full.CompleteAdding();
            _writer.Join();
        }
    }

    private void HandOver()
    {
        if (_chunk is not null)
        {
            _full.Add((_start, _chunk, _count));
            _chunk = null;
        }
    }

    private void WriteAll()
    {
        long dirty = 0;
        foreach ((long start, byte[] chunk, int count) in _full.GetConsumingEnumerable())
        {
            try
            {
                if (_failure is null)
                {
                    RandomAccess.Write(_file, chunk.AsSpan(0, count), start);
                    dirty += count;
                    if (dirty >= FlushBytes)
                    {
                        RandomAccess.FlushToDisk(_file);
                        dirty = 0;
                    }
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                _failure = failure;
            }

            ArrayPool<byte>.Shared.Return(chunk);
            _free.Release();
        }
    }
}
