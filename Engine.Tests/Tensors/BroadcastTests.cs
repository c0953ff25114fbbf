using FsCheck;
using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Tensors;

/// <summary>The laws of ONNX's multidirectional rule, refusals included.</summary>
internal sealed class BroadcastTests
{
    private static readonly Gen<Shape> Shapes = Law.Shapes(most: 3);

    [Test]
    public void The_order_of_shapes_does_not_matter()
        => Law.Holds(Shapes.Two(), pair => Equals(Both(pair.Item1, pair.Item2), Both(pair.Item2, pair.Item1)), times: 3000);

    [Test]
    public void Their_grouping_does_not_matter() => Law.Holds(
        Shapes.Three(),
        shapes => Equals(Both(Both(shapes.Item1, shapes.Item2), shapes.Item3), Both(shapes.Item1, Both(shapes.Item2, shapes.Item3))),
        times: 3000);

    [Test]
    public void A_scalar_and_the_shape_itself_change_nothing()
        => Law.Holds(Shapes, shape => Equals(Both(shape, Shape.Scalar), shape) && Equals(Both(shape, shape), shape));

    [Test]
    public void Both_expand_to_the_result_and_repeat_what_they_have() => Law.Holds(
        Shapes.Two(),
        pair => Both(pair.Item1, pair.Item2) is not { } both || new[] { pair.Item1, pair.Item2 }.All(shape => Repeats(shape, both)),
        times: 3000);

    [Test]
    public void Elements_are_the_product_and_strides_number_them() => Law.Holds(
        Shapes,
        shape => shape.Elements == shape.Product(0, shape.Rank)
            && shape.Elements == shape.Extents.ToArray().Aggregate(1L, (product, extent) => product * extent)
            && Chain.Elements(new AffineView(shape, 0, shape.Strides())).SequenceEqual(Enumerable.Range(0, (int)shape.Elements).Select(i => (long)i))
            && shape.Equals(new Shape(shape.Extents)) && shape.GetHashCode() == new Shape(shape.Extents).GetHashCode());

    // Element (.., i, ..) of the expanded shape is element (.., i mod extent, ..) of the shape.
    private static bool Repeats(Shape shape, Shape both)
    {
        AffineView view = AffineView.Identity(shape).Expand(both);
        for (int element = 0; element < both.Elements; element++)
        {
            long rest = element;
            long expected = 0;
            for (int axis = both.Rank - 1; axis >= 0; axis--)
            {
                (rest, long i) = Math.DivRem(rest, both[axis]);
                int own = axis - both.Rank + shape.Rank;
                expected += own >= 0 ? i % shape[own] * shape.Strides()[own] : 0;
            }

            if (view.SourceIndex(element) != expected)
            {
                return false;
            }
        }

        return true;
    }

    // Null where there is none.
    private static Shape? Both(Shape? a, Shape? b)
    {
        try
        {
            return a is null || b is null ? null : Shape.Broadcast(a, b);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
