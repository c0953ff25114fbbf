using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Ops that fold rows, pools, and quantisation.</summary>
[Category("simd")]
internal sealed class RowTests
{
    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];
    private static readonly long[] Lengths = [1, 2, 31, 32, 33, 127, 768, 4096, 4097, 9000];

    [Test]
    public void Softmax_rows([ValueSource(nameof(Singles))] DType type, [Values] Mood mood, [Values] bool logarithm)
    {
        Adversarial random = new(501 + (ulong)mood + ((ulong)type * 10));
        foreach (long n in Lengths.Where(n => type == DType.F32 || n < 1000))
        {
            Differential.Check(new Softmax(logarithm), [random.Operand(type, new Shape(1 + random.Below(n > 1000 ? 1 : 4), n), mood)]);
        }
    }

    [Test]
    public void Softmax_of_short_rows([Values] Mood mood, [Values] bool logarithm)
    {
        Adversarial random = new(503 + (ulong)mood);
        foreach (long n in new long[] { 1, 2, 3, 4, 5, 8, 15, 16, 17, 21, 31, 32, 33 })
        {
            Differential.Check(new Softmax(logarithm), [random.Operand(random.Of(Singles), new Shape(random.Of(1, 3, 15, 16, 33, 60), n), mood)]);
        }

        Differential.Check(new Softmax(logarithm), [random.Operand(DType.F32, new Shape(4420, 2), mood)]);
    }

    [Test]
    public void A_row_of_minus_infinity_is_NaN([Values] bool logarithm)
    {
        float[] row = [.. Enumerable.Repeat(float.NegativeInfinity, 40)];
        Differential.Check(new Softmax(logarithm), [Layouts.Whole(Tensor.Of<float>(DType.F32, new Shape(2, 20), row))]);
    }

    [Test]
    public void Softmax_rows_with_one_number_that_is_no_number([Values] bool logarithm)
    {
        float[] specials = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, -90f, -103.5f, 0f, -0f];
        foreach (int n in new[] { 16, 32, 47, 64, 100 })
        {
            foreach (float others in new[] { -0f, 1.5f, float.NegativeInfinity, -3e38f })
            {
                foreach (int place in new[] { 0, 31, n - 1 }.Where(place => place < n))
                {
                    float[] rows = [.. specials.SelectMany(special => Enumerable.Range(0, n).Select(i => i == place ? special : others))];
                    Differential.Check(new Softmax(logarithm), [Layouts.Whole(Tensor.Of<float>(DType.F32, new Shape(specials.Length, n), rows))]);
                }
            }
        }
    }

    [Test]
    public void Norms([ValueSource(nameof(Singles))] DType type, [Values] Mood mood, [Values] bool centred)
    {
        Adversarial random = new(511 + (ulong)mood + ((ulong)type * 10));
        foreach (long n in Lengths.Where(n => type == DType.F32 || n < 1000))
        {
            ImmutableArray<Operand> operands =
            [
                random.Operand(type, new Shape(2, 1 + random.Below(3), n), mood), random.Operand(type, new Shape(n), mood),
            ];
            operands = random.Below(2) == 0 ? operands : operands.Add(random.Operand(type, new Shape(n), mood));
            Differential.Check(centred ? new LayerNorm(1e-5f) : new RmsNorm(1e-6f), operands);
        }
    }

    [Test]
    public void BatchNorm_scales_channels([ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(521 + (ulong)mood + ((ulong)type * 10));
        foreach (Shape shape in new[] { new Shape(2, 3, 4, 5), new Shape(3, 7), new Shape(1, 2, 1500) })
        {
            Shape channels = new(shape[1]);
            Differential.Check(
                new BatchNorm(1e-5f),
                [random.Operand(type, shape, mood), .. Enumerable.Range(0, 4).Select(_ => random.Operand(type, channels, mood))]);
        }
    }

    [Test]
    public void Reductions([Values] Reduction kind, [ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(531 + (ulong)mood + ((ulong)type * 10) + ((ulong)kind * 100));
        foreach (long n in Lengths.Where(n => type == DType.F32 || n < 1000))
        {
            Differential.Check(new Reduce(kind, 1), [random.Operand(type, new Shape(random.Of(1, 3), n), mood)], kind != Reduction.Prod);
        }

        Differential.Check(new Reduce(kind, 2), [random.Operand(type, new Shape(3, 4, 50), mood)], kind != Reduction.Prod);
        Differential.Check(new Reduce(kind, 0), [random.Operand(type, new Shape(7), mood)], kind != Reduction.Prod);
    }

    [Test]
    public void Columns_are_reduced_where_they_lie([Values] Reduction kind, [Values] Mood mood)
    {
        Adversarial random = new(591 + (ulong)mood + ((ulong)kind * 100));
        foreach (long n in new long[] { 1, 2, 31, 33, 257, 4096, 4097 })
        {
            foreach (long columns in n > 300 ? [3] : new long[] { 2, 5, 16, 31, 64, 67, 130 })
            {
                // [2, n, columns] seen as [2, columns, n].
                Shape shape = new(2, columns, n);
                AffineView map = new(shape, 0, [n * columns, 1, columns]);
                Tensor source = random.Tensor(DType.F32, new Shape(2, n, columns), mood);
                Operand operand = new(new TensorType(DType.F32, shape), source.Bytes, map, Parameter: null);
                Differential.Check(new Reduce(kind, 1), [operand], kind != Reduction.Prod);
                if (kind == Reduction.Sum)
                {
                    Differential.Check(new Softmax(logarithm: false), [operand]);
                }
            }
        }
    }

    [Test]
    public void A_fold_of_more_than_a_block_of_blocks()
    {
        Adversarial random = new(541);
        Tensor tensor = random.Tensor(DType.F32, new Shape((4096 * 4096) + 4097), Mood.Cancelling);
        Differential.Check(new Reduce(Reduction.Sum, 1), [Layouts.Whole(tensor)]);
        Differential.Check(new Reduce(Reduction.Max, 1), [Layouts.Whole(tensor)]);
        Differential.Check(DynamicQuantizeLinear.Instance, [Layouts.Whole(tensor)]);
    }

    [Test]
    public void Pools([Values] Mood mood, [Values] bool flag)
    {
        Adversarial random = new(551 + (ulong)mood);
        for (int round = 0; round < 12; round++)
        {
            int axes = 1 + random.Below(3);
            long[] spatial = [.. Enumerable.Range(0, axes).Select(_ => (long)random.Below(axes == 1 ? 50 : axes == 2 ? 12 : 6))];
            ImmutableArray<long> kernel = [.. spatial.Select(_ => (long)random.Of(1, 2, 3))];
            ImmutableArray<long> strides = [.. spatial.Select(_ => (long)random.Of(1, 2, 3))];
            ImmutableArray<long> dilations = [.. spatial.Select(_ => (long)random.Of(1, 1, 2))];
            ImmutableArray<long> begin = [.. spatial.Select(_ => (long)random.Below(4))];
            ImmutableArray<long> end = [.. spatial.Select(_ => (long)random.Below(4))];
            ImmutableArray<long> output = [.. spatial.Select(_ => (long)random.Below(8))];
            Window window = new(kernel, strides, dilations, begin, end, output);
            Shape shape = new([2, 3, .. spatial]);
            bool some = output.All(extent => extent > 0);
            Differential.Check(new AveragePool(window, flag), [random.Operand(DType.F32, shape, mood)], some);
            DType type = random.Of(DType.F32, DType.U8, DType.I8);
            Differential.Check(new MaxPool(window, flag), [random.Operand(type, shape, mood)], some && !flag);
        }
    }

    [Test]
    public void GlobalAveragePool_has_four_lanes([ValueSource(nameof(Singles))] DType type, [Values] Mood mood)
    {
        Adversarial random = new(561 + (ulong)mood + ((ulong)type * 10));
        foreach (long n in new[] { 1, 3, 4, 7, 49, 1000 })
        {
            Differential.Check(GlobalAveragePool.Instance, [random.Operand(type, new Shape(2, 5, n), mood)]);
        }
    }

    [Test]
    public void Codes_are_made_and_read([Values(DType.U8, DType.I8, DType.U16, DType.I16)] DType codes,
        [ValueSource(nameof(Singles))] DType real, [Values] Mood mood)
    {
        Adversarial random = new(571 + (ulong)mood + ((ulong)codes * 10));
        foreach (Shape shape in new[] { new Shape(0), new Shape(3, 1500), new Shape(2, 3, 5), Shape.Scalar })
        {
            Operand scale = ConvTests.Scales(random, shape);
            Operand zero = random.Operand(codes, shape, Mood.Tame);
            Operand integers = random.Operand(DType.I32, shape, mood);
            Differential.Check(QuantizeLinear.Instance, [random.Operand(real, shape, mood), scale, zero]);
            Differential.Check(QuantizeLinear.Instance, [integers, random.Operand(real, shape, mood), zero]);
            Differential.Check(
                DequantizeLinear.Instance, [integers, random.Operand(real, shape, mood), random.Operand(DType.I32, shape, mood)]);
            Differential.Check(
                DequantizeLinear.Instance, [random.Operand(codes, shape, Mood.Tame), random.Operand(real,
                    shape, mood), random.Operand(codes, shape, Mood.Tame)]);
        }
    }

    [Test]
    public void Half_steps_are_rounded_to_even([Values(DType.U8, DType.I8, DType.U16, DType.I16)] DType codes)
    {
        Adversarial random = new(577 + (ulong)codes);
        Shape shape = new(3000);
        Tensor scale = Tensor.Of<float>(DType.F32, shape, [.. Enumerable.Range(0, 3000).Select(_ => random.Of(1f, 3f, 0.7f, 0.013f))]);
        Tensor x = random.HalfSteps(scale);
        Differential.Check(QuantizeLinear.Instance, [Layouts.Whole(x), Layouts.Whole(scale), random.Operand(codes, shape, Mood.Tame)]);
    }

    [Test]
    public void Codes_of_a_range_found_at_run_time([Values] Mood mood)
    {
        Adversarial random = new(581 + (ulong)mood);
        foreach (Shape shape in new[] { new Shape(0), new Shape(1), new Shape(30, 1000), new Shape(7, 9) })
        {
            Differential.Check(DynamicQuantizeLinear.Instance, [random.Operand(DType.F32, shape, mood)]);
        }
    }

    [Test]
    public void Products_of_codes([Values] bool signedA, [Values] bool signedB)
    {
        Adversarial random = new(591);
        DType typeA = signedA ? DType.I8 : DType.U8;
        DType typeB = signedB ? DType.I8 : DType.U8;
        for (int round = 0; round < 24; round++)
        {
            long[] batch = random.Of<long[]>([], [], [3], [2, 2]);
            long depth = random.Of<long>(0, 1, 31, 255, 256, 257, 513, 1025);
            long rows = random.Of<long>(1, 2, 3, 7, 16, 119);
            long columns = random.Of<long>(1, 15, 17, 40);
            bool kept = random.Below(2) == 0;
            Operand a = random.Operand(typeA, new Shape([.. batch, rows, depth]), Mood.Tame);
            Operand zeroA = random.Operand(typeA, new Shape([.. batch, rows]), Mood.Tame);
            Operand b = random.Operand(typeB, new Shape([.. batch, columns, depth]), Mood.Tame, kept);
            Operand zeroB = random.Operand(typeB, new Shape([.. batch, columns]), Mood.Tame, kept);
            Differential.Check(DotInteger.Instance, [a, b, zeroA, zeroB]);
            Differential.Check(
                QLinearDot.Instance,
                [
                    a, ConvTests.Scales(random, zeroA.Type.Shape), zeroA, b, ConvTests.Scales(random, zeroB.Type.Shape), zeroB,
                    ConvTests.Scales(random, Shape.Scalar), random.Operand(random.Of(DType.U8, DType.I8), Shape.Scalar, Mood.Tame),
                ]);
        }
    }

    [Test]
    public void Scratch_grows_with_the_number_of_batches_and_not_with_its_square()
    {
        const int Batches = 1000, Columns = 8, Depth = 4;
        Adversarial random = new(593);
        Operand Codes(params ReadOnlySpan<long> shape) => Layouts.Whole(random.Tensor(DType.U8, new Shape(shape), Mood.Tame));
        Operand zerosA = Codes(Batches, 1);
        Operand zerosB = Codes(Batches, Columns);
        using CpuBackend backend = new(1);
        Differential.Check(backend, QLinearDot.Instance,
        [
            Codes(Batches, 1, Depth), ConvTests.Scales(random, zerosA.Type.Shape), zerosA,
            Codes(Batches, Columns, Depth), ConvTests.Scales(random, zerosB.Type.Shape), zerosB,
            ConvTests.Scales(random, Shape.Scalar), Codes(),
        ]);
        Assert.That(backend.ScratchBytes, Is.LessThan(Batches * 2000));
    }

    [Test]
    public void Largest_codes_stay_exact([Values(255, 256, 257, 4097)] long depth, [Values] bool signed)
    {
        // Differences of ±255: the largest products there are, in blocks whose sums come nearest to 2^24.
        byte[] extreme = [.. Enumerable.Repeat(signed ? (byte)127 : (byte)255, (int)(3 * depth))];
        DType type = signed ? DType.I8 : DType.U8;
        Tensor a = Tensor.Of<byte>(type, new Shape(3, depth), extreme);
        Tensor zero = Tensor.Of<byte>(type, new Shape(3), signed ? [0x80, 0x80, 0x7F] : [0, 0, 255]);
        Differential.Check(DotInteger.Instance, [Layouts.Whole(a), Layouts.Whole(a), Layouts.Whole(zero), Layouts.Whole(zero)]);
    }
}
