using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>Runs lines of PTX written in a test.</summary>
internal static class PtxScratch
{
    /// <summary>A kernel k over buffers %in and %out (u64 registers),
    /// with %i the number of the thread in all (u32) and %at its 8 bytes' offset (u64).</summary>
    /// <param name="body">Its instructions, without the last ret.</param>
    /// <param name="group">Threads of a group.</param>
    /// <param name="outside">What stands before the kernel.</param>
    public static string Kernel(string body, int group = 32, string outside = "") => $$"""
        {{outside}}
        .visible .entry k(
        	.param .u64 k_param_0,
        	.param .u64 k_param_1
        )
        .maxntid {{group}}, 1, 1
        {
        	.reg .pred %p<8>;
        	.reg .b16 %h<8>;
        	.reg .b32 %r<32>, %f<8>, %i;
        	.reg .b64 %rd<16>, %d<8>, %in, %out, %at;
        	ld.param.u64 %in, [k_param_0];
        	ld.param.u64 %out, [k_param_1];
        	mov.u32 %r0, %ctaid.x;
        	mov.u32 %r1, %ntid.x;
        	mov.u32 %r2, %tid.x;
        	mad.lo.u32 %i, %r0, %r1, %r2;
        	mul.wide.u32 %at, %i, 8;
        {{body}}
        	ret;
        }
        """;

    /// <summary>Runs a kernel of <see cref="Kernel"/>.</summary>
    /// <param name="kernel">Its text.</param>
    /// <param name="input">Words of the first buffer.</param>
    /// <param name="results">Words of the second.</param>
    /// <param name="groups">Groups.</param>
    public static ulong[] Run(string kernel, ReadOnlySpan<ulong> input, int results, int groups = 1)
    {
        using InterpretedDevice device = new(_ => kernel, mostSteps: 1 << 24);
        using GpuBuffer from = device.Allocate(8L * input.Length);
        using GpuBuffer to = device.Allocate(8L * results);
        device.Write(from, 0, MemoryMarshal.AsBytes(input));
        device.Launch(device.Kernel("scratch", "k"), new GpuGrid(groups), [from, to]);
        ulong[] words = new ulong[results];
        device.Read(to, 0, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }
}
