using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Ops on codes on the device, by both kinds of tiles: four codes a step, and fragments of the matrix units, which OpenCL plays.</summary>
[Category("gpu")]
internal sealed class CodeTests
{
    private static readonly DType[] Bytes = [DType.U8, DType.I8];
    private static readonly DType[] Codes = [DType.U8, DType.I8, DType.U16, DType.I16];

    private static readonly string[] Quantised =
    [
        nameof(DotInteger), nameof(QLinearDot), nameof(ConvInteger), nameof(QLinearConv),
        nameof(QuantizeLinear), nameof(DequantizeLinear), nameof(DynamicQuantizeLinear),
    ];

    private GpuBackend _matrix = null!;

    private static GpuBackend Plain => Opened.Backend();

    [OneTimeSetUp]
    public void Open()
    {
        _matrix = new GpuBackend(new CountedDevice(GpuTest.Device()) { Capability = 80 }, GpuPlacement.Kernels);
    }

    [OneTimeTearDown]
    public void Close() => _matrix?.Dispose();

    [Test]
    public void Every_case_of_the_catalogue_has_a_kernel([ValueSource(nameof(Quantised))] string name)
    {
        OpCase[] rows = [.. Catalog.Cases().Where(row => row.Op.Name == name)];
        Assert.That(rows, Is.Not.Empty);
        foreach (OpCase row in rows)
        {
            Check(Plain, row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))]);
        }
    }

    [Test]
    public void Products_of_any_size_and_layout([ValueSource(nameof(Bytes))] DType typeA, [ValueSource(nameof(Bytes))] DType typeB, [Values] bool matrix)
    {
        Adversarial random = new(11);
        (int M, int N, int K)[] sizes = matrix
            ? [(48, 48, 1), (50, 131, 67), (129, 48, 200), (64, 64, 64)]
            : [(1, 1, 1), (1, 70, 0), (65, 3, 63), (64, 64, 64), (5, 67, 257), (2, 130, 68), (8, 33, 31)];
        foreach ((int m, int n, int k) in sizes)
        {
            foreach (long[] batch in m * n > 4000 ? (long[][])[[]] : [[], [3], [2, 2]])
            {
                Operand a = random.Operand(typeA, new Shape([.. batch, m, k]), Mood.Tame);
                Operand zeroA = random.Operand(typeA, new Shape([.. batch, m]), Mood.Tame);
                Operand b = random.Operand(typeB, new Shape([.. batch, n, k]), Mood.Tame);
                Operand zeroB = random.Operand(typeB, new Shape([.. batch, n]), Mood.Tame);
                GpuBackend backend = matrix ? _matrix : Plain;
                Check(backend, DotInteger.Instance, [a, b, zeroA, zeroB]);
                Check(
                    backend,
                    QLinearDot.Instance,
                    [
                        a, ConvTests.Scales(random, zeroA.Type.Shape), zeroA, b, ConvTests.Scales(random, zeroB.Type.Shape), zeroB,
                        ConvTests.Scales(random, Shape.Scalar), random.Operand(random.Of(Bytes), Shape.Scalar, Mood.Tame),
                    ]);
            }
        }
    }

    [Test]
    public void Totals_of_extreme_codes_wrap([Values(0, 255)] byte code)
    {
        // 255 · 255 · 34,000 is above 2³¹.
        const int Depth = 34_000;
        foreach (DType type in Bytes)
        {
            (Operand a, Operand b) = (All(type, code, 2, Depth), All(type, 255, 3, Depth));
            Check(Plain, DotInteger.Instance, [a, b, All(type, unchecked((byte)~code), 2), All(type, 0, 3)]);
            Check(Plain, DotInteger.Instance, [a, b, All(type, 0, 2), All(type, 128, 3)]);
            Check(Plain, DotInteger.Instance, [All(type, code, 9, Depth), b, All(type, 0, 9), All(type, 128, 3)]);
        }
    }

    [Test]
    public void Totals_of_the_matrix_units_wrap()
        => Check(_matrix, DotInteger.Instance, [All(DType.U8, 255, 48, 34_000), All(DType.U8, 255, 48, 34_000), All(DType.U8, 0, 48), All(DType.U8, 0, 48)]);

    [Test]
    public void Totals_become_codes_with_ties_to_even_and_saturation([ValueSource(nameof(Bytes))] DType type)
    {
        // Totals −65,025 … 65,025 in steps, over every kind of scale.
        Adversarial random = new(12);
        Operand a = random.Operand(DType.U8, new Shape(40, 1), Mood.Tame);
        Operand b = random.Operand(DType.I8, new Shape(40, 1), Mood.Tame);
        Operand zeroA = random.Operand(DType.U8, new Shape(40), Mood.Tame);
        Operand zeroB = random.Operand(DType.I8, new Shape(40), Mood.Tame);
        foreach (float scale in (float[])[0.5f, 0.25f, 1f, 0f, -0.5f, float.NaN, float.PositiveInfinity, float.Epsilon, float.MaxValue])
        {
            foreach (byte zero in (byte[])[0, 3, 127, 128, 255])
            {
                Operand scaleA = new(new TensorType(DType.F32, new Shape(40)), Tensor.Of<float>(DType.F32, Shape.Scalar, Real.Canonical(scale)).Bytes,
                    AffineView.Identity(Shape.Scalar).Expand(new Shape(40)), null);
                Check(
                    Plain,
                    QLinearDot.Instance,
                    [a, scaleA, zeroA, b, random.Operand(DType.F32, new Shape(40), Mood.Ties), zeroB, Single(random.Of(1f, 0.5f, 0f, 3f)), All(type, zero)]);
            }
        }
    }

    [Test]
    public void Windows_of_any_kind([ValueSource(nameof(Bytes))] DType typeX, [ValueSource(nameof(Bytes))] DType typeW)
    {
        Adversarial random = new(443);
        for (int round = 0; round < 16; round++)
        {
            (Window window, Shape x, Shape w, long groups) = ConvTests.Draw(random);
            if (window.Output.All(extent => extent > 0))
            {
                CheckConv(Plain, random, window, groups, (typeX, x), (typeW, w));
            }
        }
    }

    [Test]
    public void Windows_of_many_channels([Values(1, 2)] long groups, [Values(1, 2)] int apart, [Values] bool matrix)
    {
        Adversarial random = new(449);
        Window window = new([3, 2], [1, 2], [apart, 1], [2, 1], [1, 0], [11 - (2 * apart), 9]);
        Shape x = new(2, groups * 13, 8, 18);
        CheckConv(matrix ? _matrix : Plain, random, window, groups, (random.Of(Bytes), x), (random.Of(Bytes), new Shape(groups * 50, 13, 3, 2)));
    }

    [Test]
    public void Windows_with_negative_pads_and_in_four_axes()
    {
        Adversarial random = new(450);
        Window cropped = new([2, 2], [1, 1], [1, 1], [-1, -2], [0, -1], [3, 2]);
        CheckConv(Plain, random, cropped, 1, (DType.U8, new Shape(1, 3, 5, 6)), (DType.I8, new Shape(9, 3, 2, 2)));
        Window four = new([1, 2, 1, 2], [1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0], [2, 2, 2, 2]);
        OpContractTests.Check(
            Plain,
            new ConvInteger(four, 1),
            [
                random.Operand(DType.U8, new Shape(1, 2, 2, 2, 2, 2), Mood.Tame), random.Operand(DType.I8, new Shape(3, 2, 1, 2, 1, 2), Mood.Tame),
                All(DType.U8, 7), random.Operand(DType.I8, new Shape(3), Mood.Tame),
            ]);
        Assert.That(Plain.LastRanKernel, Is.False, "four spatial axes are the processors'");
    }

    [Test]
    public void Scales_of_a_tensor_an_axis_or_a_block([ValueSource(nameof(Codes))] DType code, [Values(DType.F32, DType.F16, DType.BF16)] DType real)
    {
        Adversarial random = new(577);
        Shape shape = new(6, 10, 8);
        foreach (Func<DType, Operand> parts in (Func<DType, Operand>[])
            [
                type => Spread(random.Tensor(type, new Shape(1, 1, 1), Mood.Ties), shape),
                type => Spread(random.Tensor(type, new Shape(1, 10, 1), Mood.Ties), shape),
                type => Spread(random.Tensor(type, new Shape(6, 10, 1, 1), Mood.Tame), new Shape(6, 10, 2, 4)),
                type => random.Operand(type, shape, Mood.Wild),
            ])
        {
            Operand scale = parts(real);
            Operand zero = parts(code);
            foreach (Mood mood in (Mood[])[Mood.Ties, Mood.Wild])
            {
                Check(Plain, QuantizeLinear.Instance, [random.Operand(real, scale.Type.Shape, mood), scale, zero]);
                Check(Plain, QuantizeLinear.Instance, [random.Operand(DType.I32, scale.Type.Shape, mood), scale, zero]);
                Check(Plain, DequantizeLinear.Instance, [random.Operand(code, scale.Type.Shape, mood), scale, zero]);
            }
        }

        Check(Plain, DequantizeLinear.Instance, [.. ((DType[])[DType.I32, real, DType.I32]).Select(type => random.Operand(type, shape, Mood.Wild))]);
    }

    [Test]
    public void Half_steps_are_rounded_to_even([ValueSource(nameof(Codes))] DType code)
    {
        Adversarial random = new(578);
        Tensor scale = Tensor.Of<float>(DType.F32, new Shape(3000), [.. Enumerable.Range(0, 3000).Select(_ => random.Of(1f, 3f, 0.7f, 0.013f))]);
        Check(
            Plain,
            QuantizeLinear.Instance,
            [Layouts.Whole(random.HalfSteps(scale)), Layouts.Whole(scale), random.Operand(code, scale.Type.Shape, Mood.Tame)]);
    }

    [Test]
    public void Codes_of_a_range_found_at_run_time([Values] Mood mood)
    {
        Adversarial random = new(581);
        foreach (Shape shape in new[] { new Shape(1), new Shape(7, 9), new Shape(4096), new Shape(4097), new Shape(30, 1000) })
        {
            Check(Plain, DynamicQuantizeLinear.Instance, [random.Operand(DType.F32, shape, mood)]);
        }
    }

    private static void Check(GpuBackend backend, Op op, ImmutableArray<Operand> operands)
    {
        OpContractTests.Check(backend, op, operands);
        Assert.That(backend.LastRanKernel, Is.True, () => $"a kernel ran: {op} on {string.Join(", ", operands.Select(operand => operand.Type))}");
    }

    private static void CheckConv(
        GpuBackend backend, Adversarial random, Window window, long groups, (DType Type, Shape Shape) image, (DType Type, Shape Shape) kernels)
    {
        Operand x = random.Operand(image.Type, image.Shape, Mood.Tame);
        Operand zeroX = random.Operand(image.Type, Shape.Scalar, Mood.Tame);
        Operand w = random.Operand(kernels.Type, kernels.Shape, Mood.Tame);
        Shape rows = new(kernels.Shape[0]);
        Operand zerosW = random.Operand(kernels.Type, rows, Mood.Tame);
        Check(backend, new ConvInteger(window, groups), [x, w, zeroX, zerosW]);
        ImmutableArray<Operand> operands =
        [
            x, ConvTests.Scales(random, Shape.Scalar), zeroX, w, ConvTests.Scales(random, rows), zerosW, ConvTests.Scales(random, Shape.Scalar),
            random.Operand(random.Of(Bytes), Shape.Scalar, Mood.Tame),
        ];
        Check(backend, new QLinearConv(window, groups), operands);
        Check(backend, new QLinearConv(window, groups), [.. operands, random.Operand(DType.I32, rows, Mood.Tame)]);
    }

    private static Operand Single(float value) => Layouts.Whole(Tensor.Of<float>(DType.F32, Shape.Scalar, value));

    // A tensor of one code.
    private static Operand All(DType type, byte code, params long[] extents)
    {
        TensorType all = new(type, new Shape(extents));
        return Layouts.Whole(Tensor.Canonical(all, Enumerable.Repeat(code, (int)all.Bytes).ToArray()));
    }

    private static Operand Spread(Tensor tensor, Shape shape)
        => new(new TensorType(tensor.Type.DType, shape), tensor.Bytes, AffineView.Identity(tensor.Type.Shape).Expand(shape), null);
}
