using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Kernels.Gpu.Ptx;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>A case for each kernel that the catalogue's shapes do not reach, as small as the kernel allows: Oclgrind does a million steps a second.</summary>
internal static class SmallShapes
{
    /// <summary>All cases.</summary>
    public static IEnumerable<PtxShape> All()
    {
        Adversarial random = new(31);
        Operand Of(DType type, params long[] extents) => random.Operand(type, new Shape(extents), Mood.Tame);
        yield return new(Dot.Plain, [Of(DType.F32, 97, 1), Of(DType.F32, 97, 1)]);
        yield return new(new Dot(0.5f, 2f), [Of(DType.F32, 9, 5), Of(DType.F32, 11, 5), Of(DType.F32, 9, 11)]);
        foreach (DType type in (DType[])[DType.I8, DType.U16, DType.I32, DType.I64])
        {
            yield return new(Dot.Plain, [Of(type, 3, 5), Of(type, 2, 5)]);
        }

        foreach ((int outputs, long extent) in ((int, long)[])[(97, 10), (40, 4)])
        {
            Window window = new([2, 2], [1, 1], [1, 1], [1, 0], [0, 1], [extent, extent]);
            yield return new(new Conv(window, 1), [Of(DType.F32, 1, 2, extent, extent), Of(DType.F32, outputs, 2, 2, 2), Of(DType.F32, outputs)]);
        }

        foreach (long side in (long[])[9, 48])
        {
            Operand[] rows = [Of(DType.U8, side, 5), Of(DType.I8, side, 5), Of(DType.U8, side), Of(DType.I8, side)];
            yield return new(DotInteger.Instance, [.. rows]);
            if (side < 48)
            {
                yield return new(
                    QLinearDot.Instance,
                    [
                        rows[0], Of(DType.F32, side), rows[2], rows[1], Of(DType.F32, side), rows[3],
                        Layouts.Whole(Tensor.Of<float>(DType.F32, Shape.Scalar, 96f)), Of(DType.U8),
                    ]);
            }

            Window window = new([2, 1], [1, 1], [1, 1], [1, 0], [0, 0], [6, 8]);
            yield return new(new ConvInteger(window, 1), [Of(DType.U8, 1, 2, 6, 8), Of(DType.I8, side, 2, 2, 1), Of(DType.U8), Of(DType.I8, side)]);
        }

        foreach (DType type in (DType[])[DType.F32, DType.F64])
        {
            Operand[] rows = [Of(type, 1, 4099), Of(type, 4099)];
            yield return new(new LayerNorm(1e-5f), [.. rows]);
            yield return new(new RmsNorm(1e-5f), [.. rows]);
        }

        AffineView turned = new(new Shape(3, 2), 0, [1, 3]);
        yield return new(Copy.Instance, [new Operand(new TensorType(DType.F64, turned.Shape), Of(DType.F64, 6).ToTensor().Bytes, turned, Parameter: null)]);
        yield return new(new Softmax(logarithm: false), [Of(DType.F32, 1, 4099)]);
        yield return new(new Gather(1), [Of(DType.BF16, 3, 5), Of(DType.I32, 7)]);
        yield return new(new Concat(0), [Of(DType.F16, 3, 5), Of(DType.F16, 2, 5)]);
    }
}
