using NUnit.Framework;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Tensors;

/// <summary>A composed map gives what the steps give one after another on copied tensors.</summary>
internal sealed class AffineViewTests
{
    [Test]
    public void Random_chains_equal_step_by_step_copies()
    {
        Adversarial random = new(7);
        for (int trial = 0; trial < 3000; trial++)
        {
            Shape shape = new([.. Enumerable.Range(0, random.Below(5)).Select(_ => (long)random.Below(4))]);
            long[] copied = [.. Enumerable.Range(0, (int)shape.Elements).Select(i => (long)i)];
            AffineView view = AffineView.Identity(shape);
            for (int step = 0; step < 4; step++)
            {
                AffineView alone = Step(random, AffineView.Identity(view.Shape), out AffineView? composed, view);
                copied = [.. Elements(alone).Select(i => copied[i])];
                view = composed ?? AffineView.Identity(alone.Shape);
                if (composed is null)
                {
                    copied = [.. Enumerable.Range(0, copied.Length).Select(i => (long)i)];
                    shape = alone.Shape;
                }

                Assert.That(Elements(view), Is.EqualTo(copied), $"trial {trial}: {view}");
                Assert.That(view.StaysWithin(shape.Elements), Is.True);
            }
        }
    }

    [Test]
    public void Copies_follow_the_map([Values(1, 2, 4, 8)] int size)
    {
        Adversarial random = new(8);
        for (int trial = 0; trial < 300; trial++)
        {
            Shape shape = new(1 + random.Below(4), 1 + random.Below(4), 1 + random.Below(4));
            AffineView view = Step(random, AffineView.Identity(shape), out _, AffineView.Identity(shape));
            byte[] source = [.. Enumerable.Range(0, (int)shape.Elements * size).Select(i => (byte)(i % 251))];
            byte[] copy = new byte[view.Shape.Elements * size];
            AffineCopy.Run(source, size, view, copy);
            byte[] expected = [.. Elements(view).SelectMany(i => source.AsSpan((int)i * size, size).ToArray())];
            Assert.That(copy, Is.EqualTo(expected));
        }
    }

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

    private static long[] Elements(AffineView view)
        => [.. Enumerable.Range(0, (int)view.Shape.Elements).Select(i => view.SourceIndex(i))];

    // One random step, on the identity (returned) and on the composed view (null where it needs a copy).
    private static AffineView Step(Adversarial random, AffineView identity, out AffineView? composed, AffineView view)
    {
        Func<AffineView, AffineView?> step = Choose(random, identity.Shape);
        composed = step(view);
        return step(identity)!;
    }

    private static Func<AffineView, AffineView?> Choose(Adversarial random, Shape shape)
    {
        int axis = shape.Rank == 0 ? 0 : random.Below(shape.Rank);
        switch (random.Below(shape.Rank == 0 ? 2 : 5))
        {
            case 0:
                Shape wider = new([1 + random.Below(2), .. shape.Extents.ToArray().Select(extent => extent == 1 ? 1 + random.Below(3) : extent)]);
                return map => wider.Rank > 6 ? map : map.Expand(wider);
            case 1:
                Shape flat = new(shape.Elements);
                return map => map.TryReshape(flat, out AffineView? reshaped) ? reshaped : null;
            case 2:
                int[] order = [.. Enumerable.Range(0, shape.Rank).OrderBy(_ => random.Word())];
                return map => map.Transpose(order);
            case 3:
                long count = shape[axis] == 0 ? 0 : 1 + random.Below((int)shape[axis]);
                bool backwards = random.Below(2) == 0;
                long start = backwards ? shape[axis] - 1 : shape[axis] - count;
                return map => map.Slice(axis, start, backwards ? -1 : 1, count);
            default:
                Shape split = new([.. shape.Extents[..axis], 1, .. shape.Extents[axis..]]);
                return map => split.Rank > 6 ? map : map.TryReshape(split, out AffineView? reshaped) ? reshaped : null;
        }
    }
}
