using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Elementary functions, and reductions and norms in forms that the other rows lack.</summary>
internal static partial class Catalog
{
    private static IEnumerable<OpCase> Elementary(Adversarial values)
    {
        Op[] functions =
        [
            Tan.Instance, Asin.Instance, Acos.Instance, Sinh.Instance, Cosh.Instance, Asinh.Instance, Acosh.Instance, Atanh.Instance,
        ];
        foreach (Op op in functions)
        {
            foreach (DType type in Reals)
            {
                yield return Make("function", op, values.Tensor(type, new Shape(3, 7)));
                yield return Make("function", op, values.Tensor(type, new Shape(2, 0)));
                yield return Make("function", op, values.Tensor(type, Shape.Scalar, Adversarial.Mood.Tame));
            }
        }
    }

    // Rows of nothing, of one element, and none.
    private static IEnumerable<OpCase> Edges(Adversarial values)
    {
        foreach (DType type in (DType[])[DType.F32, DType.F64])
        {
            foreach (Shape shape in (Shape[])[new(3, 0), new(0, 3), new(2, 1)])
            {
                Tensor x = values.Tensor(type, shape);
                Tensor row = values.Tensor(type, new Shape(shape[1]));
                yield return Make("edge", new Softmax(logarithm: false), x);
                yield return Make("edge", new Softmax(logarithm: true), x);
                yield return Make("edge", new LayerNorm(0f), x, row, row);
                yield return Make("edge", new RmsNorm(1e-6f), x, row, row);
                yield return Make("edge", new BatchNorm(0f), x, row, row, row, row);
                foreach (Reduction kind in type == DType.F32 ? Enum.GetValues<Reduction>() : [])
                {
                    yield return Make("edge", new Reduce(kind, 0), x);
                    yield return Make("edge", new Reduce(kind, 2), x);
                }
            }
        }

        foreach (Reduction kind in (Reduction[])[Reduction.Max, Reduction.Min])
        {
            yield return Make("edge", new Reduce(kind, 1), values.Tensor(DType.Bool, new Shape(3, 5)));
            yield return Make("edge", new Reduce(kind, 1), values.Tensor(DType.Bool, new Shape(3, 0)));
        }
    }
}
