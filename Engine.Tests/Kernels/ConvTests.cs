using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

[Category("simd")]
internal sealed class ConvTests
{
    [Test]
    public void Conv_gives_the_bits_of_its_definition([Values(DType.F32, DType.F16, DType.BF16)] DType type, [Values] Mood mood)
    {
        Adversarial random = new(401 + (ulong)mood + ((ulong)type * 10));
        for (int round = 0; round < (type == DType.F32 ? 16 : 4); round++)
        {
            (Window window, Shape x, Shape w, long groups) = Draw(random);
            ImmutableArray<Operand> operands =
                [random.Operand(type, x, mood), random.Operand(type, w, mood, parameter: random.Below(2) == 0)];
            if (random.Below(2) == 0)
            {
                operands = operands.Add(random.Operand(type, new Shape(w[0]), mood));
            }

            Differential.Check(new Conv(window, groups), operands, KernelRuns(window));
        }
    }

    // Images are rows, kernels that are no parameter are columns as they lie: those of several panels are brought together at once.
    [Test]
    public void One_window_takes_all_of_a_narrow_image(
        [Values(DType.F32, DType.F16, DType.BF16)] DType type, [Values(1, 2, 3, 4)] int images, [Values(1025, 2048)] int depth)
    {
        Adversarial random = new(467 + (ulong)(images * depth));
        Window window = new([1, 1], [1, 1], [1, 1], [0, 0], [0, 0], [1, 1]);
        Operand x = Layouts.Whole(random.Tensor(type, new Shape(images, depth, 1, 1), Mood.Tame));
        Operand w = Layouts.Whole(random.Tensor(type, new Shape(512, depth, 1, 1), Mood.Tame));
        Differential.CheckAll(new Conv(window, 1), [x, w]);
    }

    [Test]
    public void Blocks_of_the_contraction_count_every_tap([Values(255, 256, 257, 513)] int depth, [Values] Mood mood)
    {
        Adversarial random = new(431 + (ulong)depth + (ulong)mood);
        Shape x = new(1, depth, 5, 5);
        Window window = new([1, 1], [2, 1], [1, 1], [0, 1], [0, 0], [3, 6]);
        Operand w = random.Operand(DType.F32, new Shape(7, depth, 1, 1), mood);
        Differential.Check(new Conv(window, 1), [random.Operand(DType.F32, x, mood), w]);
    }

    [TestCase("rows that end with a vector pushed back", 1, 3, 9, 70, 15, 3, 1, 1, 1)]
    [TestCase("phases of wide rows", 1, 3, 11, 75, 5, 5, 2, 2, 1)]
    [TestCase("windows where they lie", 2, 4, 9, 37, 9, 3, 1, 0, 1)]
    [TestCase("few kernels of one tap", 1, 20, 5, 50, 9, 1, 1, 0, 1)]
    [TestCase("many kernels of one tap", 1, 33, 5, 50, 40, 1, 1, 0, 1)]
    [TestCase("pieces of rows, and several blocks", 1, 512, 3, 70, 3, 3, 1, 1, 1)]
    [TestCase("kernels in groups", 1, 512, 2, 3, 45, 3, 1, 1, 1)]
    [TestCase("planes smaller than a vector", 3, 8, 8, 8, 20, 3, 1, 1, 1)]
    [TestCase("planes smaller than half a vector", 2, 5, 4, 4, 9, 3, 1, 1, 1)]
    [TestCase("a square phase", 1, 6, 17, 33, 7, 1, 2, 0, 1)]
    [TestCase("bands of single channels", 1, 2, 91, 100, 2, 3, 1, 1, 2)]
    [TestCase("bands of phases of single channels", 1, 2, 120, 101, 4, 5, 2, 2, 2)]
    [TestCase("one window a plane", 3, 30, 3, 3, 21, 3, 1, 0, 1)]
    [TestCase("one element a plane", 1, 300, 1, 1, 40, 1, 1, 0, 1)]
    [TestCase("groups of several channels", 2, 6, 12, 20, 10, 3, 1, 1, 2)]
    public void Every_way_through_a_convolution_gives_the_same_bits(
        string way, int images, int channels, int height, int width, int outputs, int kernel, int stride, int pad, int groups)
    {
        Adversarial random = new(461 + (ulong)way.Length);
        long down = ((height + (2 * pad) - kernel) / stride) + 1;
        long along = ((width + (2 * pad) - kernel) / stride) + 1;
        Window window = new([kernel, kernel], [stride, stride], [1, 1], [pad, pad], [pad, pad], [down, along]);
        foreach (Mood mood in Enum.GetValues<Mood>())
        {
            Operand x = random.Operand(DType.F32, new Shape(images, channels, height, width), mood);
            Operand w = random.Operand(DType.F32, new Shape(outputs, channels / groups, kernel, kernel), mood, parameter: true);
            Differential.Check(new Conv(window, groups), [x, w, random.Operand(DType.F32, new Shape(outputs), mood)]);
        }
    }

