using System.Collections.Immutable;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Products of i8 codes.</summary>
internal sealed class CodeProbe() : MatrixProbe("int8", "Products of i8 codes", 45)
{
    private const double Least = 0.35;

    /// <inheritdoc/>
    private protected override string Unit => "Top/s";

    /// <inheritdoc/>
    private protected override Op Op => DotInteger.Instance;

    /// <inheritdoc/>
    protected override void Run()
    {
        Size[] sizes = IsQuick ? [new(64, 64, 64), new(4, 256, 768), new(200, 128, 256)] :
        [
            new(1024, 1024, 1024), new(2048, 2048, 2048), new(GoalSize, GoalSize, GoalSize), new(8192, 8192, 8192),
            .. Few(8, 128),
        ];
        List<(Size Size, double Ratio)> goals = Measure(sizes, double.NaN);
        Add(Goal.Of("int8 GEMM at 4096³", "≥ 0.35× the vendor's", [.. goals.Select(goal => Part.AtLeast(goal.Ratio, Least))]));
    }

    /// <inheritdoc/>
    private protected override ImmutableArray<Operand> Operands(Size size)
    {
        Tensor zero = new(new TensorType(DType.I8, Shape.Scalar), new byte[1]);
        return [Whole(new Shape(size.M, size.K), 1), Whole(new Shape(size.N, size.K), 2), Zeros(size.M), Zeros(size.N)];

        Operand Whole(Shape shape, uint seed)
        {
            Tensor tensor = Samplings.Wild(DType.I8, shape, seed);
            return new Operand(tensor.Type, tensor.Bytes, AffineView.Identity(shape), null);
        }

        Operand Zeros(int count)
            => new(new TensorType(DType.I8, new Shape(count)), zero.Bytes, AffineView.Identity(Shape.Scalar).Expand(new Shape(count)), null);
    }

    /// <inheritdoc/>
    private protected override void Theirs(Cublas library, Size size, nint a, nint b, nint y) => library.CodeProduct(size.M, size.N, size.K, a, b, y);

    /// <inheritdoc/>
    private protected override bool Agrees(byte[] ours, byte[] theirs) => ours.AsSpan().SequenceEqual(theirs);
}
