using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Products of matrices beside the vendor's library.</summary>
internal abstract class MatrixProbe(string name, string title, double seconds) : Probe(name, title, seconds)
{
    /// <summary>The size that goals are about.</summary>
    private protected const int GoalSize = 4096;

    private const int CheckedRows = 4;

    /// <summary>A size: rows of A, columns of the product, and what they share; B is [N, K] where its rows lie along K, else [K, N].</summary>
    private protected readonly record struct Size(int M, int N, int K, bool AlongK = true)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{M} × {N} × {K}{(AlongK ? string.Empty : ", B [K, N]")}");
    }

    /// <summary>What operations are called.</summary>
    private protected abstract string Unit { get; }

    /// <summary>The op.</summary>
    private protected abstract Op Op { get; }

    /// <summary>Operands of the op.</summary>
    private protected abstract ImmutableArray<Operand> Operands(Size size);

    /// <summary>Queues the vendor's product.</summary>
    private protected abstract void Theirs(Cublas library, Size size, nint a, nint b, nint y);

    /// <summary>Whether the vendor's rows are near enough to ours to be the same product.</summary>
    private protected abstract bool Agrees(byte[] ours, byte[] theirs);

    /// <summary>Sizes of layers of language models with few rows.</summary>
    private protected static IEnumerable<Size> Few(params IEnumerable<int> rows)
        => from m in rows
           from shape in ((int N, int K)[])[(768, 768), (3072, 768), (768, 3072), (4096, 4096)]
           select new Size(m, shape.N, shape.K);

    /// <summary>Measures sizes.</summary>
    /// <returns>Ours beside the vendor's at the goal's size, for each layout: above 1 ours is faster; NaN where there is no library.</returns>
    private protected List<(Size Size, double Ratio)> Measure(IEnumerable<Size> sizes, double peak)
    {
        string reason = "the device is not the CUDA driver's";
        using Cublas? library = Device is CudaDevice ? Cublas.Open(out reason) : null;
        Note(library is null ? $"no vendor library beside it: {reason}" : $"vendor library: cuBLAS {library.Version}, default math (FP32, TF32 off)");
        List<(Size Size, double Ratio)> ratios = [];
        foreach (Size size in sizes)
        {
            if (MayBegin())
            {
                ratios.Add((size, Measure(size, library, peak)));
            }
        }

        return [.. ratios.Where(entry => entry.Size is { M: GoalSize, N: GoalSize, K: GoalSize })];
    }

    private double Measure(Size size, Cublas? library, double peak)
    {
        ImmutableArray<Operand> operands = Operands(size);
        using DeviceNode node = new(Device, Op, operands);
        node.Launch();
        int rows = Math.Min(CheckedRows, size.M);
        int bytes = rows * size.N * sizeof(float);
        long last = (long)(size.M - rows) * size.N * sizeof(float);
        byte[] ours = node.Read(0, bytes);
        if (!ours.AsSpan().SequenceEqual(Rows(operands, 0, rows)) || !node.Read(last, bytes).AsSpan().SequenceEqual(Rows(operands, size.M - rows, rows)))
        {
            Wrong($"{Op.Name} {size}: the first or the last rows are not the definition's");
        }

        List<(Action Launch, Action Wait)> ways = [(node.Launch, () => Device.Finish())];
        if (library is not null)
        {
            CudaDevice device = (CudaDevice)Device;
            (nint a, nint b, nint y) = (device.AddressOf(node.Source(0)), device.AddressOf(node.Source(1)), device.AddressOf(node.Output));
            Theirs(library, size, a, b, y);
            Cublas.Wait();
            if (!Agrees(ours, node.Read(0, bytes)))
            {
                Wrong($"{Op.Name} {size}: the vendor's product is another one, no ratio means anything");
            }

            ways.Add((() => Theirs(library, size, a, b, y), Cublas.Wait));
        }

        Samples[] times = Time(ways);
        double work = 2.0 * size.M * size.N * size.K;
        string group = size.M == size.N && size.N == size.K ? "squares" : "few rows";
        string key = size.ToString();
        Add(new Figure(group, key, $"ours, {Unit}", work / times[0].Median / 1e12, string.Empty));
        if (!double.IsNaN(peak))
        {
            Add(new Figure(group, key, "of the peak, %", 100 * work / times[0].Median / peak, string.Empty));
        }

        Add(new Figure(group, key, "ours, µs", 1e6 * times[0].Median, string.Empty));
        if (library is null)
        {
            return double.NaN;
        }

        double ratio = times[1].Over(times[0]);
        Add(new Figure(group, key, $"vendor, {Unit}", work / times[1].Median / 1e12, string.Empty));
        Add(new Figure(group, key, "ours ÷ vendor", ratio, string.Empty));
        return ratio;
    }

    // Some rows of the product, by the processors. A third operand is one zero point for all rows.
    private byte[] Rows(ImmutableArray<Operand> operands, int first, int count)
    {
        ImmutableArray<Operand> some = [.. operands.Select((operand, slot) => slot switch
        {
            0 => Part(operand, first, count),
            2 => operand with { Type = new TensorType(operand.Type.DType, new Shape(count)), Map = AffineView.Identity(Shape.Scalar).Expand(new Shape(count)) },
            _ => operand,
        })];
        ImmutableArray<TensorType> types = Op.Infer([.. some.Select(operand => operand.Type)]);
        byte[] rows = new byte[types[0].Bytes];
        Backend.Cpu.Run(new NodeCall(new Node(Op.Name, Op, [], types), some, [rows]), CancellationToken.None);
        return rows;
    }

    private static Operand Part(Operand operand, int first, int count)
    {
        long length = operand.Type.Shape[1];
        Shape shape = new(count, length);
        int size = operand.Type.DType.Size();
        ReadOnlyMemory<byte> bytes = operand.Bytes.Slice((int)(first * length * size), (int)(count * length * size));
        return new Operand(new TensorType(operand.Type.DType, shape), bytes, AffineView.Identity(shape), null);
    }
}