    [Test]
    public void Padding_of_one_side_is_not_that_of_the_next_line(
        [Values(0, 1, 2, 3)] int begin, [Values(0, 1, 3)] int end, [Values(1, 2)] int stride)
    {
        Adversarial random = new(467);
        long along = ((19 + begin + end - 5) / stride) + 1;
        Window window = new([2, 3], [1, stride], [1, 2], [1, begin], [0, end], [6, along]);
        Operand x = random.Operand(DType.F32, new Shape(1, 3, 6, 19), Mood.Wild);
        Operand w = random.Operand(DType.F32, new Shape(17, 3, 2, 3), Mood.Wild);
        Differential.Check(new Conv(window, 1), [x, w]);
        Operand single = random.Operand(DType.F32, new Shape(3, 1, 2, 3), Mood.Wild);
        Differential.Check(new Conv(window, 3), [x, single]);
    }

    [TestCase(2, 70, 75, 3, 2, 1)]
    [TestCase(3, 150, 40, 2, 2, 0)]
    [TestCase(19, 8, 8, 8, 1, 0)]
    [TestCase(7, 9, 10, 5, 4, 2)]
    [TestCase(4, 30, 66, 3, 1, 1)]
    public void Pools_of_planes_of_all_sizes_give_the_same_bits(int channels, int height, int width, int kernel, int stride, int pad)
    {
        Adversarial random = new(479 + (ulong)channels);
        long down = ((height + (2 * pad) - kernel) / stride) + 1;
        long along = ((width + (2 * pad) - kernel) / stride) + 1;
        Window window = new([kernel, kernel], [stride, stride], [1, 1], [pad, pad], [pad, pad], [down, along]);
        foreach (Mood mood in Enum.GetValues<Mood>())
        {
            Operand x = random.Operand(DType.F32, new Shape(1, channels, height, width), mood);
            Differential.Check(new MaxPool(window, columnMajor: false), [x]);
            Differential.Check(new AveragePool(window, countPadding: false), [x]);
            Differential.Check(new AveragePool(window, countPadding: true), [x]);
        }

        Operand codes = random.Operand(random.Of(DType.U8, DType.I8), new Shape(1, channels, height, width), Mood.Tame);
        Differential.Check(new MaxPool(window, columnMajor: false), [codes]);
    }

    [TestCase(2, 70, 75, 3, 2, 1)]
    [TestCase(37, 24, 24, 2, 2, 0)]
    [TestCase(9, 7, 5, 3, 1, 1)]
    [TestCase(4, 10, 12, 5, 4, 2)]
    [TestCase(3, 150, 40, 2, 2, 0)]
    public void Pools_whose_indices_nobody_reads_give_the_same_bits(int channels, int height, int width, int kernel, int stride, int pad)
    {
        Adversarial random = new(487 + (ulong)channels);
        long down = ((height + (2 * pad) - kernel) / stride) + 1;
        long along = ((width + (2 * pad) - kernel) / stride) + 1;
        MaxPool pool = new(new Window([kernel, kernel], [stride, stride], [1, 1], [pad, pad], [pad, pad], [down, along]), columnMajor: false);
        using ReferenceBackend reference = new();
        foreach ((DType type, Mood mood) in new[] { (DType.F32, Mood.Tame), (DType.F32, Mood.Wild), (DType.U8, Mood.Tame), (DType.I8, Mood.Tame) })
        {
            Tensor x = random.Tensor(type, new Shape(2, channels, height, width), mood);
            GraphBuilder builder = new();
            ValueRef y = builder.Add("pool", pool, builder.Input("x", x.Type));
            Graph graph = builder.Build(new GraphOutput("y", y));
            byte[] expected = new Executor(graph, reference).Run([x])[0].Bytes.ToArray();
            foreach (SimdLevel level in Enum.GetValues<SimdLevel>())
            {
                using CpuBackend backend = new(1 + ((int)level % 3), level);
                Executor executor = new(graph, backend);
                for (int run = 0; run < 2; run++)
                {
                    Assert.That(executor.Run([x])[0].Bytes.ToArray(), Is.EqualTo(expected), $"{type} {mood} at {level}");
                }
            }
        }
    }

