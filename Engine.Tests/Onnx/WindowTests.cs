using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.OneNode;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Windows of other kinds than convolution and pooling: on small whole numbers, so that every sum is exact.</summary>
internal sealed class WindowTests
{
    [TestCase(1, 1, 0, 0, 0, 1)]
    [TestCase(2, 1, 0, 0, 1, 1)]
    [TestCase(3, 2, 1, 2, 0, 1)]
    [TestCase(2, 3, 4, 5, 1, 2)]
    [TestCase(5, 1, 3, 0, 2, 4)]
    public void A_transposed_convolution_spreads_every_element(int stride, int dilation, int begin, int end, int extra, int groups)
    {
        int[] kernel = [3, 2];
        int[] x = [2, 4, 3, 4];
        int perGroup = 8 / groups;
        float[] elements = Whole(x, 1);
        float[] weights = Whole([4, perGroup, .. kernel], 2);
        float[] bias = Whole([8], 3);
        int[] extents = [Extent(x[2], kernel[0]), Extent(x[3], kernel[1])];
        float[] wanted = new float[x[0] * 8 * extents[0] * extents[1]];
        int Extent(int count, int taps) => ((count - 1) * stride) + extra + ((taps - 1) * dilation) + 1 - begin - end;
        for (int i = 0; i < wanted.Length; i++)
        {
            wanted[i] = bias[i / (extents[0] * extents[1]) % 8];
        }

        for (int i = 0; i < elements.Length; i++)
        {
            (int n, int c, int h, int w) = (i / 48, i / 12 % 4, i / 4 % 3, i % 4);
            for (int j = 0; j < perGroup * 6; j++)
            {
                (int m, int kh, int kw) = (j / 6, j / 2 % 3, j % 2);
                (int row, int column) = ((h * stride) + (kh * dilation) - begin, (w * stride) + (kw * dilation) - begin);
                if (row >= 0 && row < extents[0] && column >= 0 && column < extents[1])
                {
                    int channel = (c / (4 / groups) * perGroup) + m;
                    wanted[(((((n * 8) + channel) * extents[0]) + row) * extents[1]) + column] += elements[i] * weights[(c * perGroup * 6) + j];
                }
            }
        }

        OneNode node = new(
            "ConvTranspose",
            22,
            Made.Ints("strides", stride, stride),
            Made.Ints("dilations", dilation, dilation),
            Made.Ints("pads", begin, begin, end, end),
            Made.Ints("output_padding", extra, extra),
            Made.Int("group", groups));
        Tensor y = node.Run(F32([2, 4, 3, 4], elements), F32([4, perGroup, 3, 2], weights), F32([8], bias));
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(2, 8, extents[0], extents[1])));
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(wanted));
    }

    // [1, 2] with kernel [1, 2, 4] at every other place: 1 2 6 4 8.
    [TestCase("SAME_UPPER", null, new float[] { 1, 2, 6, 4 })]
    [TestCase("SAME_LOWER", null, new float[] { 2, 6, 4, 8 })]
    [TestCase("VALID", null, new float[] { 1, 2, 6, 4, 8 })]
    [TestCase("NOTSET", 3L, new float[] { 2, 6, 4 })]
    [TestCase("SAME_UPPER", 2L, new float[] { 2, 6 })]
    [TestCase("SAME_LOWER", 2L, new float[] { 6, 4 })]
    [TestCase("NOTSET", 7L, new float[] { 1, 2, 6, 4, 8, 0, 0 })]
    public void Padding_of_a_transposed_convolution_follows_from_its_extent(string padding, long? extent, float[] wanted)
    {
        AttributeProto[] shape = extent is long given ? [Made.Ints("output_shape", given)] : [];
        OneNode node = new("ConvTranspose", 11, [Made.Ints("strides", 2), Made.Text("auto_pad", padding), .. shape]);
        Assert.That(node.Floats(F32([1, 1, 2], 1, 2), F32([1, 1, 3], 1, 2, 4)), Is.EqualTo(wanted));
    }

    [Test]
    public void Columns_add_up_to_an_image()
    {
        OneNode node = new("Col2Im", 18);
        Assert.That(node.Floats(F32([1, 2, 2], 1, 2, 3, 4), I64(3), I64(2)), Is.EqualTo(new float[] { 1, 5, 4 }));
        OneNode apart = node with { Attributes = [Made.Ints("strides", 2, 1), Made.Ints("dilations", 1, 2), Made.Ints("pads", 1, 0, 0, 1)] };
        // Image 3 x 2, block 2 x 2: rows start at -1 and 1, columns at 0; taps two columns apart, the second in the padding.
        Assert.That(apart.Floats(F32([1, 4, 2], 1, 2, 3, 4, 5, 6, 7, 8), I64(3, 2), I64(2, 2)), Is.EqualTo(new float[] { 5, 0, 2, 0, 6, 0 }));
        Assert.That(
            node.Run(Tensor.Of<byte>(DType.U8, new Shape(1, 2, 2), 1, 200, 100, 4), I64(3), I64(2)).As<byte>().ToArray(), Is.EqualTo(new byte[] { 1, 44, 4 }));
        Assert.That(() => node.Run(F32([1, 2, 3], 1, 2, 3, 4, 5, 6), I64(3), I64(2)), Throws.TypeOf<InvalidModelException>());
    }

    [TestCase(1, new float[] { 3, 7, 4 })]
    [TestCase(2, new float[] { 3, 5, 4 })]
    public void A_pool_has_a_norm(int p, float[] wanted)
    {
        OneNode node = new("LpPool", 22, Made.Ints("kernel_shape", 2), Made.Ints("pads", 1, 1), Made.Int("p", p));
        Assert.That(node.Floats(F32([1, 1, 2], -3, 4)), Is.EqualTo(wanted));
    }

    [Test]
    public void Other_powers_have_their_roots()
    {
        OneNode pool = new("LpPool", 18, Made.Ints("kernel_shape", 2), Made.Int("p", 4), Made.Int("ceil_mode", 1), Made.Ints("strides", 2));
        Assert.That(pool.Floats(F32([1, 1, 3], 0, -2, 3)), Is.EqualTo(new float[] { 2, 3 }));
        OneNode all = new("GlobalLpPool", 22, Made.Int("p", 4));
        Assert.That(all.Floats(F32([1, 2, 2, 1], 0, -2, 3, 0)), Is.EqualTo(new float[] { 2, 3 }));
        OneNode early = new("LpPool", 11, Made.Ints("kernel_shape", 2), Made.Int("ceil_mode", 1));
        Assert.That(() => early.Run(F32([1, 1, 3], 0, -2, 3)), Throws.TypeOf<UnsupportedModelException>());
    }

    // 3 / (0 + 3/3 · 25)^0.5 and so on: neighbours before are one fewer where their number is odd.
    [Test]
    public void A_response_is_normalised_across_channels()
    {
        OneNode node = new("LRN", 13, Made.Int("size", 3), Made.Float("alpha", 3), Made.Float("beta", 0.5f), Made.Float("bias", 0));
        Assert.That(node.Floats(F32([1, 2, 1], 3, 4)), Is.EqualTo(new[] { 3f / 5, 4f / 5 }));
        OneNode two = new("LRN", 13, Made.Int("size", 2), Made.Float("alpha", 2), Made.Float("beta", 1), Made.Float("bias", 1));
        Assert.That(two.Floats(F32([1, 2, 1, 1], 3, 4)), Is.EqualTo(new[] { 3f / 26, 4f / 17 }), "itself and the one after it");
    }

    [Test]
    public void A_pool_is_undone()
    {
        OneNode node = new("MaxUnpool", 11, Made.Ints("kernel_shape", 2, 2), Made.Ints("strides", 2, 2));
        Tensor x = F32([1, 1, 1, 2], 5, 6);
        Tensor at = Tensor.Of<long>(DType.I64, new Shape(1, 1, 1, 2), 1, 6);
        Assert.That(node.Floats(x, at), Is.EqualTo(new float[] { 0, 5, 0, 0, 0, 0, 6, 0 }));
        Tensor y = node.Run(x, at, I64(1, 1, 3, 3));
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(1, 1, 3, 3)));
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(new float[] { 0, 5, 0, 0, 0, 6, 0, 0, 0 }), "cut off and filled up");
        Tensor twice = Tensor.Of<long>(DType.I64, new Shape(1, 1, 1, 2), 2, 2);
        Assert.That(node.Floats(x, twice), Is.EqualTo(new float[] { 0, 0, 6, 0, 0, 0, 0, 0 }), "the last one counts");
        Assert.That(() => node.Run(x, at, I64(1, 2, 2, 4)), Throws.TypeOf<InvalidModelException>());
    }

    private static float[] Whole(int[] shape, ulong seed)
    {
        Adversarial random = new(seed);
        return [.. Enumerable.Range(0, shape.Aggregate(1, (product, extent) => product * extent)).Select(_ => (float)(random.Below(17) - 8))];
    }
}
