using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Windows and selections on the device.</summary>
[Category("gpu")]
internal sealed class SelectionKernelTests
{
    private static readonly Mood[] Moods = [Mood.Wild, Mood.Ties, Mood.Tiny];

    [Test]
    public void Pools([ValueSource(nameof(Moods))] Mood mood, [Values] bool flag)
    {
        Adversarial random = new(651 + (ulong)mood);
        for (int round = 0; round < 24; round++)
        {
            int axes = 1 + random.Below(3);
            long[] spatial = [.. Enumerable.Range(0, axes).Select(_ => (long)random.Below(axes == 1 ? 50 : axes == 2 ? 12 : 6))];
            ImmutableArray<long> Each(params int[] choices) => [.. spatial.Select(_ => (long)random.Of<int>(choices))];
            Window window = new(Each(1, 2, 3), Each(1, 2, 3), Each(1, 1, 2), Each(-1, 0, 1, 2, 3), Each(-1, 0, 1, 2, 3), Each(1, 2, 5, 7));
            Shape shape = new([2, 3, .. spatial]);
            RowKernelTests.Ran(new AveragePool(window, flag), random.Operand(random.Of(DType.F32, DType.BF16, DType.F64), shape, mood));
            RowKernelTests.Ran(new MaxPool(window, flag), random.Operand(random.Of(DType.F32, DType.F16, DType.F64, DType.I8, DType.U64), shape, mood));
        }
    }

    [Test]
    public void Windows_of_more_axes_stay_with_the_processors()
    {
        Window window = new([1, 2, 1, 2], [1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 0, 0], [2, 2, 2, 2]);
        Operand x = new Adversarial(653).Operand(DType.F32, new Shape(1, 2, 2, 2, 2, 3), Mood.Wild);
        OpContractTests.Check(Opened.Backend(), new MaxPool(window, columnMajor: true), [x]);
        Assert.That(Opened.Backend().LastRanKernel, Is.False);
    }

    [Test]
    public void GlobalAveragePool_has_four_lanes([ValueSource(nameof(Moods))] Mood mood)
    {
        Adversarial random = new(661 + (ulong)mood);
        foreach (long n in (long[])[0, 1, 3, 4, 7, 49, 1000])
        {
            RowKernelTests.Ran(GlobalAveragePool.Instance, random.Operand(random.Of(DType.F32, DType.F16, DType.F64), new Shape(3, 25, n), mood));
        }
    }

    [Test]
    public void Best_of_rows([ValueSource(nameof(Moods))] Mood mood, [Values] bool smallest, [Values] bool last)
    {
        Adversarial random = new(671 + (ulong)mood);
        foreach (long n in (long[])[0, 1, 31, 33, 4096, 4097, 9000, 70_000])
        {
            DType type = n > 9000 ? DType.F32 : random.Of(DType.F32, DType.F16, DType.F64, DType.U64, DType.I32);
            RowKernelTests.Ran(new ArgMax(smallest, last), random.Operand(type, new Shape(n > 9000 ? 1 : 1 + random.Below(9), n), mood));
        }

        Operand ties = random.Operand(DType.F32, new Shape(5, 300), Mood.Ties);
        foreach (long k in (long[])[1, 7, 300])
        {
            RowKernelTests.Ran(new TopK(k, smallest), ties);
            RowKernelTests.Ran(new TopK(k, smallest), random.Operand(random.Of(DType.F32, DType.BF16, DType.F64, DType.I8), new Shape(3, 300), mood));
        }
    }

    [Test]
    public void A_row_of_NaN_and_equals([Values] bool smallest, [Values] bool last)
    {
        Tensor rows = Tensor.Of<float>(
            DType.F32, new Shape(4, 3), float.NaN, float.NaN, float.NaN, -0f, 0f, -0f, float.NaN, float.PositiveInfinity, 1f, 2f, 2f, float.NegativeInfinity);
        RowKernelTests.Ran(new ArgMax(smallest, last), Layouts.Whole(rows));
        RowKernelTests.Ran(new TopK(3, smallest), Layouts.Whole(rows));
    }

