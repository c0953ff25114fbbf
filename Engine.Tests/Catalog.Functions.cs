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
}
