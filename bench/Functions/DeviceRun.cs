using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Bench.Functions;

/// <summary>All 2^32 results of the functions in kernel text (Texts/Functions.cl), on a device, against those of the CPU kernels.</summary>
internal static unsafe class DeviceRun
{
    private const int Chunk = 1 << 22;
    private const int Block = 1 << 12;
    private const int GroupSize = 256;

    private delegate void Map(float* x, float* y, int count);

    private static readonly Dictionary<string, Map> Maps = new()
    {
        ["exp"] = Of(Function.Exp),
        ["expm1"] = Of(Function.Expm1),
        ["tanh"] = Of(Function.Tanh),
        ["log"] = Of(Function.Log),
        ["log1p"] = Of(Function.Log1p),
        ["erf"] = Of(Function.Erf),
        ["erfc"] = Of(Function.Erfc),
        ["sigmoid"] = Of(default(SigmoidMap)),
        ["softplus"] = Of(default(SoftplusMap)),
        ["gelu"] = Of(default(GeluMap)),
        ["gelu_tanh"] = Of(default(GeluTanhMap)),
        ["sinh"] = Of(Function.Sinh),
        ["cosh"] = Of(Function.Cosh),
        ["asinh"] = Of(Function.Asinh),
        ["acosh"] = Of(Function.Acosh),
        ["atanh"] = Of(Function.Atanh),
        ["atan"] = Of(Function.Atan),
        ["asin"] = Of(Function.Asin),
        ["acos"] = Of(Function.Acos),
        ["sin"] = Of(Function.Sin),
        ["cos"] = Of(Function.Cos),
        ["tan"] = Of(Function.Tan),
        ["cube"] = (x, y, count) => FunctionKernels.Pow(new ReadOnlySpan<float>(x, count), 3f, new Span<float>(y, count), FunctionKernels.BestWidth),
        ["inverse_root"] = Of(Function.Rsqrt),
    };

    /// <summary>Compares the named functions, or all.</summary>
    /// <returns>0 where every result is the same.</returns>
    internal static int Run(string[] names)
    {
        if (names.Length == 0)
        {
            names = [.. Maps.Keys];
        }

        if (names.FirstOrDefault(name => !Maps.ContainsKey(name)) is string unknown)
        {
            Console.Error.WriteLine($"no kernel text has {unknown}; they are {string.Join(' ', Maps.Keys)}");
            return 64;
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
            device.Launch(kernel, new GpuGrid(Chunk / GroupSize), [from, to, Chunk]);
            device.Read(to, 0, MemoryMarshal.AsBytes(y.AsSpan()));
            Parallel.For(0, Chunk / Block, block => Compare(Maps[name], x.AsSpan(block * Block, Block), y.AsSpan(block * Block, Block), different));
        }

        foreach (uint bits in different.Order().Take(Shown))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name}({BitConverter.UInt32BitsToSingle(bits):R}), bits 0x{bits:x8}, differs"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {different.Count} of 2^32 differ, {watch.Elapsed.TotalSeconds:0} s"));
        return different.Count == 0;
    }

    private static void Compare(Map map, Span<float> x, Span<float> y, List<uint> different)
    {
        float* expected = stackalloc float[Block];
        fixed (float* source = x)
        {
            map(source, expected, Block);
        }

        for (int i = 0; i < Block; i++)
        {
            expected[i] = Real.Canonical(expected[i]);
        }

        ReadOnlySpan<uint> wanted = new(expected, Block);
        ReadOnlySpan<uint> actual = MemoryMarshal.Cast<float, uint>(y);
        if (wanted.SequenceEqual(actual))
        {
            return;
        }

        lock (different)
        {
            for (int i = 0; i < Block; i++)
            {
                if (wanted[i] != actual[i])
                {
                    different.Add(BitConverter.SingleToUInt32Bits(x[i]));
                }
            }
        }
    }

    private static Map Of(Function function)
        => (x, y, count) => FunctionKernels.Apply(function, new ReadOnlySpan<float>(x, count), new Span<float>(y, count));

    private static Map Of<TMap>(TMap map)
        where TMap : IBlockMap
        => (x, y, count) =>
        {
            float* room = stackalloc float[Block];
            if (Vector512.IsHardwareAccelerated)
            {
                map.Apply<Floats16>(x, y, count, room);
            }
            else
            {
                map.Apply<Floats4>(x, y, count, room);
            }
        };
}
