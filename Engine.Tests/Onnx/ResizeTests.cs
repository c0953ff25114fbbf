using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.OneNode;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Resize and Upsample on lines whose results are exact, worked out by hand.</summary>
internal sealed class ResizeTests
{
    private static readonly Tensor Line = Ramp(4);

    [TestCase("half_pixel", 8L, new float[] { 0, 0.25f, 0.75f, 1.25f, 1.75f, 2.25f, 2.75f, 3 })]
    [TestCase("half_pixel", 1L, new[] { 1.5f })]
    [TestCase("pytorch_half_pixel", 1L, new float[] { 0 })]
    [TestCase("pytorch_half_pixel", 2L, new[] { 0.5f, 2.5f })]
    [TestCase("align_corners", 7L, new float[] { 0, 0.5f, 1, 1.5f, 2, 2.5f, 3 })]
    [TestCase("align_corners", 1L, new float[] { 0 })]
    [TestCase("asymmetric", 8L, new float[] { 0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 3 })]
    public void Linear_is_at_the_coordinates(string coordinates, long size, float[] wanted)
        => Assert.That(Sized(size, "linear", coordinates), Is.EqualTo(wanted));

    [TestCase("round_prefer_floor", new float[] { 0, 0, 1, 1, 2, 2, 3, 3 })]
    [TestCase("round_prefer_ceil", new float[] { 0, 1, 1, 2, 2, 3, 3, 3 })]
    [TestCase("floor", new float[] { 0, 0, 1, 1, 2, 2, 3, 3 })]
    [TestCase("ceil", new float[] { 0, 1, 1, 2, 2, 3, 3, 3 })]
    public void Nearest_rounds_as_it_is_told(string rounding, float[] wanted)
        => Assert.That(Sized(8, "nearest", "asymmetric", Made.Text("nearest_mode", rounding)), Is.EqualTo(wanted));

    // A width of 2.5 is cut to 2: the middle of the line stays in the middle.
    [TestCase("half_pixel", new float[] { 0, 2 })]
    [TestCase("half_pixel_symmetric", new float[] { 1, 2 })]
    public void A_fraction_of_an_element_is_cut_off(string coordinates, float[] wanted)
        => Assert.That(Scaled(0.625f, 19, "nearest", coordinates), Is.EqualTo(wanted));

    // The corners are aligned: the extent counts, not the width of 2.4 that the scale would give.
    [Test]
    public void Aligned_corners_are_those_of_the_result()
        => Assert.That(Scaled(0.6f, 19, "linear", "align_corners"), Is.EqualTo(new float[] { 0, 3 }));

    [Test]
    public void Half_pixels_without_the_half_taken_off_were_in_opset_11()
    {
        Assert.That(Scaled(0.5f, 11, "nearest", "tf_half_pixel_for_nn", Made.Text("nearest_mode", "floor")), Is.EqualTo(new float[] { 1, 3 }));
        Assert.That(() => Scaled(0.5f, 13, "nearest", "tf_half_pixel_for_nn"), Throws.TypeOf<UnsupportedModelException>());
    }

    [Test]
    public void A_crop_takes_a_given_value_outside()
    {
        OneNode node = new(
            "Resize", 19, Made.Text("mode", "linear"), Made.Text("coordinate_transformation_mode", "tf_crop_and_resize"), Made.Float("extrapolation_value", 9));
        Assert.That(node.Floats(Line, F32([2], -1, 1), null, I64(3)), Is.EqualTo(new float[] { 9, 0, 3 }));
        Assert.That(node.Floats(Line, F32([2], 0, 1), null, I64(1)), Is.EqualTo((float[])[1.5f]), "the middle");
        Assert.That(node.Floats(Line, F32([2], 0.5f, 1), F32([1], 1), null), Is.EqualTo(new float[] { 1.5f, 3 }), "half the extent");
        Assert.That(() => node.Floats(Line, F32([2], 0, float.PositiveInfinity), null, I64(1)), Throws.TypeOf<InvalidModelException>());
        Assert.That(() => node.Floats(Line, null, null, I64(1)), Throws.TypeOf<InvalidModelException>());
    }

