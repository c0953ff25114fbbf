using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device that remembers which kernels ran on it, and says that it has as many multiprocessors as a test wants.</summary>
internal sealed class Watched(IGpuDevice device) : IGpuDevice
{
    /// <summary>What it says it has.</summary>
    public int Units { get; set; } = device.Description.Units;

    /// <summary>Names of the kernels that ran, each text and entry.</summary>
    public HashSet<string> Ran { get; } = [];

    public GpuDescription Description => device.Description with { Units = Units };

    public long HeldBytes => device.HeldBytes;

    public GpuBuffer Allocate(long bytes) => device.Allocate(bytes);

    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes) => device.Write(buffer, offset, bytes);

    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes) => device.Read(buffer, offset, bytes);

    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes) => device.Copy(from, fromOffset, to, toOffset, bytes);

    public GpuKernel Kernel(string text, string entry) => device.Kernel(text, entry);

    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        Ran.Add(kernel.Name);
        device.Launch(kernel, groups, arguments);
    }

    public void Finish(CancellationToken cancellation = default) => device.Finish(cancellation);

    public void Dispose() => device.Dispose();
}