    [Test]
    public void Elements_by_index([Values(DType.F32, DType.F64, DType.F16, DType.Bool)] DType type, [Values(DType.I32, DType.I64)] DType index)
    {
        Adversarial random = new(681 + (ulong)type);
        for (int round = 0; round < 12; round++)
        {
            int axis = random.Below(3);
            RowKernelTests.Ran(
                new Gather(axis), random.Operand(type, new Shape(4, 9, 5), Mood.Wild), random.Operand(index, new Shape(random.Of<long>(1, 3), 7), Mood.Wild));
            Shape chosen = new Shape(4, 9, 5).With(axis, random.Of<long>(1, 11, 300));
            RowKernelTests.Ran(new GatherElements(axis), random.Operand(type, new Shape(4, 9, 5), Mood.Wild), random.Operand(index, chosen, Mood.Wild));
        }
    }

    [Test]
    public void Updates_apply_in_their_order([Values] Scattering kind, [Values(DType.F32, DType.F64, DType.I16, DType.U64)] DType type)
    {
        Adversarial random = new(691 + (ulong)type);
        foreach ((long rows, long row, long updates) in ((long, long, long)[])[(3, 1, 900), (5, 300, 40), (1, 7, 0), (4, 2, 1)])
        {
            Operand x = random.Operand(type, new Shape(2, rows, row), Mood.Cancelling);
            Operand indices = random.Operand(DType.I64, new Shape(2, updates), Mood.Wild);
            RowKernelTests.Ran(new Scatter(kind, 1), x, indices, random.Operand(type, new Shape(2, updates, row), Mood.Cancelling));
        }
    }

    [Test]
    public void What_would_take_long_in_turn_stays_with_the_processors()
    {
        Adversarial random = new(701);
        Operand x = random.Operand(DType.F32, new Shape(5000), Mood.Cancelling);
        Operand indices = random.Operand(DType.I64, new Shape(5000), Mood.Wild);
        GpuBackend backend = Opened.Backend();
        OpContractTests.Check(backend, new Scatter(Scattering.Add, 0), [x, indices, x]);
        Assert.That(backend.LastRanKernel, Is.False);
        OpContractTests.Check(backend, new Cumulate(product: false), [x]);
        Assert.That(backend.LastRanKernel, Is.False);
        OpContractTests.Check(backend, new TopK(3, smallest: false), [x]);
        Assert.That(backend.LastRanKernel, Is.False);
    }

    [Test]
    public void Totals_run_along_the_first_axis([ValueSource(nameof(Moods))] Mood mood, [Values] bool product)
    {
        Adversarial random = new(709 + (ulong)mood);
        foreach (DType type in (DType[])[DType.F32, DType.F64, DType.I8, DType.U64])
        {
            RowKernelTests.Ran(new Cumulate(product), random.Operand(type, new Shape(70, 3, 11), mood));
            RowKernelTests.Ran(new Cumulate(product), random.Operand(type, new Shape(1000), mood));
        }
    }

    [Test]
    public void Resampled_axes([ValueSource(nameof(Moods))] Mood mood, [Values(0, 1, 4, 300)] int taps)
    {
        Adversarial random = new(719 + (ulong)mood);
        foreach (DType type in (DType[])[DType.F32, DType.F16, DType.F64])
        {
            for (int axis = 0; axis < 3; axis++)
            {
                Operand weights = random.Operand(type == DType.F64 ? DType.F64 : DType.F32, new Shape(9, taps), mood);
                RowKernelTests.Ran(
                    new Resample(axis), random.Operand(type, new Shape(3, 8, 5), mood), random.Operand(DType.I64, new Shape(9, taps), mood), weights);
            }
        }
    }
}
