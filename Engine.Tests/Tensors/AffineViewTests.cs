using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Tensors;

/// <summary>A composed map gives what the steps give one after another on copied tensors.</summary>
internal sealed class AffineViewTests
{
    [Test]
    public void A_composed_view_reads_what_its_steps_read() => Law.Holds(
        Chain.Any,
        chain => Chain.Elements(chain.Composed()).SequenceEqual(chain.Copied()) && chain.Composed().StaysWithin(chain.Shape.Elements),
        times: 3000,
        simpler: Chain.Simpler);

    [Test]
    public void A_contiguous_view_is_a_run_of_its_source() => Law.Holds(
        Chain.Any.Select(chain => chain.Composed()),
        view => view.IsContiguous
            == (view.Shape.Elements == 0 || Chain.Elements(view).Select((source, i) => source - i).All(first => first == view.Offset)));

    [Test]
    public void A_copy_takes_each_element_where_the_map_says([Values(1, 2, 4, 8)] int size) => Law.Holds(
        Chain.Any,
        chain =>
        {
            AffineView view = chain.Composed();
            byte[] source = [.. Enumerable.Range(0, (int)chain.Shape.Elements * size).Select(i => (byte)(i % 251))];
            byte[] copy = new byte[view.Shape.Elements * size];
            AffineCopy.Run(source, size, view, copy);
            return copy.SequenceEqual(Chain.Elements(view).SelectMany(i => source.AsSpan((int)i * size, size).ToArray()));
        },
        simpler: Chain.Simpler);

    [Test]
    public void Merged_axes_walk_the_same_elements() => Law.Holds(
        Chain.Any.Select(chain => chain.Composed()).Where(view => view.Shape.Elements > 0),
        view =>
        {
            List<(long Extent, long Stride)> axes = AffineCopy.Merge(view);
            AffineView merged = new(new Shape([.. axes.Select(axis => axis.Extent)]), view.Offset, [.. axes.Select(axis => axis.Stride)]);
            return Chain.Elements(merged).SequenceEqual(Chain.Elements(view));
        });

    [Test]
    public void What_leaves_the_source_is_seen()
    {
        AffineView view = AffineView.Identity(new Shape(2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(view.StaysWithin(6), Is.True);
            Assert.That(view.StaysWithin(5), Is.False);
            Assert.That(new AffineView(new Shape(2), 0, [-1]).StaysWithin(6), Is.False);
            Assert.That(new AffineView(new Shape(2), 0, [long.MaxValue]).StaysWithin(6), Is.False);
            Assert.That(new AffineView(new Shape(0, 9), 77, [1, 1]).StaysWithin(0), Is.True, "nothing stays anywhere");
        });
    }

    [Test]
    public void What_no_element_reads_is_zero()
    {
        AffineView one = new(new Shape(1, 3), 2, [long.MinValue, 1]);
        AffineView none = new(new Shape(3, 0), long.MaxValue, [long.MaxValue, -1]);
        Assert.Multiple(() =>
        {
            Assert.That(one, Is.EqualTo(new AffineView(new Shape(1, 3), 2, [7, 1])));
            Assert.That(none, Is.EqualTo(AffineView.Identity(none.Shape)));
            Assert.That(AffineCopy.Merge(none), Is.Not.Empty, "nothing overflows");
            Assert.That(() => AffineView.Identity(new Shape(5, 2)).Slice(0, 3, long.MinValue, 1), Throws.Nothing);
        });
    }
}
