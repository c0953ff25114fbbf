using FsCheck;
using FsCheck.Fluent;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Tensors;

/// <summary>A shape and views of it, one after another. Numbers choose among the views that the shape before them allows.</summary>
/// <param name="Shape">Of the source.</param>
/// <param name="Steps">One number a view.</param>
internal sealed record Chain(Shape Shape, int[] Steps)
{
    private const int MostRank = 6;

    internal static Gen<Chain> Any { get; }
        = from shape in Law.Shapes()
          from count in Gen.Choose(0, 5)
          from steps in Gen.ArrayOf(Gen.Choose(0, 1 << 20), count)
          select new Chain(shape, steps);

    internal static IEnumerable<Chain> Simpler(Chain chain) => Law.Shorter(chain.Steps).Select(steps => chain with { Steps = steps });

    /// <summary>The source indices of a view's elements, in order.</summary>
    internal static long[] Elements(AffineView view) => [.. Enumerable.Range(0, (int)view.Shape.Elements).Select(i => view.SourceIndex(i))];

    /// <summary>The chain composed into one map, as far as no copy is needed.</summary>
    internal AffineView Composed()
    {
        AffineView view = AffineView.Identity(Shape);
        foreach (int step in Steps)
        {
            view = Step(view.Shape, step)(view) ?? view;
        }

        return view;
    }

    /// <summary>The same elements found step by step: each view is applied to a copy of what the one before it gave.</summary>
    internal long[] Copied()
    {
        long[] copied = Elements(AffineView.Identity(Shape));
        AffineView view = AffineView.Identity(Shape);
        foreach (int step in Steps)
        {
            Func<AffineView, AffineView?> apply = Step(view.Shape, step);
            if (apply(view) is not { } composed)
            {
                continue;
            }

            copied = [.. Elements(apply(AffineView.Identity(view.Shape))!).Select(i => copied[i])];
            view = composed;
        }

        return copied;
    }

    public override string ToString() => $"{Shape} by {string.Join(", ", Steps)}: {Composed()}";

    // Null where the map is not affine and a copy would come first.
    private static Func<AffineView, AffineView?> Step(Shape shape, int number)
    {
        (number, int kind) = Math.DivRem(number, shape.Rank == 0 ? 2 : 5);
        (int rest, int axis) = Math.DivRem(number, Math.Max(1, shape.Rank));
        switch (kind)
        {
            case 0:
                Shape wider = new([1 + (rest % 2), .. shape.Extents.ToArray().Select((extent, i) => extent == 1 ? 1 + ((rest + i) % 3) : extent)]);
                return map => wider.Rank > MostRank ? null : map.Expand(wider);
            case 1:
                return map => map.TryReshape(new Shape(shape.Elements), out AffineView? flat) ? flat : null;
            case 2:
                int[] order = [.. Enumerable.Range(0, shape.Rank).OrderBy(i => (i + 1) * (rest + 3) % 7)];
                return map => map.Transpose(order);
            case 3:
                long step = (rest % 5) switch { 0 => -1, 1 => 2, 2 => -2, _ => 1 };
                long most = (shape[axis] + Math.Abs(step) - 1) / Math.Abs(step);
                long count = most == 0 ? 0 : rest / 5 % (most + 1);
                return map => map.Slice(axis, step < 0 ? shape[axis] - 1 : 0, step, count);
            default:
                Shape split = new([.. shape.Extents[..axis], 1, .. shape.Extents[axis..]]);
                return map => split.Rank > MostRank ? null : map.TryReshape(split, out AffineView? reshaped) ? reshaped : null;
        }
    }
}
