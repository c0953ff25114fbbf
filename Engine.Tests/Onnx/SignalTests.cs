using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Tests.Onnx.OneNode;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Fourier transforms of a length whose turns are exact, and tables with the values that follow from their formulas.</summary>
internal sealed class SignalTests
{
    private static readonly Tensor Four = F32([1, 4, 1], 1, 2, 3, 4);
    private static readonly float[] Spectrum = [10, 0, -2, 2, -2, 0, -2, -2];

    [Test]
    public void A_transform_of_four()
    {
        OneNode node = new("DFT", 17);
        Assert.That(node.Floats(Four), Is.EqualTo(Spectrum));
        Assert.That(With(node, Made.Int("onesided", 1)).Floats(Four), Is.EqualTo(Spectrum[..6]));
        Assert.That(With(node, Made.Int("inverse", 1)).Floats(F32([1, 4, 2], Spectrum)), Is.EqualTo(new float[] { 1, 0, 2, 0, 3, 0, 4, 0 }));
        Assert.That(With(node, Made.Int("inverse", 1)).Floats(Four), Is.EqualTo(new[] { 2.5f, 0, -0.5f, -0.5f, -0.5f, 0, -0.5f, 0.5f }));
        Assert.That(node.Floats(Four, I64(2)), Is.EqualTo(new float[] { 3, 0, -1, 0 }), "cut");
        Assert.That(node.Floats(F32([1, 1, 1], 5), I64(4)), Is.EqualTo(new float[] { 5, 0, 5, 0, 5, 0, 5, 0 }), "filled up with zeros");
        Assert.That(node.Floats(F32([1, 2, 2], 1, 1, 0, 1), I64(4)), Is.EqualTo(new float[] { 1, 2, 2, 1, 1, 0, 0, 1 }), "complex");
        Assert.That(() => With(node, Made.Int("onesided", 1)).Run(F32([1, 4, 2], Spectrum)), Throws.TypeOf<InvalidModelException>());
    }

