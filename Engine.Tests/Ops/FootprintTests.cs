using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>Footprints in figures; that they hold for every op is in <see cref="OpContract"/>.</summary>
internal sealed class FootprintTests
{
    [Test]
    public void Dot_reads_rows_of_both()
        => Check(
            Dot.Plain, [Real(2, 8, 300), Real(2, 9, 300), Real(2, 8, 9)], 0, new(1, [1, 2, 3]), "1 of [1,2,300]", "1 of [1,3,300]", "1 of [1,2,3]");

    [Test]
    public void Several_boxes_that_could_hold_all_are_one()
        => Check(Dot.Plain, [Real(8, 300), Real(9, 300)], 0, new(4, [2, 3]), "1 of [8,300]", "1 of [9,300]");

    [Test]
    public void Softmax_reads_its_statistics()
    {
        Softmax softmax = new(logarithm: false);
        Check(softmax, [Real(4, 300)], 0, new(1, [1, 1]), "1 of [1,1]", "0 of [0,0]", "1 of [1,1]", "1 of [1,1]");
        Check(softmax, [Real(4, 300)], 2, new(1, [1, 1]), "1 of [1,300]", "0 of [0,0]", "1 of [1,1]", "0 of [0,0]");
        Check(softmax, [Real(4, 300)], 1, new(1, [2, 1]), "1 of [2,300]", "0 of [0,0]", "0 of [0,0]", "0 of [0,0]");
    }

    [Test]
    public void A_long_fold_reads_blocks()
    {
        Reduce sum = new(Reduction.Sum, 1);
        Check(sum, [Real(3, 1 << 25)], 1, new(1, [1, 1]), "1 of [1,4096]");
        Check(sum, [Real(3, 1 << 25)], 2, new(1, [1, 1]), "0 of [0,0]", "0 of [0]", "1 of [1,4096]");
        Check(sum, [Real(3, 1 << 25)], 0, new(1, [1]), "0 of [0,0]", "0 of [0]", "0 of [0,0]", "1 of [1,2]");
        Check(new Reduce(Reduction.LogSumExp, 1), [Real(3, 5000)], 3, new(1, [1, 1]), "1 of [1,4096]", "0 of [0]", "0 of [0,0]", "1 of [1]");
        Check(new Reduce(Reduction.Max, 2), [Real(3, 100, 6000)], 1, new(1, [1, 1]), "2 of [1,1,4096]");
        Check(new Reduce(Reduction.Max, 2), [Real(3, 9000, 100)], 1, new(1, [1, 1]), "1 of [1,42,100]");
    }

    [Test]
    public void Windows_cover_a_span_or_lie_apart()
    {
        Window near = new([3], [1], [1], [1], [1], [50]);
        Window far = new([3], [8], [1], [0], [0], [6]);
        Check(new Conv(near, 2), [Real(2, 8, 50), Real(6, 4, 3)], 0, new(1, [1, 1, 10]), "1 of [1,4,12]", "1 of [1,4,3]");
        Check(new Conv(near, 2), [Real(2, 8, 50), Real(6, 4, 3)], 0, new(1, [1, 2, 1]), "1 of [1,8,3]", "1 of [2,4,3]");
        Check(new MaxPool(far, columnMajor: false), [Real(2, 8, 50)], 1, new(1, [1, 2, 4]), "4 of [1,2,3]");
    }

    [Test]
    public void Gather_reads_a_slice_an_index()
        => Check(
            new Gather(1), [Real(5, 100, 7), new(DType.I64, new Shape(6, 6))], 0, new(1, [2, 2, 3, 4]), "6 of [2,1,4]", "1 of [2,3]");

    [Test]
    public void Views_keep_what_lies_together()
    {
        AffineView map = AffineView.Identity(new Shape(8, 50, 64));
        Check(new View(map.Transpose(2, 0, 1)), [Real(8, 50, 64)], 0, new(1, [3, 2, 5]), "1 of [2,5,3]");
        Check(new View(new AffineView(new Shape(400, 64), 0, [64, 1])), [Real(8, 50, 64)], 0, new(1, [1, 64]), "1 of [1,1,64]");
        Check(new View(map.Slice(1, 0, 0, 1).Expand(new Shape(8, 9, 64))), [Real(8, 50, 64)], 0, new(1, [1, 9, 64]), "1 of [1,1,64]");
        Check(new View(map.Slice(2, 0, 16, 4)), [Real(8, 50, 64)], 0, new(1, [1, 1, 4]), "4 of [1,1,1]");
    }

    [Test]
    public void Products_are_held_at_the_largest_number()
    {
        Assert.That(new Footprint(long.MaxValue, [1L << 40, 3]).Elements, Is.EqualTo(long.MaxValue));
        Assert.That(new Footprint(long.MaxValue, [0, 3]).Elements, Is.Zero);
        Assert.That(new Footprint(2, [3, 4]).Equals(new Footprint(2, [3, 4])), Is.True, "equal by value");
    }

    [Test]
    public void Steered_ops_are_known()
        => Assert.That(
            Catalog.Cases().Where(entry => entry.Op.IsSteered).Select(entry => entry.Op.Name).Distinct(),
            Is.EquivalentTo(["ArgMax", "Gather", "GatherElements", "GridSample", "MaxRoiPool", "Resample", "RoiAlign", "Scatter", "Where"]));

    private static TensorType Real(params ReadOnlySpan<long> extents) => new(DType.F32, new Shape(extents));

    // The footprints of the first slots, as they are written.
    private static void Check(Op op, ImmutableArray<TensorType> inputs, int output, Footprint of, params ImmutableArray<string> wanted)
        => Assert.That(op.Footprints(inputs.AsSpan(), output, of).Take(wanted.Length).Select(footprint => footprint.ToString()), Is.EqualTo(wanted));
}
