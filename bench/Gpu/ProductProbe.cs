using System.Collections.Immutable;
using System.Runtime.InteropServices;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Products of f32.</summary>
internal sealed class ProductProbe() : MatrixProbe("gemm", "Products of f32", 80)
{
    private const double Least = 0.7;
    private const float Near = 1e-3f;

    /// <inheritdoc/>
    private protected override string Unit => "Tflop/s";

    /// <inheritdoc/>
    private protected override Op Op => Dot.Plain;

    /// <inheritdoc/>
    protected override void Run()
    {
        Size[] sizes = IsQuick ? [new(256, 256, 256), new(130, 200, 300, AlongK: false), new(1, 768, 768), new(8, 256, 768)] :
        [
            new(1024, 1024, 1024), new(2048, 2048, 2048), new(GoalSize, GoalSize, GoalSize), new(GoalSize, GoalSize, GoalSize, AlongK: false),
            new(8192, 8192, 8192), .. Few(1, 8, 128),
        ];
        List<(Size Size, double Ratio)> goals = Measure(sizes, Peak.Flops(Device.Description));
        IEnumerable<Part> parts = goals.Select(goal => Part.AtLeast(goal.Ratio, Least, goal.Size.AlongK ? "B [N, K]" : "B [K, N]"));
        Add(Goal.Of("f32 GEMM at 4096³", "≥ 0.7× the vendor's FP32", [.. parts]));
    }

    /// <inheritdoc/>
    private protected override ImmutableArray<Operand> Operands(Size size)
    {
        Tensor a = Samplings.Tame(DType.F32, new Shape(size.M, size.K), 1);
        Tensor b = Samplings.Tame(DType.F32, size.AlongK ? new Shape(size.N, size.K) : new Shape(size.K, size.N), 2);
        AffineView map = AffineView.Identity(b.Type.Shape);
        map = size.AlongK ? map : map.Transpose(1, 0);
        return
        [
            new Operand(a.Type, a.Bytes, AffineView.Identity(a.Type.Shape), null),
            new Operand(new TensorType(DType.F32, new Shape(size.N, size.K)), b.Bytes, map, null),
        ];
    }

    /// <inheritdoc/>
    private protected override void Theirs(Cublas library, Size size, nint a, nint b, nint y) => library.Product(size.M, size.N, size.K, size.AlongK, a, b, y);

    /// <inheritdoc/>
    private protected override bool Agrees(byte[] ours, byte[] theirs)
    {
        ReadOnlySpan<float> x = MemoryMarshal.Cast<byte, float>(ours);
        ReadOnlySpan<float> y = MemoryMarshal.Cast<byte, float>(theirs);
        float largest = 0;
        float difference = 0;
        for (int i = 0; i < x.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(x[i]));
            difference = Math.Max(difference, Math.Abs(x[i] - y[i]));
        }

        return difference <= Near * largest;
    }
}