    [Test]
    public void Half_a_spectrum_makes_real_numbers()
    {
        OneNode node = new("DFT", 20, Made.Int("inverse", 1), Made.Int("onesided", 1));
        Tensor half = F32([1, 3, 2], Spectrum.AsSpan(0, 6));
        Tensor y = node.Run(half);
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(1, 4, 1)));
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4 }));
        Assert.That(node.Floats(half, I64(2)), Is.EqualTo(new float[] { 4, 6 }), "two frequencies: 10 and -2");
        Assert.That(node.Floats(F32([1, 1, 2], 8, 3), I64(4)), Is.EqualTo(new float[] { 2, 2, 2, 2 }), "filled up with zeros");
        Assert.That(node.Floats(F32([1, 2, 2], 3, 0, 0, 0), I64(1)), Is.EqualTo(new float[] { 3 }));
    }

    [Test]
    public void The_axis_is_an_attribute_and_then_an_operand()
    {
        Tensor columns = F32([4, 2, 1], 1, 1, 2, 0, 3, 0, 4, 0);
        float[] wanted = [10, 0, 1, 0, -2, 2, 1, 0, -2, 0, 1, 0, -2, -2, 1, 0];
        Assert.That(new OneNode("DFT", 17, Made.Int("axis", 0)).Floats(columns), Is.EqualTo(wanted));
        Assert.That(new OneNode("DFT", 20).Floats(columns, null, I64(0)), Is.EqualTo(wanted));
        Assert.That(new OneNode("DFT", 20).Floats(F32([2, 2, 1], 1, 2, 3, 4)), Is.EqualTo(new float[] { 3, 0, -1, 0, 7, 0, -1, 0 }), "the last but one");
        Assert.That(() => new OneNode("DFT", 20).Run(columns, null, I64(2)), Throws.TypeOf<InvalidModelException>());
    }

    // The matrix that small transforms are multiplied by, and the circle that large ones go round, are one definition.
    [Test]
    public void Products_and_turns_agree([Values(DType.F32, DType.F64)] DType type, [Values] bool inverse, [Values(1, 2)] int parts)
    {
        const int Length = 300;
        Tensor x = new Adversarial(3).Tensor(type, new Shape(2, 290, parts), Adversarial.Mood.Finite);
        Tensor circle = type == DType.F32
            ? Tensor.Of(type, new Shape(Length, 2), [.. Circle.Singles(Length).SelectMany(point => new[] { point.Cosine, point.Sine })])
            : Tensor.Of(type, new Shape(Length, 2), [.. Circle.Doubles(Length).SelectMany(point => new[] { point.Cosine, point.Sine })]);
        Tensor turned = ReferenceBackend.Evaluate(new Dft(Length, inverse), x, circle)[0];
        OneNode node = new("DFT", 20, Made.Int("inverse", inverse ? 1 : 0));
        Assert.That(node.Graph(x, I64(Length)).Nodes.Select(step => step.Op.Name), Does.Contain("Dot").And.Not.Contain("Dft"));
        Assert.That(node.Run(x, I64(Length)).Bytes.ToArray(), Is.EqualTo(turned.Bytes.ToArray()));
    }

    [Test]
    public void A_long_transform_is_one_op_that_can_be_checked()
    {
        OneNode node = new("DFT", 20, Made.Int("onesided", 1));
        Graph graph = node.Graph(F32([1, 16000, 1], new float[16000]));
        Assert.That(graph.Nodes.Select(step => step.Op.Name), Does.Contain("Dft"));
        LoweredGraph lowered = Lowerer.Lower(graph, Policy.Atomic);
        Assert.That(lowered, Is.Not.Null);
    }

    [Test]
    public void Points_of_the_circle_are_the_nearest_numbers([Values(1, 3, 8, 12, 1000, 4099)] int n)
    {
        (float Cosine, float Sine)[] singles = [.. Circle.Singles(n)];
        (double Cosine, double Sine)[] doubles = [.. Circle.Doubles(n)];
        for (int j = 0; j < n; j += 1 + (n / 50))
        {
            BigReal angle = (BigReal.Pi(600) * BigReal.Of(2 * j, 0)).Divide(BigReal.Of(n, 0), 500);
            double Exactly(int quarters)
            {
                bool isZero = (4 * j) % n == 0 && (((4 * j / n) + quarters) & 1) == 0;
                BigReal value = isZero ? BigReal.Of(0, 0) : j == 0 ? BigReal.One : BigFunctions.Sin(angle, quarters, 400);
                return BitConverter.UInt64BitsToDouble(BinaryFormat.F64.Round(value.Middle, value.Exponent));
            }

            Assert.That((doubles[j].Cosine, doubles[j].Sine), Is.EqualTo((Exactly(1), Exactly(0))), $"{j}/{n}");
            Assert.That((singles[j].Cosine, singles[j].Sine), Is.EqualTo(((float)Exactly(1), (float)Exactly(0))), $"{j}/{n}");
        }

        Assert.That(Circle.Singles(8)[1].Cosine, Is.EqualTo(BitConverter.UInt32BitsToSingle(0x3F3504F3)));
        Assert.That(Circle.Doubles(6)[1].Cosine, Is.EqualTo(0.5));
        Assert.That(Circle.Doubles(12)[1].Sine, Is.EqualTo(0.5));
    }

    [Test]
    public void Frames_overlap_and_have_a_window()
    {
        Tensor signal = F32([1, 8, 1], 1, 2, 3, 4, 1, 2, 3, 4);
        OneNode node = new("STFT", 17);
        Tensor y = node.Run(signal, I64(2), null, I64(4));
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(1, 3, 3, 2)));
        Assert.That(y.As<float>().ToArray(), Is.EqualTo(new float[] { 10, 0, -2, 2, -2, 0, 10, 0, 2, -2, -2, 0, 10, 0, -2, 2, -2, 0 }));
        Tensor window = F32([4], 1, 0, 0, 2);
        Assert.That(
            With(node, Made.Int("onesided", 0)).Floats(F32([1, 4], 1, 2, 3, 4), I64(1), window),
            Is.EqualTo(new float[] { 9, 0, 1, 8, -7, 0, 1, -8 }));
        Assert.That(
            With(node, Made.Int("onesided", 0)).Floats(F32([1, 4, 2], 0, 1, 0, 2, 0, 3, 0, 4), I64(4), null, I64(4)),
            Is.EqualTo(new float[] { 0, 10, -2, -2, 0, -2, 2, -2 }));
        Assert.That(() => node.Run(signal, I64(2), window, I64(3)), Throws.TypeOf<InvalidModelException>());
        Assert.That(() => node.Run(signal, I64(2), null, I64(9)), Throws.TypeOf<InvalidModelException>());
    }

    [TestCase("HannWindow", 4, 1, new[] { 0, 0.5f, 1, 0.5f })]
    [TestCase("HannWindow", 5, 0, new[] { 0, 0.5f, 1, 0.5f, 0 })]
    [TestCase("HannWindow", 6, 1, new[] { 0, 0.25f, 0.75f, 1, 0.75f, 0.25f })]
    [TestCase("HammingWindow", 2, 1, new[] { 2f / 23, 1 })]
    [TestCase("HammingWindow", 3, 0, new[] { 2f / 23, 1, 2f / 23 })]
    [TestCase("BlackmanWindow", 4, 1, new[] { 0, 0.34f, 1, 0.34f })]
    [TestCase("BlackmanWindow", 7, 0, new[] { 0, 0.13f, 0.63f, 1, 0.63f, 0.13f, 0 })]
    [TestCase("HannWindow", 1, 0, new float[] { 1 })]
    [TestCase("HannWindow", 0, 1, new float[0])]
    public void A_window_is_its_formula_rounded_once(string name, long size, int periodic, float[] wanted)
        => Assert.That(new OneNode(name, 17, Made.Int("periodic", periodic)).Floats(Size(size)), Is.EqualTo(wanted));

    [Test]
    public void A_window_has_the_type_that_is_asked_for()
    {
        OneNode node = new("HammingWindow", 17, Made.Int("output_datatype", (int)DType.F64));
        Assert.That(node.Run(Size(2)).As<double>().ToArray(), Is.EqualTo(new[] { 2d / 23, 1 }));
        OneNode half = new("HannWindow", 17, Made.Int("output_datatype", (int)DType.F16));
        Assert.That(half.Run(Size(2)).As<ushort>().ToArray(), Is.EqualTo(new ushort[] { 0, 0x3C00 }));
    }

    // Bins 0, 0, 0, 1, 1, 2, 3, 4, 5, 6: those of the bands and one on either side.
    [Test]
    public void Mel_bands_are_triangles()
    {
        Tensor y = new OneNode("MelWeightMatrix", 17).Run(Size(8), Size(16), Size(8192), F32([], 0), F32([], 4096));
        Assert.That(y.Type.Shape, Is.EqualTo(new Shape(9, 8)));
        float[] wanted = new float[72];
        foreach (int at in (int[])[0, 1, 10, 11, 20, 29, 38, 47])
        {
            wanted[at] = 1;
        }

        Assert.That(y.As<float>().ToArray(), Is.EqualTo(wanted));
        Tensor wide = new OneNode("MelWeightMatrix", 17, Made.Int("output_datatype", (int)DType.F64)).Run(
            Tensor.Of<int>(DType.I32, Shape.Scalar, 1), Size(30), Size(3000), F32([], 0), F32([], 1500));
        Assert.That(wide.Type, Is.EqualTo(new TensorType(DType.F64, new Shape(16, 1))));
        Assert.That(() => new OneNode("MelWeightMatrix", 17).Run(Size(8), Size(16), Size(0), F32([], 0), F32([], 1)), Throws.TypeOf<InvalidModelException>());
    }

    private static Tensor Size(long value) => Tensor.Of(DType.I64, Shape.Scalar, value);

    private static OneNode With(OneNode node, params ReadOnlySpan<AttributeProto> more) => node with { Attributes = [.. node.Attributes, .. more] };
}
