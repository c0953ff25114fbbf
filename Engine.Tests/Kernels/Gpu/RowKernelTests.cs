using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Ops that fold rows on the device: lengths around a warp, a block and a few blocks, rows that do not fill a work-group.</summary>
[Category("gpu")]
internal sealed class RowKernelTests
{
    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];
    private static readonly Mood[] Moods = [Mood.Wild, Mood.Cancelling, Mood.Tiny];
    private static readonly long[] Lengths = [1, 31, 32, 33, 4095, 4096, 4097, 8193, 70_000];

    [Test]
    public void Reductions([Values] Reduction kind, [ValueSource(nameof(Moods))] Mood mood)
    {
        Adversarial random = new(611 + (ulong)mood + ((ulong)kind * 100));
        bool isLogarithm = kind is Reduction.LogSum or Reduction.LogSumExp;
        foreach (long n in Lengths)
        {
            Ran(new Reduce(kind, 1), random.Operand(DType.F32, new Shape(n > 5000 ? 1 : 1 + random.Below(11), n), mood));
        }

        foreach (DType type in isLogarithm ? [DType.F16, DType.BF16] : (DType[])[DType.F16, DType.BF16, DType.F64])
        {
            Ran(new Reduce(kind, 2), random.Operand(type, new Shape(9, 3, 11), mood));
            Ran(new Reduce(kind, 1), random.Operand(type, new Shape(4097), mood));
        }

        foreach (DType type in isLogarithm || kind == Reduction.L2 ? [] : (DType[])[DType.I8, DType.U8, DType.I32, DType.I64, DType.U64])
        {
            Ran(new Reduce(kind, 1), random.Operand(type, new Shape(9, 33), mood));
            Ran(new Reduce(kind, 1), random.Operand(type, new Shape(2, 4097), mood));
        }

        Ran(new Reduce(kind, 0), random.Operand(DType.F32, new Shape(7), mood));
        Ran(new Reduce(kind, 1), random.Operand(DType.F32, new Shape(3, 0), mood));
    }

    [Test]
    public void A_fold_of_more_than_a_block_of_blocks()
    {
        Tensor row = new Adversarial(613).Tensor(DType.F32, new Shape(4099), Mood.Cancelling);
        Ran(new Reduce(Reduction.Sum, 2), Layouts.Whole(row).Repeated(4098));
    }

    [Test]
    public void Softmax_rows([ValueSource(nameof(Moods))] Mood mood, [Values] bool logarithm)
    {
        Adversarial random = new(617 + (ulong)mood);
        foreach (long n in Lengths)
        {
            Ran(new Softmax(logarithm), random.Operand(DType.F32, new Shape(n > 5000 ? 1 : 1 + random.Below(11), n), mood));
        }

        foreach (DType type in Singles)
        {
            Ran(new Softmax(logarithm), random.Operand(type, new Shape(3, 3, 47), mood));
            Ran(new Softmax(logarithm), random.Operand(type, new Shape(4200), mood));
        }
    }

    [Test]
    public void Rows_with_one_number_that_is_no_number([Values] bool logarithm)
    {
        float[] specials = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, -90f, -103.5f, 0f, -0f];
        float[] everywhere = [-0f, 1.5f, float.NegativeInfinity, -3e38f];
        foreach (int n in (int[])[1, 32, 47])
        {
            float[] rows =
            [
                .. specials.SelectMany(special => everywhere.SelectMany(others => (int[])[0, n / 2, n - 1], (others, place) => (others, place))
                    .SelectMany(row => Enumerable.Range(0, n).Select(i => i == row.place ? special : row.others))),
            ];
            Operand operand = Layouts.Whole(Tensor.Of<float>(DType.F32, new Shape(rows.Length / n, n), rows));
            Ran(new Softmax(logarithm), operand);
            Operand ones = Layouts.Whole(Tensor.Of<float>(DType.F32, new Shape(n), [.. Enumerable.Repeat(-1f, n)]));
            Ran(logarithm ? new LayerNorm(1e-5f) : new RmsNorm(0f), operand, ones);
            foreach (Reduction kind in Enum.GetValues<Reduction>())
            {
                Ran(new Reduce(kind, 1), operand);
            }
        }
    }

    [Test]
    public void Norms([ValueSource(nameof(Moods))] Mood mood, [Values] bool centred)
    {
        Adversarial random = new(619 + (ulong)mood);
        Op op = centred ? new LayerNorm(1e-5f) : new RmsNorm(1e-6f);
        foreach (long n in Lengths)
        {
            Operand x = random.Operand(DType.F32, new Shape(n > 5000 ? 1 : 1 + random.Below(11), n), mood);
            Operand gamma = random.Operand(DType.F32, new Shape(n), mood);
            Ran(op, [x, gamma, .. random.Below(2) == 0 ? [] : (Operand[])[random.Operand(DType.F32, new Shape(n), mood)]]);
        }

        foreach (DType type in (DType[])[DType.F16, DType.BF16, DType.F64])
        {
            foreach (long n in (long[])[33, 4097])
            {
                Ran(op, random.Operand(type, new Shape(3, 3, n), mood), random.Operand(type, new Shape(n), mood), random.Operand(type, new Shape(n), mood));
            }
        }
    }

    [Test]
    public void Work_groups_leave_each_other_alone()
    {
        Adversarial random = new(629);
        Operand x = random.Operand(DType.F32, new Shape(5000, 47), Mood.Wild);
        Operand gamma = random.Operand(DType.F32, new Shape(47), Mood.Wild);
        for (int round = 0; round < 3; round++)
        {
            Ran(new Softmax(logarithm: false), x);
            Ran(new LayerNorm(1e-5f), x, gamma);
            Ran(new Reduce(Reduction.LogSumExp, 1), x);
        }
    }

    [Test]
    public void Columns([Values] bool logarithm)
    {
        // [2, n, columns] seen as [2, columns, n].
        Adversarial random = new(631);
        foreach ((long n, long columns) in ((long, long)[])[(33, 5), (257, 16), (4097, 3)])
        {
            AffineView map = new(new Shape(2, columns, n), 0, [n * columns, 1, columns]);
            Tensor source = random.Tensor(DType.F32, new Shape(2, n, columns));
            Operand operand = new(new TensorType(DType.F32, map.Shape), source.Bytes, map, Parameter: null);
            Ran(new Softmax(logarithm), operand);
            Ran(new Reduce(logarithm ? Reduction.LogSum : Reduction.Max, 1), operand);
        }
    }

    [Test]
    public void BatchNorm_scales_channels([ValueSource(nameof(Moods))] Mood mood)
    {
        Adversarial random = new(641 + (ulong)mood);
        foreach (DType type in (DType[])[.. Singles, DType.F64])
        {
            foreach (Shape shape in (Shape[])[new(2, 3, 4, 5), new(3, 7), new(1, 2, 1500)])
            {
                Operand Channel() => random.Operand(type, new Shape(shape[1]), mood);
                Ran(new BatchNorm(1e-5f), random.Operand(type, shape, mood), Channel(), Channel(), Channel(), Channel());
            }
        }
    }

    /// <summary>Compares all outputs, and sees that a kernel of the device made them.</summary>
    internal static void Ran(Op op, params ImmutableArray<Operand> operands)
    {
        GpuBackend backend = Opened.Backend();
        OpContractTests.Check(backend, op, operands);
        Assert.That(backend.LastRanKernel, Is.True, () => $"{op} on {operands[0].Type} has a kernel");
    }
}
