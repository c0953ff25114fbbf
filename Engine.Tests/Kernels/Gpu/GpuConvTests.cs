using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

/// <summary>Every way of a convolution through the device.</summary>
[Category("gpu")]
internal sealed class GpuConvTests : CountedDeviceTests
{
    // Multiprocessors that the device says it has: very many, so that all blocks of k are apart; or none, so that none are.
    private const int Many = 100_000;

    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];

    [TestCase("Conv.large", 0, 1, 5, 12, 12, 130, 3, 1, 1, 1)]
    [TestCase("Conv.large", 0, 2, 30, 7, 9, 96, 3, 1, 1, 1)]
    [TestCase("Conv.small", 0, 2, 3, 9, 9, 40, 3, 2, 1, 1)]
    [TestCase("Conv.small", 0, 1, 40, 8, 8, 20, 3, 1, 1, 1)]
    [TestCase("Conv.small", 0, 3, 7, 4, 4, 33, 1, 1, 0, 1)]
    [TestCase("Conv.small", 0, 1, 7, 9, 9, 33, 1, 2, 0, 1)]
    [TestCase("Conv.small", 0, 2, 6, 6, 5, 40, 3, 1, 1, 2)]
    [TestCase("Dot.fold", Many, 2, 40, 5, 7, 33, 3, 1, 1, 1)]
    [TestCase("Dot.fold", Many, 1, 64, 6, 6, 64, 3, 1, 1, 2)]
    [TestCase("Conv.direct", 0, 2, 6, 9, 10, 6, 3, 1, 1, 6)]
    [TestCase("Conv.direct", 0, 1, 3, 9, 10, 6, 5, 2, 2, 3)]
    [TestCase("Conv.direct", 0, 1, 70, 5, 5, 5, 3, 1, 1, 1)]
    [TestCase("Dot.small", 0, 1, 20, 9, 9, 40, 1, 1, 0, 1)]
    [TestCase("Dot.small", 0, 3, 300, 8, 9, 36, 1, 1, 0, 2)]
    [TestCase("Dot.skinny", 0, 1, 300, 1, 1, 40, 1, 1, 0, 1)]
    [TestCase("Dot.skinny", 0, 2, 40, 20, 13, 4, 1, 1, 0, 1)]
    public void Every_way_gives_the_bits_of_the_definition(
        string kernel, int units, int images, int channels, int height, int width, int outputs, int taps, int stride, int pad, int groups)
    {
        Adversarial random = new(1 + (ulong)channels);
        long down = ((height + (2 * pad) - taps) / stride) + 1;
        long along = ((width + (2 * pad) - taps) / stride) + 1;
        Window window = new([taps, taps], [stride, stride], [1, 1], [pad, pad], [pad, pad], [down, along]);
        foreach (DType type in Singles)
        {
            foreach (Mood mood in type == DType.F32 ? Enum.GetValues<Mood>() : [Mood.Tame, Mood.Wild])
            {
                Shape x = new(images, channels, height, width);
                Check(random, type, window, x, new Shape(outputs, channels / groups, taps, taps), groups, mood, units);
                Assert.That(Device.Ran, Does.Contain(Tiled(kernel, type)));
            }
        }
    }

    [Test]
    public void Windows_may_be_any([Values] Mood mood)
    {
        Adversarial random = new(2 + (ulong)mood);
        for (int round = 0; round < 24; round++)
        {
            (Window window, Shape x, Shape w, long groups) = ConvTests.Draw(random);
            int more = random.Of(1, 16);
            Shape kernels = new([w[0] * more, .. w.Extents[1..]]);
            Check(random, round % 4 == 0 ? random.Of(Singles) : DType.F32, window, x, kernels, groups, mood, random.Of(0, Many));
        }
    }

    [Test]
    public void Padding_may_be_wide_or_cut_off([Values(DType.F32, DType.F16)] DType type, [Values(3, 20)] int outputs)
    {
        Adversarial random = new(3);
        Window wide = new([2, 3], [2, 1], [1, 5], [3, 12], [2, 9], [5, 30]);
        Check(random, type, wide, new Shape(2, 3, 5, 20), new Shape(outputs, 3, 2, 3), 1, Mood.Wild, 0);
        Window cut = new([3, 2], [1, 2], [2, 1], [-2, -1], [-1, 0], [4, 5]);
        Check(random, type, cut, new Shape(1, 3, 11, 12), new Shape(outputs, 3, 3, 2), 1, Mood.Wild, 0);
    }

    private static string Tiled(string kernel, DType type) => $"{kernel}_{(type == DType.F32 ? "f32" : type == DType.F16 ? "f16" : "bf16")}";

    private void Check(Adversarial random, DType type, Window window, Shape x, Shape w, long groups, Mood mood, int units)
    {
        ImmutableArray<Operand> operands = [random.Operand(type, x, mood), random.Operand(type, w, mood, parameter: random.Below(2) == 0)];
        if (random.Below(2) == 0)
        {
            operands = operands.Add(random.Operand(type, new Shape(w[0]), mood));
        }

        Device.Units = units;
        Device.Ran.Clear();
        OpContractTests.Check(Backend, new Conv(window, groups), operands);
        Assert.That(Backend.LastRanKernel, Is.EqualTo(window.Output.All(extent => extent > 0) && x.Elements > 0));
    }
}
