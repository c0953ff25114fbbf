using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu.Admission;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu;

//
//  How fast the processors, a device and the bus are, in the terms of Work
//
//  Each is measured by nodes that run as in a program: products of reals and of codes, Exp for everything else, Relu for memory, Relu of one element for
//  the start. Sizes grow until one run takes long enough to be told from a start, or there is no room; the least of some runs counts. What it says is
//  of large nodes, on a machine that does nothing else: of small ones it is too hopeful, on both sides.
//

/// <summary>Measures a backend's processors, device and bus, and remembers what it found.</summary>
internal static class GpuSpeeds
{
    private const string Title = "VerifiableCompute device speeds 1";
    private const double Enough = 4e-3;
    private const int Runs = 4;
    private const int Starts = 64;
    private const int BusBytes = 1 << 22;

    /// <summary>What is remembered of a backend's device, or else measured now; null where the device has no room for that.</summary>
    /// <exception cref="BackendException">The device failed.</exception>
    internal static Host? Of(GpuBackend backend)
    {
        GpuDescription device = backend.Device.Description;
        string kind = string.Create(CultureInfo.InvariantCulture, $"{backend.Cpu.Threads}-{backend.Cpu.Level}.speeds");
        if (DeviceRecord.Read(device, kind) is string text && Parse(text, device) is Host known)
        {
            return known;
        }

        try
        {
            (Host measured, bool isWhole) = Measure(backend);
            if (isWhole)
            {
                DeviceRecord.Write(device, kind, Text(measured));
            }

            return measured;
        }
        catch (GpuMemoryException)
        {
            return null;
        }
    }

    /// <summary>Measures them now.</summary>
    /// <returns>The speeds, and whether the device had room for all sizes: what a small budget cut short is not worth remembering.</returns>
    /// <exception cref="GpuMemoryException">The device has no room for it.</exception>
    internal static (Host Host, bool IsWhole) Measure(GpuBackend backend)
    {
        lock (backend.Gate)
        {
            (double[] host, _) = SpeedsOf((graph, times) => OnHost(backend, graph, times));
            (double[] device, bool isWhole) = SpeedsOf((graph, times) => OnDevice(backend.Device, graph, times));
            return (Made(backend.Device.Description, host, device, BusOf(backend.Device)), isWhole);
        }
    }

    // Products, products of codes, others, memory (10^9 a second each), and the start of a node in microseconds.
    private static (double[] Speeds, bool IsWhole) SpeedsOf(Func<Graph, int, double> secondsOf)
    {
        bool isWhole = true;
        double start = secondsOf(Elementwise(Relu.Instance, 1), Starts);
        double Rate(Func<int, Graph> make, Func<Work, long> units, int from, int to)
        {
            double rate = 0;
            for (int size = from; size <= to; size *= 2)
            {
                try
                {
                    Graph graph = make(size);
                    double seconds = secondsOf(graph, 1);
                    rate = units(Work.Of(graph, graph.Nodes[^1])) / double.Max(seconds - start, seconds / 2) / 1e9;
                    if (seconds >= Enough)
                    {
                        break;
                    }
                }
                catch (GpuMemoryException) when (rate > 0)
                {
                    isWhole = false;
                    break;
                }
            }

            return rate;
        }

        double[] speeds =
        [
            Rate(Product, work => work.Operations, 256, 2048),
            Rate(Codes, work => work.Operations, 256, 2048),
            Rate(size => Elementwise(Exp.Instance, size), work => work.Operations, 1 << 16, 1 << 24),
            Rate(size => Elementwise(Relu.Instance, size), work => work.Bytes, 1 << 20, 1 << 24),
            1e6 * start,
        ];
        return (speeds, isWhole);
    }

    private static double[] BusOf(IGpuDevice device)
    {
        byte[] bytes = new byte[BusBytes];
        using GpuBuffer buffer = device.Allocate(bytes.Length);
        double There(int count) => Least(1, () =>
        {
            device.Write(buffer, 0, bytes.AsSpan(0, count));
            device.Read(buffer, 0, bytes.AsSpan(0, count));
        }) / 2;
        double latency = There(sizeof(int));
        double seconds = There(bytes.Length);
        return [bytes.Length / double.Max(seconds - latency, seconds / 2) / 1e9, 1e6 * latency];
    }

    private static double OnHost(GpuBackend backend, Graph graph, int times)
    {
        NodeCall call = new(
            graph.Nodes[^1],
            [.. StageOf(graph, backend.Device.Description).Operands.Select(read => read.Operand with { Bytes = BytesOf(graph, read.Source) })],
            [.. graph.Nodes[^1].Outputs.Select(output => new Memory<byte>(new byte[output.Bytes]))]);
        return Least(times, () =>
        {
            for (int run = 0; run < times; run++)
            {
                backend.Cpu.Run(call, default);
            }
        });
    }

