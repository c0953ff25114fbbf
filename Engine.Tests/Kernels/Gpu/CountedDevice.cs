using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device that counts what it gives to the host and remembers which kernels ran, that may have no room for buffers of a size or when they are
/// written, and says that it has the name, as many multiprocessors, or such a capability, as a test wants.</summary>
/// <param name="inner">The device; this one's from now on.</param>
internal sealed class CountedDevice(IGpuDevice inner) : IGpuDevice
{
    public GpuDescription Description => inner.Description with { Name = Name, Units = Units, Capability = Capability, LargestBuffer = LargestBuffer };

    public string Name { get; set; } = inner.Description.Name;

    public int Units { get; set; } = inner.Description.Units;

    public long LargestBuffer { get; set; } = inner.Description.LargestBuffer;

    public int Capability { get; set; } = inner.Description.Capability;

    /// <summary>Names of kernels, each text and entry.</summary>
    public HashSet<string> Ran { get; } = [];

    /// <summary>Names of kernels, each time that one was launched.</summary>
    public List<string> Launches { get; } = [];

    /// <summary>The most bytes that were alive at once.</summary>
    public long MostBytes { get; set; }

    public long HeldBytes => inner.HeldBytes;

    public long BytesRead { get; set; }

    public Func<long, bool> Refuses { get; set; } = _ => false;

    public GpuBuffer Allocate(long bytes)
    {
        GpuBuffer buffer = Refuses(bytes) ? throw new GpuMemoryException("refused") : inner.Allocate(bytes);
        MostBytes = Math.Max(MostBytes, inner.HeldBytes);
        return buffer;
    }

    public bool RefusesWrites { get; set; }

    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes)
    {
        if (RefusesWrites)
        {
            throw new GpuMemoryException("refused");
        }

        inner.Write(buffer, offset, bytes);
    }

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
        Launches.Add(kernel.Name);
        inner.Launch(kernel, groups, arguments);
    }

    public void Finish(CancellationToken cancellation = default) => inner.Finish(cancellation);

    public void Dispose() => inner.Dispose();
}