    [Test]
    public void A_filter_is_stretched_where_elements_are_lost()
    {
        Tensor x = F32([4], 0, 8, 16, 24);
        OneNode linear = new("Resize", 18, Made.Text("mode", "linear"), Made.Int("antialias", 1));
        Assert.That(linear.Floats(x, null, null, I64(2)), Is.EqualTo(new float[] { 5, 19 }), "1/8, 3/8, 3/8, 1/8");
        Assert.That(linear.Floats(x, null, null, I64(8))[1..3], Is.EqualTo(new float[] { 2, 6 }), "not where they are gained");
        OneNode outside = linear with { Attributes = [.. linear.Attributes, Made.Int("exclude_outside", 1)] };
        Assert.That(outside.Floats(F32([4], 0, 7, 14, 21), null, null, I64(2))[0], Is.EqualTo(5f), "3/7, 3/7, 1/7");
        Assert.That(() => new OneNode("Resize", 18, Made.Int("antialias", 1)).Run(x, null, null, I64(2)), Throws.TypeOf<InvalidModelException>());
    }

    [Test]
    public void Cubic_takes_four_elements()
    {
        Tensor x = F32([4], 0, 64, 0, 0);
        OneNode cubic = new("Resize", 13, Made.Text("mode", "cubic"), Made.Text("coordinate_transformation_mode", "asymmetric"));
        Assert.That(cubic.Floats(x, null, F32([1], 2), null), Is.EqualTo(new float[] { 0, 38, 64, 38, 0, -6, 0, 0 }), "-3/32, 19/32, 19/32, -3/32");
        OneNode other = cubic with { Attributes = [.. cubic.Attributes, Made.Float("cubic_coeff_a", -0.5f)] };
        Assert.That(other.Floats(x, null, F32([1], 2), null)[1..6], Is.EqualTo(new float[] { 36, 64, 36, 0, -4 }), "-1/16, 9/16, 9/16, -1/16");
    }

    [Test]
    public void Integers_are_truncated()
    {
        OneNode node = new("Resize", 19, Made.Text("mode", "linear"));
        Tensor bytes = node.Run(Tensor.Of<byte>(DType.U8, new Shape(2), 0, 3), null, null, I64(4));
        Tensor signed = node.Run(Tensor.Of<sbyte>(DType.I8, new Shape(2), 0, -3), null, null, I64(4));
        Assert.That(bytes.As<byte>().ToArray(), Is.EqualTo(new byte[] { 0, 0, 2, 3 }));
        Assert.That(signed.As<sbyte>().ToArray(), Is.EqualTo(new sbyte[] { 0, 0, -2, -3 }));
        Assert.That(() => node.Run(Tensor.Of(DType.Bool, new Shape(2), true, false), null, null, I64(4)), Throws.TypeOf<InvalidModelException>());
        OneNode nearest = new("Resize", 19);
        Assert.That(
            nearest.Run(I64(long.MaxValue, 1), null, null, I64(3)).As<long>().ToArray(), Is.EqualTo(new[] { long.MaxValue, long.MaxValue, 1 }));
    }