    private static double OnDevice(IGpuDevice device, Graph graph, int times)
    {
        GpuStage stage = StageOf(graph, device.Description);
        List<GpuBuffer> buffers = [];
        try
        {
            foreach ((_, ValueRef source) in stage.Operands)
            {
                buffers.Add(device.Filled(BytesOf(graph, source).Span));
            }

            GpuBuffer[] sources = [.. buffers];
            buffers.Add(device.Allocate(graph.Nodes[^1].Outputs[0].Bytes));
            return Least(times, () =>
            {
                for (int time = 0; time < times; time++)
                {
                    using GpuRun run = new(
                        device, [.. stage.Operands.Select(read => read.Operand)], [.. stage.Outputs.Select(graph.TypeOf)], sources, [buffers[^1]]);
                    stage.Op!(run);
                }

                device.Finish();
            });
        }
        finally
        {
            foreach (GpuBuffer buffer in buffers)
            {
                buffer.Dispose();
            }
        }
    }

    // Seconds of one of so many, the least of some runs after one that does not count.
    private static double Least(int times, Action run)
    {
        run();
        return Enumerable.Range(0, Runs).Min(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            run();
            return double.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9) / times;
        });
    }

    private static GpuStage StageOf(Graph graph, GpuDescription device)
        => GpuStage.Of(graph, ImmutableHashSet<ValueRef>.Empty, device, GpuStage.Kernels(graph, device))[0];

    private static ReadOnlyMemory<byte> BytesOf(Graph graph, ValueRef value)
    {
        if (value.Kind == ValueKind.Parameter)
        {
            return graph.Parameters[value.Index].Value.Bytes;
        }

        byte[] bytes = new byte[graph.TypeOf(value).Bytes];
        if (graph.TypeOf(value).DType == DType.F32)
        {
            Numbers(MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        }

        return bytes;
    }

    private static Graph Elementwise(Op op, int elements)
    {
        GraphBuilder builder = new();
        return builder.Build(new GraphOutput("y", builder.Add("node", op, builder.Input("x", new TensorType(DType.F32, new Shape(elements))))));
    }

    private static Graph Product(int size)
    {
        float[] weights = new float[size * size];
        Numbers(weights);
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.F32, new Shape(size, size)));
        ValueRef w = builder.Parameter("w", Tensor.Of<float>(DType.F32, new Shape(size, size), weights));
        return builder.Build(new GraphOutput("y", builder.Add("node", Dot.Plain, x, w)));
    }

    private static Graph Codes(int size)
    {
        sbyte[] weights = [.. Enumerable.Range(0, size * size).Select(i => (sbyte)(i % 7))];
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", new TensorType(DType.U8, new Shape(size, size)));
        ValueRef w = builder.Parameter("w", Tensor.Of<sbyte>(DType.I8, new Shape(size, size), weights));
        ValueRef zeroX = builder.Parameter("zero of x", Tensor.Of<byte>(DType.U8, new Shape(size), new byte[size]));
        ValueRef zeroW = builder.Parameter("zero of w", Tensor.Of<sbyte>(DType.I8, new Shape(size), new sbyte[size]));
        return builder.Build(new GraphOutput("y", builder.Add("node", DotInteger.Instance, x, w, zeroX, zeroW)));
    }

    private static void Numbers(Span<float> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = (i % 17 / 8f) - 1;
        }
    }

    private static Host Made(GpuDescription device, double[] host, double[] other, double[] bus)
    {
        Device Of(string name, double[] speeds, long bytes)
            => new(name, new Speed(speeds[0], speeds[1], speeds[2]), bytes, speeds[3]) { LaunchMicroseconds = speeds[4] };
        return new Host(
            "here", [Of("cpu", host, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes), Of(device.Name, other, device.MemoryBytes)], new Link(bus[0], bus[1]));
    }

    /// <summary>What is remembered of a description.</summary>
    internal static string Text(Host host) => string.Join('\n', [
        Title,
        .. host.Devices.Select(device => Line(
            device.Gflops.Product, device.Gflops.IntegerProduct, device.Gflops.Other, device.MemoryGbs, device.LaunchMicroseconds)),
        Line(host.Bus!.Gbs, host.Bus.LatencyMicroseconds),
        string.Empty,
    ]);

    private static string Line(params double[] numbers) => string.Join(' ', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>A description that was remembered; null where it is not what would be written for a host that can be.</summary>
    internal static Host? Parse(string text, GpuDescription device)
    {
        double[][] lines = [.. text.Split('\n').Select(line => line.Split(' ').Select(
            word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : -1).ToArray())];
        return lines.Length == 5 && lines[1].Length == 5 && lines[2].Length == 5 && lines[3].Length == 2
            && Made(device, lines[1], lines[2], lines[3]) is Host read && read.Defect().Length == 0 && Text(read) == text ? read : null;
    }
}
