using NUnit.Framework;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Tensors;

internal sealed class ShapeTests
{
    [Test]
    public void Limits_are_checked_before_anything_overflows()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new Shape(1, 1, 1, 1, 1, 1, 1, 1, 1), Throws.ArgumentException.With.Message.Contains("rank 9"));
            Assert.That(() => new Shape(-1), Throws.ArgumentException.With.Message.Contains("negative"));
            Assert.That(() => new Shape(long.MaxValue, long.MaxValue), Throws.ArgumentException.With.Message.Contains("elements"));
            Assert.That(() => new Shape(0, long.MaxValue, 2), Throws.ArgumentException, "zero does not hide a huge extent");
            Assert.That(new Shape(0, 5).Elements, Is.Zero);
            Assert.That(Shape.Scalar.Elements, Is.EqualTo(1));
        });
    }

    [Test]
    public void A_tensor_needs_its_bytes()
    {
        TensorType type = new(DType.F32, new Shape(2, 3));
        Assert.Multiple(() =>
        {
            Assert.That(() => new Tensor(type, new byte[23]), Throws.ArgumentException.With.Message.Contains("24 bytes"));
            Assert.That(() => new Tensor(new TensorType(DType.F64, new Shape(1L << 39)), default), Throws.ArgumentException.With.Message.Contains("larger"));
        });
    }

    [Test]
    public void Values_from_outside_become_canonical()
    {
        Tensor reals = Tensor.Of<uint>(DType.F32, new Shape(4), 0xFFC00001, 0x7F800001, 0x80000000, 0x00000001);
        Tensor halves = Tensor.Of<ushort>(DType.F16, new Shape(2), 0xFE00, 0x7C01);
        Tensor brains = Tensor.Of<ushort>(DType.BF16, new Shape(2), 0xFFFF, 0x7F80);
        Tensor doubles = Tensor.Of<ulong>(DType.F64, new Shape(1), 0xFFF8000000000000);
        Tensor bools = Tensor.Of<byte>(DType.Bool, new Shape(3), 0, 2, 255);
        Assert.Multiple(() =>
        {
            Assert.That(reals.As<uint>().ToArray(), Is.EqualTo(new uint[] { 0x7FC00000, 0x7FC00000, 0x80000000, 1 }));
            Assert.That(halves.As<ushort>().ToArray(), Is.EqualTo(new ushort[] { 0x7E00, 0x7E00 }));
            Assert.That(brains.As<ushort>().ToArray(), Is.EqualTo(new ushort[] { 0x7FC0, 0x7F80 }));
            Assert.That(doubles.As<ulong>().ToArray(), Is.EqualTo(new ulong[] { 0x7FF8000000000000 }));
            Assert.That(bools.As<byte>().ToArray(), Is.EqualTo(new byte[] { 0, 1, 1 }));
        });
    }
}
