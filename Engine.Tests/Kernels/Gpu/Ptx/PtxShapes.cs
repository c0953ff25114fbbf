using System.Collections.Immutable;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

/// <summary>An op on a device that says it is of some size and capability.</summary>
internal sealed record PtxShape(Op Op, ImmutableArray<Operand> Operands, int Units = 0, int Capability = 80)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Op.Name} of {string.Join(", ", Operands.Select(operand => operand.Type))}";
}

/// <summary>Cases past the edges of tiles and blocks, one for each way that the catalogue's small shapes do not go.</summary>
internal static class PtxShapes
{
    // Multiprocessors of a device so large that every block of k is a work-group's own.
    private const int Many = 100_000;

    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];
    private static readonly DType[] Bytes = [DType.U8, DType.I8];

    /// <summary>All cases.</summary>
    public static IEnumerable<PtxShape> All() => [.. Products(), .. Windows(), .. Codes(), .. Moves()];

    private static IEnumerable<PtxShape> Products()
    {
        Adversarial random = new(17);
        PtxShape Dot(DType type, int units, float beta, long m, long n, long k, params long[] batch)
        {
            Mood mood = random.Of(Mood.Tame, Mood.Finite, Mood.Wild);
            ImmutableArray<Operand> operands =
                [random.Operand(type, new Shape([.. batch, m, k]), mood), random.Operand(type, new Shape([.. batch, n, k]), mood)];
            return beta == 0
                ? new(Engine.Ops.Dot.Plain, operands, units)
                : new(new Dot(type.IsReal() ? 0.5f : 1f, beta), operands.Add(random.Operand(type, new Shape([.. batch, m, n]), mood)), units);
        }

        foreach (DType type in Singles)
        {
            yield return Dot(type, 0, -3f, 97, 99, 5);
            yield return Dot(type, 0, 2f, 65, 33, type == DType.F32 ? 260 : 17, 2);
            yield return Dot(type, Many, 1f, 9, 11, 520);
            yield return Dot(type, 0, 3f, 2, 90, 515);
            yield return Dot(type, 0, 0, 66, 3, 258);
        }

        foreach (DType type in (DType[])[DType.I8, DType.U16, DType.I32, DType.I64, DType.F64])
        {
            yield return Dot(type, 0, 0, 5, 17, 300, 3);
            yield return Dot(type, 0, 1, 17, 16, 35);
        }
    }

    private static IEnumerable<PtxShape> Windows()
    {
        Adversarial random = new(19);
        PtxShape Conv(DType type, int units, int channels, int extent, int outputs, int taps, int stride, int groups)
        {
            int pad = taps / 2;
            long along = ((extent + (2 * pad) - taps) / stride) + 1;
            Window window = new([taps, taps], [stride, stride], [1, 1], [pad, pad], [pad, pad], [along, along]);
            ImmutableArray<Operand> operands =
            [
                random.Operand(type, new Shape(1, channels, extent, extent), Mood.Wild),
                random.Operand(type, new Shape(outputs, channels / groups, taps, taps), Mood.Tame, parameter: true),
                random.Operand(type, new Shape(outputs), Mood.Finite),
            ];
            return new(new Conv(window, groups), operands, units);
        }

        foreach (DType type in Singles)
        {
            yield return Conv(type, 0, 3, 10, 97, 3, 1, 1);
            yield return Conv(type, 0, 3, 9, 40, 3, 2, 1);
            yield return Conv(type, Many, 32, 4, 16, 3, 1, 1);
            yield return Conv(type, 0, 6, 7, 40, 3, 1, 2);
            yield return Conv(type, 0, 6, 7, 6, 3, 1, 6);
            yield return Conv(type, 0, 20, 5, 20, 1, 1, 1);
        }
    }

    private static IEnumerable<PtxShape> Codes()
    {
        Adversarial random = new(23);
        foreach ((DType a, DType b) in from a in Bytes from b in Bytes select (a, b))
        {
            foreach ((int m, int n, int k, int capability) in new[] { (50, 131, 67, 80), (50, 131, 67, 75), (9, 70, 70, 80), (3, 70, 130, 80) })
            {
                Operand[] rows =
                [
                    random.Operand(a, new Shape(m, k), Mood.Tame), random.Operand(b, new Shape(n, k), Mood.Tame),
                    random.Operand(a, new Shape(m), Mood.Tame), random.Operand(b, new Shape(n), Mood.Tame),
                ];
                yield return new(DotInteger.Instance, [.. rows], Capability: capability);
                yield return new(
                    QLinearDot.Instance,
                    [
                        rows[0], random.Operand(DType.F32, new Shape(m), Mood.Ties), rows[2], rows[1],
                        random.Operand(DType.F32, new Shape(n), Mood.Ties), rows[3],
                        Layouts.Whole(Tensor.Of<float>(DType.F32, Shape.Scalar, 96f)), random.Operand(a, Shape.Scalar, Mood.Tame),
                    ],
                    Capability: capability);
            }

            foreach ((int outputs, int groups, int capability) in new[] { (50, 1, 80), (50, 1, 75), (100, 2, 80), (18, 2, 80), (4, 2, 80), (6, 6, 80) })
            {
                Window window = new([3, 2], [1, 2], [2, 1], [2, 1], [1, 0], [7, 9]);
                yield return new(
                    new ConvInteger(window, groups),
                    [
                        random.Operand(a, new Shape(1, 6, 8, 18), Mood.Tame), random.Operand(b, new Shape(outputs, 6 / groups, 3, 2), Mood.Tame),
                        random.Operand(a, Shape.Scalar, Mood.Tame), random.Operand(b, new Shape(outputs), Mood.Tame),
                    ],
                    Capability: capability);
            }
        }
    }

    private static IEnumerable<PtxShape> Moves()
    {
        Adversarial random = new(29);
        yield return new(new Gather(1), [random.Operand(DType.BF16, new Shape(3, 5), Mood.Wild), random.Operand(DType.I32, new Shape(7), Mood.Tame)]);
        foreach (DType type in new[] { DType.F32, DType.F64 })
        {
            Operand[] rows =
            [
                random.Operand(type, new Shape(2, 4099), Mood.Finite),
                random.Operand(type, new Shape(4099), Mood.Tame), random.Operand(type, new Shape(4099), Mood.Tame),
            ];
            yield return new(new LayerNorm(1e-5f), [.. rows]);
            yield return new(new RmsNorm(1e-5f), [rows[0], rows[1]]);
        }

        yield return new(new Softmax(logarithm: false), [random.Operand(DType.F32, new Shape(2, 4099), Mood.Finite)]);
        yield return new(new Concat(0), [random.Operand(DType.F16, new Shape(3, 5), Mood.Wild), random.Operand(DType.F16, new Shape(2, 5), Mood.Wild)]);
    }
}