    [Test]
    public void Axes_are_resized_alone_and_in_their_order()
    {
        OneNode node = new(
            "Resize", 18, Made.Ints("axes", 2, 1), Made.Text("coordinate_transformation_mode", "asymmetric"), Made.Text("nearest_mode", "floor"));
        Tensor y = node.Run(Ramp(2, 2, 2), null, F32([2], 3, 1.5f), null);
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(2, 3, 6)));
        Assert.That(y.As<float>().ToArray()[18..30], Is.EqualTo(new float[] { 4, 4, 4, 5, 5, 5, 4, 4, 4, 5, 5, 5 }));
        Assert.That(() => (node with { Attributes = [Made.Ints("axes", 1, -2)] }).Run(Ramp(2, 2, 2), null, F32([2], 3, 1), null), Throws.Exception);
    }

    [TestCase("not_larger", 4, 8)]
    [TestCase("not_smaller", 7, 14)]
    [TestCase("stretch", 7, 8)]
    public void Aspect_is_kept(string policy, long height, long width)
        => Assert.That(
            new OneNode("Resize", 18, Made.Text("keep_aspect_ratio_policy", policy)).Run(Ramp(2, 4), null, null, I64(7, 8)).Type.Shape,
            Is.EqualTo(new Shape(height, width)));

    [Test]
    public void Regular_choices_are_views()
    {
        OneNode node = new("Resize", 19, Made.Text("coordinate_transformation_mode", "asymmetric"), Made.Text("nearest_mode", "floor"));
        string Ops(Tensor sizes) => string.Join(' ', node.Graph(Ramp(4, 6), null, null, sizes).Nodes.Select(node => node.Op.Name));
        Assert.That(Ops(I64(2, 3)), Is.EqualTo("View"));
        Assert.That(Ops(I64(8, 18)), Is.EqualTo("View Copy View"));
        Assert.That(Ops(I64(5, 6)), Is.EqualTo("Gather"));
    }

    [Test]
    public void Opset_10_rounds_down_or_up()
    {
        OneNode ten = new("Resize", 10);
        Assert.That(ten.Floats(Line, F32([1], 0.6f)), Is.EqualTo(new float[] { 0, 2 }));
        Assert.That(ten.Floats(Line, F32([1], 1.5f)), Is.EqualTo(new float[] { 0, 0, 1, 2, 2, 3 }));
        OneNode linear = new("Upsample", 9, Made.Text("mode", "linear"));
        Assert.That(linear.Floats(F32([2], 0, 2), F32([1], 2)), Is.EqualTo(new float[] { 0, 1, 2, 2 }));
        AttributeProto scales = new() { Name = "scales", Type = 6, Floats = { 1, 2 } };
        Assert.That(new OneNode("Upsample", 7, scales).Floats(Ramp(1, 2)), Is.EqualTo(new float[] { 0, 0, 1, 1 }));
    }

    [Test]
    public void Nonsense_is_refused()
    {
        OneNode node = new("Resize", 19);
        Assert.Multiple(() =>
        {
            Assert.That(() => node.Run(Line, null, F32([1], 2), I64(8)), Throws.TypeOf<InvalidModelException>(), "scales and sizes");
            Assert.That(() => node.Run(Line, null, null, null), Throws.TypeOf<InvalidModelException>(), "neither");
            Assert.That(() => node.Run(Line, null, F32([1], 0), null), Throws.TypeOf<InvalidModelException>(), "a scale of 0");
            Assert.That(() => node.Run(Line, null, F32([2], 1, 1), null), Throws.TypeOf<InvalidModelException>(), "too many scales");
            Assert.That(() => node.Run(Ramp(0), null, null, I64(3)), Throws.TypeOf<InvalidModelException>(), "something of nothing");
            Assert.That(node.Run(Line, null, null, I64(0)).Type.Shape, Is.EqualTo(new Shape(0)), "nothing of something");
        });
    }

    private static float[] Sized(long size, string mode, string coordinates, params AttributeProto[] more)
        => new OneNode("Resize", 19, [Made.Text("mode", mode), Made.Text("coordinate_transformation_mode", coordinates), .. more])
            .Floats(Line, null, null, I64(size));

    private static float[] Scaled(float scale, long opset, string mode, string coordinates, params AttributeProto[] more)
        => new OneNode("Resize", opset, [Made.Text("mode", mode), Made.Text("coordinate_transformation_mode", coordinates), .. more])
            .Floats(Line, null, F32([1], scale));
}
