using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Random numbers.</summary>
internal static partial class Catalog
{
    private static IEnumerable<OpCase> Random(Adversarial values)
    {
        foreach (Shape shape in (Shape[])[Shape.Scalar, new(7), new(3, 1, 5), new(2, 0), new(1030)])
        {
            yield return Make(
                "random", new RandomBits(shape, uint.MaxValue - 1), values.Tensor(DType.U64, Shape.Scalar), values.Tensor(DType.U32, Shape.Scalar));
        }
    }
}
