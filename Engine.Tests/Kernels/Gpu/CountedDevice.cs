using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device that counts what it gives to the host and remembers which kernels ran, that may have no room for buffers of a size, and says that it has
/// the name and as many multiprocessors as a test wants.</summary>
/// <param name="inner">The device; this one's from now on.</param>
internal sealed class CountedDevice(IGpuDevice inner) : IGpuDevice
{
    public GpuDescription Description => inner.Description with { Units = Units, Name = Name };

    public int Units { get; set; } = inner.Description.Units;

    public string Name { get; set; } = inner.Description.Name;

    /// <summary>Names of kernels, each text and entry.</summary>
    public HashSet<string> Ran { get; } = [];

    public long HeldBytes => inner.HeldBytes;

    public long BytesRead { get; set; }

    public Func<long, bool> Refuses { get; set; } = _ => false;

    public GpuBuffer Allocate(long bytes) => Refuses(bytes) ? throw new GpuMemoryException("refused") : inner.Allocate(bytes);

    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes) => inner.Write(buffer, offset, bytes);

    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes)
    {
        inner.Read(buffer, offset, bytes);
        BytesRead += bytes.Length;
    }

    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes) => inner.Copy(from, fromOffset, to, toOffset, bytes);

    public GpuKernel Kernel(string text, string entry) => inner.Kernel(text, entry);

    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        Ran.Add(kernel.Name);
        inner.Launch(kernel, groups, arguments);
    }

    public void Finish(CancellationToken cancellation = default) => inner.Finish(cancellation);

    public void Dispose() => inner.Dispose();
}
