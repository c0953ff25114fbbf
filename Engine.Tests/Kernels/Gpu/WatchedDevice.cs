using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device whose memory Oclgrind can follow. To Oclgrind 21.10 the bytes that a host command writes are all that a buffer has, from its beginning,
/// whatever was there and wherever they go; and it still knows of memory that was given back, of which new buffers are made
/// (<c>Uninitialized::hostMemoryStore</c>, <c>ShadowMemory::allocate</c>). So here no memory is used again, the host writes whole buffers, and a kernel
/// does what else is copied.</summary>
/// <param name="inner">The device; this one's from now on.</param>
internal sealed class WatchedDevice(IGpuDevice inner) : IGpuDevice
{
    private readonly List<GpuBuffer> _used = [];

    public GpuDescription Description => inner.Description;

    public long HeldBytes { get; private set; }

    public GpuBuffer Allocate(long bytes)
    {
        GpuBuffer memory = inner.Allocate(bytes);
        _used.Add(memory);
        return new Fresh(this, memory);
    }

    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset == 0 && bytes.Length == buffer.Bytes)
        {
            inner.Write(Of(buffer), 0, bytes);
            return;
        }

        using GpuBuffer whole = this.Filled(bytes);
        Copy(whole, 0, buffer, offset, bytes.Length);
    }

    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes) => inner.Read(Of(buffer), offset, bytes);

    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes)
    {
        long size = (fromOffset | toOffset | bytes) % sizeof(ulong) == 0 ? sizeof(ulong) : 1;
        int count = checked((int)(bytes / size));
        Launch(
            Kernel("Copy", $"copy{8 * size}"),
            new GpuGrid((count + 255) / 256),
            [from, fromOffset / size, to, toOffset / size, count, 1, 1, 1, 1, 1, 1, count, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L]);
    }

    public GpuKernel Kernel(string text, string entry) => inner.Kernel(text, entry);

    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        GpuArgument[] own = arguments.ToArray();
        for (int i = 0; i < own.Length; i++)
        {
            if (own[i].Buffer is GpuBuffer buffer)
            {
                own[i] = Of(buffer);
            }
        }

        inner.Launch(kernel, groups, own);
    }

    public void Finish(CancellationToken cancellation = default) => inner.Finish(cancellation);

    public void Dispose()
    {
        _used.ForEach(memory => memory.Dispose());
        inner.Dispose();
    }

    private static GpuBuffer Of(GpuBuffer buffer) => ((Fresh)buffer).Memory;

    /// <summary>Memory that is nobody else's, before or after.</summary>
    private sealed class Fresh : GpuBuffer
    {
        private readonly WatchedDevice _owner;
        private GpuBuffer? _memory;

        internal Fresh(WatchedDevice owner, GpuBuffer memory)
            : base(memory.Bytes)
        {
            _owner = owner;
            _memory = memory;
            owner.HeldBytes += Bytes;
        }

        internal GpuBuffer Memory => _memory ?? throw new ObjectDisposedException(nameof(Fresh));

        public override void Dispose()
        {
            if (_memory is not null)
            {
                _memory = null;
                _owner.HeldBytes -= Bytes;
            }
        }
    }
}