    [Test]
    public void Codes_are_exact_and_rounded_as_the_definition_says([Values] bool signedX, [Values] bool signedW)
    {
        Adversarial random = new(443);
        DType typeX = signedX ? DType.I8 : DType.U8;
        DType typeW = signedW ? DType.I8 : DType.U8;
        for (int round = 0; round < 12; round++)
        {
            (Window window, Shape x, Shape w, long groups) = Draw(random);
            bool kept = random.Below(2) == 0;
            Operand codes = random.Operand(typeX, x, Mood.Tame);
            Operand zero = random.Operand(typeX, Shape.Scalar, Mood.Tame);
            Operand kernels = random.Operand(typeW, w, Mood.Tame, kept);
            Operand zeros = random.Operand(typeW, new Shape(w[0]), Mood.Tame, kept);
            Differential.Check(new ConvInteger(window, groups), [codes, kernels, zero, zeros], KernelRuns(window));
            DType typeY = random.Of(DType.U8, DType.I8);
            ImmutableArray<Operand> operands =
            [
                codes, Scales(random, Shape.Scalar), zero, kernels, Scales(random, new Shape(w[0])), zeros, Scales(random, Shape.Scalar),
                random.Operand(typeY, Shape.Scalar, Mood.Tame),
            ];
            if (random.Below(2) == 0)
            {
                operands = operands.Add(random.Operand(DType.I32, new Shape(w[0]), Mood.Tame));
            }

            Differential.Check(new QLinearConv(window, groups), operands, KernelRuns(window));
        }
    }

    [Test]
    public void Codes_of_many_channels_and_long_rows_are_exact([Values(1, 9, 17, 40)] int channels, [Values(1, 2)] int dilation, [Values] bool alone)
    {
        // Several panels and tiles; rows of windows longer than a piece; one channel a group, in vectors of channels.
        Adversarial random = new(449 + (ulong)channels + (ulong)dilation);
        (long groups, long outputs) = alone ? (channels, channels) : (1, random.Of(16, 33));
        long width = 128;
        Window window = new([3, 3], [1, 1], [1, dilation], [1, 1], [1, 1], [5, width + 4 - (2 * dilation) - 2]);
        Operand x = random.Operand(random.Of(DType.U8, DType.I8), new Shape(1, channels, 5, width), Mood.Tame);
        Operand w = random.Operand(random.Of(DType.U8, DType.I8), new Shape(outputs, channels / groups, 3, 3), Mood.Tame, parameter: true);
        Operand zeroX = random.Operand(x.Type.DType, Shape.Scalar, Mood.Tame);
        Operand zerosW = random.Operand(w.Type.DType, new Shape(outputs), Mood.Tame, parameter: true);
        Differential.Check(new ConvInteger(window, groups), [x, w, zeroX, zerosW]);
        ImmutableArray<Operand> operands =
        [
            x, Scales(random, Shape.Scalar), zeroX, w, Scales(random, new Shape(outputs)), zerosW, Scales(random, Shape.Scalar),
            random.Operand(DType.U8, Shape.Scalar, Mood.Tame), random.Operand(DType.I32, new Shape(outputs), Mood.Tame),
        ];
        Differential.Check(new QLinearConv(window, groups), operands);
    }

    /// <summary>Scales that bring totals near codes, and sometimes anything.</summary>
    internal static Operand Scales(Adversarial random, Shape shape)
    {
        if (random.Below(6) == 0)
        {
            return random.Operand(DType.F32, shape, Mood.Wild);
        }

        float[] scales = [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => random.Of(0.5f, 0.25f, 0.0078125f, 0.013f, 1f))];
        return Layouts.Whole(Tensor.Of<float>(DType.F32, shape, scales));
    }

    // Without outputs there is nothing for a kernel to do.
    private static bool KernelRuns(Window window) => window.Output.All(extent => extent > 0);

    /// <summary>A window, and shapes of X and W that fit it.</summary>
    internal static (Window Window, Shape X, Shape W, long Groups) Draw(Adversarial random)
    {
        int axes = 1 + random.Below(3);
        (long groups, long channels, long outputs) = random.Below(5) switch
        {
            0 => (3L, 1L, 1L),
            1 => (2L, 1L, 2L),
            2 => (2L, 3L, 2L),
            3 => (1L, 5L, 7L),
            _ => (1L, 2L, 13L),
        };
        long[] spatial = [.. Enumerable.Range(0, axes).Select(axis => (long)random.Below(axes == 1 ? 60 : axes == 2 ? 14 : 6))];
        long[] kernel = [.. spatial.Select(_ => (long)random.Of(1, 1, 2, 3, 5))];
        long[] strides = [.. spatial.Select(_ => (long)random.Of(1, 1, 2, 3))];
        long[] dilations = [.. spatial.Select(_ => (long)random.Of(1, 1, 1, 2))];
        long[] begin = [.. kernel.Select(extent => (long)random.Below((int)extent + 1))];
        long[] end = [.. kernel.Select(extent => (long)random.Below((int)extent + 1))];
        long[] output = [.. spatial.Select((extent, axis) => Math.Max(
            0, ((extent + begin[axis] + end[axis] - ((kernel[axis] - 1) * dilations[axis]) - 1) / strides[axis]) + 1))];
        Window window = new([.. kernel], [.. strides], [.. dilations], [.. begin], [.. end], [.. output]);
        Shape x = new([1 + random.Below(2), groups * channels, .. spatial]);
        return (window, x, new Shape([groups * outputs, channels, .. kernel]), groups);
    }
}
