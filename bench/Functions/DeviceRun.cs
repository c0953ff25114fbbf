using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;

namespace VerifiableCompute.Bench.Functions;

/// <summary>All 2^32 results of the functions in kernel text (Texts/Functions.cl), on a device, against those of the CPU kernels.</summary>
internal static class DeviceRun
{
    private const int Chunk = 1 << 22;
    private const int Block = 1 << 12;

    /// <summary>Compares the named functions, or all.</summary>
    /// <returns>0 where every result is the same.</returns>
    internal static int Run(string[] names)
    {
        string[] all = [.. KnownFunctions.All.Select(row => row.Kernel["map_".Length..])];
        if (names.FirstOrDefault(name => !all.Contains(name)) is string unknown)
        {
            Console.Error.WriteLine($"no kernel text has {unknown}; they are {string.Join(' ', all)}");
            return 64;
        }

        if (names.Length == 0)
        {
            names = all;
        }

        using IGpuDevice device = GpuDevices.Open("opencl");
        Console.WriteLine(device.Description.Name);
        bool[] same = [.. names.Select(name => IsSame(device, name))];
        return same.All(one => one) ? 0 : 1;
    }

    private static bool IsSame(IGpuDevice device, string name)
    {
        const int Shown = 100;
        Stopwatch watch = Stopwatch.StartNew();
        GpuKernel kernel = device.Kernel("Functions", "map_" + name);
        KnownFunctions.Answers answers = KnownFunctions.All.Single(row => row.Kernel == "map_" + name).Answers;
        using GpuBuffer from = device.Allocate(Chunk * sizeof(float));
        using GpuBuffer to = device.Allocate(Chunk * sizeof(float));
        float[] x = new float[Chunk];
        float[] y = new float[Chunk];
        List<uint> different = [];
        for (long first = 0; first < 1L << 32; first += Chunk)
        {
            Parallel.For(0, Chunk / Block, block =>
            {
                for (int i = block * Block; i < (block + 1) * Block; i++)
                {
                    x[i] = BitConverter.UInt32BitsToSingle((uint)(first + i));
                }
            });
            device.Write(from, 0, MemoryMarshal.AsBytes(x.AsSpan()));
            device.Launch(kernel, new GpuGrid(Chunk / KnownFunctions.GroupSize), [from, to, Chunk]);
            device.Read(to, 0, MemoryMarshal.AsBytes(y.AsSpan()));
            Parallel.For(0, Chunk / Block, block => Compare(answers, x.AsSpan(block * Block, Block), y.AsSpan(block * Block, Block), different));
        }

        foreach (uint bits in different.Order().Take(Shown))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}({BitConverter.UInt32BitsToSingle(bits):R}), bits 0x{bits:x8}, differs"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {different.Count} of 2^32 differ, {watch.Elapsed.TotalSeconds:0} s"));
        return different.Count == 0;
    }

    private static void Compare(KnownFunctions.Answers answers, Span<float> x, Span<float> y, List<uint> different)
    {
        float[] expected = new float[x.Length];
        answers(x, expected);
        ReadOnlySpan<uint> wanted = MemoryMarshal.Cast<float, uint>(expected.AsSpan());
        ReadOnlySpan<uint> actual = MemoryMarshal.Cast<float, uint>(y);
        if (wanted.SequenceEqual(actual))
        {
            return;
        }

        lock (different)
        {
            for (int i = 0; i < x.Length; i++)
            {
                if (wanted[i] != actual[i])
                {
                    different.Add(BitConverter.SingleToUInt32Bits(x[i]));
                }
            }
        }
    }
}
