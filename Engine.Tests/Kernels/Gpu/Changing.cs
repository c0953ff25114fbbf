using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Elementwise;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A device that lies: of itself, in one bit of so many bytes that are read from it, or in one bit of what a chain makes.</summary>
/// <param name="inner">Who computes; this one's from now on.</param>
/// <param name="describe">What it says in place of the truth.</param>
/// <param name="flipEach">One bit is wrong in so many bytes; 0: none is.</param>
/// <param name="wrongChain">The launch that runs a chain of elementwise operations, counted from 1, after which a bit of its first output is wrong; 0:
/// none.</param>
internal sealed class Changing(
    IGpuDevice inner, Func<GpuDescription, GpuDescription>? describe = null, long flipEach = 0, int wrongChain = 0) : IGpuDevice
{
    private long _read;
    private int _chains;

    public GpuDescription Description => describe is null ? inner.Description : describe(inner.Description);

    public long HeldBytes => inner.HeldBytes;

    /// <summary>Bits that were flipped so far.</summary>
    public long Flipped { get; private set; }

    public GpuBuffer Allocate(long bytes) => inner.Allocate(bytes);

    public void Write(GpuBuffer buffer, long offset, ReadOnlySpan<byte> bytes) => inner.Write(buffer, offset, bytes);

    public void Read(GpuBuffer buffer, long offset, Span<byte> bytes)
    {
        inner.Read(buffer, offset, bytes);
        if (flipEach > 0 && _read / flipEach != (_read + bytes.Length) / flipEach)
        {
            bytes[(int)((((_read / flipEach) + 1) * flipEach) - _read - 1)] ^= 1;
            Flipped++;
        }

        _read += bytes.Length;
    }

    public void Copy(GpuBuffer from, long fromOffset, GpuBuffer to, long toOffset, long bytes) => inner.Copy(from, fromOffset, to, toOffset, bytes);

    public GpuKernel Kernel(string text, string entry) => inner.Kernel(text, entry);

    public void Launch(GpuKernel kernel, GpuGrid groups, ReadOnlySpan<GpuArgument> arguments)
    {
        inner.Launch(kernel, groups, arguments);
        bool isChain = kernel.Name == "Elementwise.chain" || kernel.Name.Contains("Chain.", StringComparison.Ordinal);
        if (isChain && ++_chains == wrongChain)
        {
            GpuBuffer output = arguments[^Chain.MostOutputs].Buffer!;
            byte[] one = new byte[1];
            inner.Read(output, 0, one);
            one[0] ^= 1;
            inner.Write(output, 0, one);
            Flipped++;
        }
    }

    public void Finish(CancellationToken cancellation = default) => inner.Finish(cancellation);

    public void Dispose() => inner.Dispose();
}
