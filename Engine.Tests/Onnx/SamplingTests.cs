using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.OneNode;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Elements at coordinates, where all numbers are fractions with few bits: the results are exact.</summary>
internal sealed class SamplingTests
{
    private static readonly Tensor Image = Ramp(1, 1, 3, 2);
    private static readonly Tensor Diagonal = F32([1, 1, 5, 2], -1, -1, -0.5f, -0.5f, 0, 0, 0.5f, 0.5f, 1, 1);

    [TestCase("bilinear", 0, new[] { 0, 0.5f, 2.5f, 4.5f, 1.25f })]
    [TestCase("bilinear", 1, new[] { 0, 1.25f, 2.5f, 3.75f, 5 })]
    [TestCase("nearest", 0, new float[] { 0, 0, 2, 5, 0 })]
    [TestCase("bicubic", 0, new[] { -0.140625f, 0.3828125f, 2.96875f, 5.14453125f, 1.390625f })]
    public void A_grid_is_sampled(string mode, int corners, float[] wanted)
    {
        Assert.That(new OneNode("GridSample", 16, Made.Text("mode", mode), Made.Int("align_corners", corners)).Floats(Image, Diagonal), Is.EqualTo(wanted));
        string name = mode switch
        {
            "bilinear" => "linear",
            "bicubic" => "cubic",
            _ => mode,
        };
        Assert.That(new OneNode("GridSample", 20, Made.Text("mode", name), Made.Int("align_corners", corners)).Floats(Image, Diagonal), Is.EqualTo(wanted));
    }

    [TestCase("zeros", new float[] { 0, 0, 0 })]
    [TestCase("border", new float[] { 0, 5, 5 })]
    [TestCase("reflection", new[] { 2.5f, 5, 2.5f })]
    public void Outside_is_what_it_is_told(string padding, float[] wanted)
        => Assert.That(
            new OneNode("GridSample", 22, Made.Text("padding_mode", padding)).Floats(Image, F32([1, 1, 3, 2], -10, -10, 5, 5, 10, 10)),
            Is.EqualTo(wanted));

    // In three dimensions halves go away from 0, in two to even.
    [Test]
    public void Nearest_in_a_volume_rounds_halves_away()
    {
        OneNode nearest = new("GridSample", 20, Made.Text("mode", "nearest"));
        Assert.That(nearest.Floats(Ramp(1, 1, 3, 2, 2), F32([1, 1, 1, 1, 3], 0, 0, 0)), Is.EqualTo(new float[] { 7 }));
        Assert.That(nearest.Floats(Ramp(1, 1, 2, 2), F32([1, 1, 1, 2], 0, 0)), Is.EqualTo(new float[] { 0 }));
        Assert.That(
            nearest.Run(Tensor.Of(DType.I64, new Shape(1, 1, 1, 2), long.MaxValue, 3L), F32([1, 1, 2, 2], -0.5f, 0, 0.5f, 0)).As<long>().ToArray(),
            Is.EqualTo(new[] { long.MaxValue, 3L }));
    }

    [Test]
    public void A_volume_is_sampled_between_eight_elements()
        => Assert.That(
            new OneNode("GridSample", 20).Floats(Ramp(1, 1, 2, 2, 2), F32([1, 1, 1, 2, 3], 0, 0, 0, 0.25f, 0, -0.25f)),
            Is.EqualTo((float[])[3.5f, 2.75f]), "x, y, z");

    [Test]
    public void Names_of_modes_belong_to_opsets()
    {
        Assert.That(() => new OneNode("GridSample", 16, Made.Text("mode", "linear")).Run(Image, Diagonal), Throws.TypeOf<UnsupportedModelException>());
        Assert.That(() => new OneNode("GridSample", 20, Made.Text("mode", "bicubic")).Run(Image, Diagonal), Throws.TypeOf<UnsupportedModelException>());
        Assert.That(() => new OneNode("GridSample", 16).Run(Ramp(1, 1, 2, 2, 2), F32([1, 1, 1, 1, 3], 0, 0, 0)), Throws.TypeOf<InvalidModelException>());
    }

    [Test]
    public void A_grid_is_made_of_angles()
    {
        Tensor theta = F32([1, 2, 3], 1, 0, 0.5f, 0, 2, 0);
        Assert.That(
            new OneNode("AffineGrid", 20).Floats(theta, I64(1, 1, 2, 4)),
            Is.EqualTo(new[] { -0.25f, -1, 0.25f, -1, 0.75f, -1, 1.25f, -1, -0.25f, 1, 0.25f, 1, 0.75f, 1, 1.25f, 1 }));
        Assert.That(
            new OneNode("AffineGrid", 20, Made.Int("align_corners", 1)).Floats(theta, I64(1, 1, 1, 3)),
            Is.EqualTo(new[] { -0.5f, -2, 0.5f, -2, 1.5f, -2 }));
        Tensor solid = F32([1, 3, 4], 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 8);
        Assert.That(
            new OneNode("AffineGrid", 20, Made.Int("align_corners", 1)).Floats(solid, I64(1, 1, 2, 1, 2)),
            Is.EqualTo(new float[] { -1, -1, 7, 1, -1, 7, -1, -1, 9, 1, -1, 9 }));
        Assert.That(() => new OneNode("AffineGrid", 20).Run(theta, I64(2, 1, 2, 4)), Throws.TypeOf<InvalidModelException>());
    }

