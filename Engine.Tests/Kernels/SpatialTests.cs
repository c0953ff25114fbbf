using NUnit.Framework;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Ops that resample images.</summary>
[Category("simd")]
internal sealed class SpatialTests
{
    [Test]
    public void Resampled_axes([Values] Mood mood, [Values(1, 2, 4, 9)] int taps)
    {
        Adversarial random = new(701 + (ulong)mood + ((ulong)taps * 10));
        foreach (Shape shape in new[] { new Shape(3, 5, 7), new Shape(17, 20), new Shape(2, 3, 70), new Shape(33, 2), new Shape(1, 9), new Shape(40, 3, 1) })
        {
            for (int axis = 0; axis < shape.Rank; axis++)
            {
                Shape table = new(random.Of(1, 2, 15, 16, 17, 35), taps);
                Differential.Check(
                    new Resample(axis),
                    [
                        random.Operand(DType.F32, shape, mood), Layouts.Whole(Indices(random, table, shape[axis])), random.Operand(DType.F32, table, mood),
                    ]);
            }
        }
    }

    [Test]
    public void Taps_of_weight_0_are_left_out()
    {
        Adversarial random = new(711);
        Shape table = new(20, 3);
        float[] weights = [.. Enumerable.Range(0, 60).Select(i => random.Of(0f, -0f, 1f, -1f, float.NaN))];
        foreach (int axis in (int[])[0, 1])
        {
            Differential.Check(
                new Resample(axis),
                [
                    random.Operand(DType.F32, new Shape(18, 21), Mood.Wild),
                    Layouts.Whole(Indices(random, table, 18)),
                    Layouts.Whole(Tensor.Of<float>(DType.F32, table, weights)),
                ]);
        }
    }

    [Test]
    public void Tables_of_more_than_a_block_are_for_the_definition()
    {
        Adversarial random = new(721);
        foreach (int taps in (int[])[255, 256, 257])
        {
            Shape table = new(3, taps);
            Differential.Check(
                new Resample(1),
                [
                    random.Operand(DType.F32, new Shape(2, 300), Mood.Cancelling),
                    Layouts.Whole(Indices(random, table, 300)),
                    random.Operand(DType.F32, table, Mood.Tame),
                ],
                taps <= 256);
        }
    }

    // From one before the first to one after the last.
    private static Tensor Indices(Adversarial random, Shape shape, long extent)
        => Tensor.Of(DType.I64, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (long)random.Below((int)extent + 2) - 1)]);
}
