using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Ops that choose elements by their order, or by indices.</summary>
[Category("simd")]
internal sealed class SelectionTests
{
    [Test]
    public void Best_of_rows([Values] Mood mood, [Values] bool smallest, [Values] bool last)
    {
        Adversarial random = new(801 + (ulong)mood);
        foreach (long n in new long[] { 1, 2, 15, 16, 17, 33, 100, 4096, 4097, 9000 })
        {
            DType type = random.Of(DType.F32, DType.F16, DType.BF16);
            Differential.Check(new ArgMax(smallest, last), [random.Operand(type, new Shape(1 + random.Below(n > 1000 ? 2 : 5), n), mood)]);
        }

        Differential.Check(new ArgMax(smallest, last), [random.Operand(DType.I8, new Shape(3, 20), mood)], kernel: false);
    }

    [Test]
    public void Best_of_columns([Values] Mood mood, [Values] bool smallest, [Values] bool last)
    {
        Adversarial random = new(811 + (ulong)mood);
        foreach (long columns in new long[] { 2, 16, 31, 64, 67, 130 })
        {
            // [2, n, columns] seen as [2, columns, n].
            long n = random.Of(2, 5, 21);
            Tensor source = random.Tensor(DType.F32, new Shape(2, n, columns), mood);
            Shape shape = new(2, columns, n);
            AffineView map = new(shape, 0, [n * columns, 1, columns]);
            Differential.Check(new ArgMax(smallest, last), [new Operand(new TensorType(DType.F32, shape), source.Bytes, map, Parameter: null)]);
        }
    }

    [Test]
    public void A_row_of_NaN_and_equals([Values] bool smallest, [Values] bool last)
    {
        float[] row = [.. Enumerable.Repeat(float.NaN, 40), .. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? 0f : -0f)];
        Differential.Check(new ArgMax(smallest, last), [Layouts.Whole(Tensor.Of<float>(DType.F32, new Shape(4, 20), row))]);
    }

    [Test]
    public void Elements_by_index([Values] bool narrow)
    {
        Adversarial random = new(821);
        foreach (DType type in (DType[])[DType.Bool, DType.F16, DType.F32, DType.I64])
        {
            foreach (int axis in (int[])[0, 1, 2])
            {
                Shape x = new(4, 5, 6);
                Shape chosen = new Shape(3, 5, 6).With(axis, random.Of(1, 7, 50));
                DType index = narrow ? DType.I32 : DType.I64;
                Differential.Check(
                    new GatherElements(axis), [random.Operand(type, x, Mood.Wild), Layouts.Whole(Indices(random, index, chosen, x[axis]))]);
                Differential.Check(new GatherElements(axis), [random.Operand(type, x, Mood.Wild), random.Operand(index, chosen, Mood.Wild)]);
            }
        }
    }

    // From two before the first, counted from the end, to two behind the last.
    private static Tensor Indices(Adversarial random, DType type, Shape shape, long extent)
    {
        Tensor wide = Tensor.Of(
            DType.I64, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => random.Below((int)(2 * extent) + 4) - extent - 2)]);
        return ReferenceBackend.Evaluate(new Cast(type), wide)[0];
    }
}