    // X is a plane: what lies between its elements is exact. The mean of a bin is its centre.
    [TestCase(16, "half_pixel", 2, 7.5f)]
    [TestCase(16, "half_pixel", 0, 7.5f)]
    [TestCase(22, "output_half_pixel", 2, 10f)]
    [TestCase(10, null, 0, 10f)]
    public void A_region_is_averaged(int opset, string? coordinates, int samples, float wanted)
    {
        OneNode node = new("RoiAlign", opset, Made.Int("sampling_ratio", samples), Made.Float("spatial_scale", 0.5f));
        node = coordinates is null ? node : node with { Attributes = [.. node.Attributes, Made.Text("coordinate_transformation_mode", coordinates)] };
        Assert.That(node.Floats(Ramp(1, 1, 4, 4), F32([1, 4], 2, 2, 6, 6), I64(0)), Is.EqualTo(new[] { wanted }));
    }

    [Test]
    public void A_region_has_bins_and_a_largest_element()
    {
        Tensor x = Ramp(2, 1, 4, 4);
        OneNode bins = new("RoiAlign", 16, Made.Int("output_height", 2), Made.Int("output_width", 1));
        Assert.That(bins.Floats(x, F32([2, 4], 1, 1, 3, 3, 1, 1, 3, 3), I64(0, 1)), Is.EqualTo((float[])[5.5f, 9.5f, 21.5f, 25.5f]));
        OneNode largest = new("RoiAlign", 16, Made.Text("mode", "max"), Made.Int("sampling_ratio", 2));
        Assert.That(largest.Floats(x, F32([1, 4], 1, 1, 3, 3), I64(0)), Is.EqualTo(new float[] { 10 }));
        OneNode average = new("RoiAlign", 16, Made.Int("sampling_ratio", 2));
        Assert.That(average.Floats(x, F32([1, 4], -9, -9, -5, -5), I64(0)), Is.EqualTo(new float[] { 0 }), "all outside");
        Assert.That(bins.Floats(x, F32([1, 4], 3, 3, 1, 1), I64(0)), Is.EqualTo(new float[] { 0, 0 }), "inside out: no points");
    }

    [Test]
    public void A_region_is_pooled()
    {
        OneNode node = new("MaxRoiPool", 6, Made.Ints("pooled_shape", 2, 2), Made.Float("spatial_scale", 0.5f));
        Assert.That(
            node.Floats(Ramp(2, 1, 4, 4), F32([2, 5], 0, 0, 0, 6, 6, 1, 4, 4, 20, 20)),
            Is.EqualTo(new float[] { 5, 7, 13, 15, 31, 0, 0, 0 }));
    }

    [Test]
    public void A_convolution_is_deformed()
    {
        float[] offsets = new float[2 * 4 * 4];
        offsets[0] = 0.5f;
        offsets[(5 * 4) + 1] = -0.125f;
        Tensor x = Ramp(1, 1, 3, 3);
        Tensor offset = F32([1, 8, 2, 2], offsets);
        Tensor ones = F32([1, 1, 2, 2], 1, 1, 1, 1);
        OneNode node = new("DeformConv", 19);
        Assert.That(node.Floats(x, ones, offset), Is.EqualTo(new[] { 9.5f, 11.875f, 20, 24 }));
        Tensor mask = F32([1, 4, 2, 2], 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0);
        Assert.That(node.Floats(x, ones, offset, F32([1], 100), mask), Is.EqualTo(new[] { 111, 111.875f, 120, 116 }), "the first tap is 1.5");
        Tensor two = F32([1, 2, 1, 2], 1, 2, 3, 4);
        Tensor weights = F32([2, 1, 1, 1], 1, 10);
        Tensor moved = F32([1, 4, 1, 2], 0, 0, 0, 0, 0, 0, -1, 0.5f);
        OneNode groups = node with { Attributes = [Made.Int("group", 2), Made.Int("offset_group", 2)] };
        Assert.That(groups.Floats(two, weights, moved), Is.EqualTo(new float[] { 1, 2, 0, 20 }), "beyond the edge half of 4 is left");
        Assert.That(() => node.Run(x, ones, F32([1, 8, 2, 1], offsets.AsSpan(0, 16))), Throws.TypeOf<InvalidModelException>());
    }
}
