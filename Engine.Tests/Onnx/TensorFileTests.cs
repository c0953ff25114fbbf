using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Tensors from messages and files, in every field that may hold them.</summary>
internal sealed class TensorFileTests
{
    private static readonly DType[] Types = [.. Enum.GetValues<DType>().Where(type => type != DType.None)];

    [Test]
    public void What_is_written_is_read([ValueSource(nameof(Types))] DType type)
    {
        using Folder folder = new();
        string path = Path.Combine(folder.Root, "t.pb");
        foreach (Shape shape in new Shape[] { Shape.Scalar, new(7), new(2, 0, 3), new(3, 1, 4) })
        {
            Tensor tensor = new Adversarial(31).Tensor(type, shape);
            TensorFile.Write(path, "t", tensor);
            Tensor read = TensorFile.Read(path);
            Assert.That(read.Type, Is.EqualTo(tensor.Type));
            Assert.That(read.Bytes.ToArray(), Is.EqualTo(tensor.Bytes.ToArray()));
        }

        Assert.That(Directory.GetFiles(folder.Root), Has.Length.EqualTo(1), "no temporary file is left");
    }

    [TestCase(DType.I8, -128, 127, -1)]
    [TestCase(DType.U8, 0, 255, 7)]
    [TestCase(DType.I16, -32768, 32767, -1)]
    [TestCase(DType.U16, 0, 65535, 7)]
    [TestCase(DType.I32, int.MinValue, int.MaxValue, -1)]
    [TestCase(DType.Bool, 0, 1, 1)]
    public void Narrow_integers_stand_in_int32_data(DType type, int a, int b, int c)
    {
        Tensor tensor = Read(new TensorProto { DataType = (int)type, Dims = { 3 }, Int32Data = { a, b, c } });
        long[] elements = new long[3];
        new TensorReader([tensor]).Load<long>(0, 0, elements);
        Assert.That(elements, Is.EqualTo(new long[] { a, b, c }));
    }

    [TestCase(DType.F16, 0x7E00)]
    [TestCase(DType.BF16, 0x7FC0)]
    public void Half_floats_stand_as_bits_in_int32_data_and_their_NaN_is_made_canonical(DType type, int nan)
    {
        Tensor tensor = Read(new TensorProto { DataType = (int)type, Dims = { 3 }, Int32Data = { 0x3C00, 0xFFFF, 0x8000 } });
        Assert.That(tensor.As<ushort>().ToArray(), Is.EqualTo([(ushort)0x3C00, (ushort)nan, (ushort)0x8000]));
    }

    [Test]
    public void Wide_numbers_stand_in_their_own_fields()
    {
        Tensor u32 = Read(new TensorProto { DataType = 12, Dims = { 2 }, Uint64Data = { 1, uint.MaxValue } });
        Tensor u64 = Read(new TensorProto { DataType = 13, Dims = { 1 }, Uint64Data = { ulong.MaxValue } });
        Tensor i64 = Read(new TensorProto { DataType = 7, Dims = { 1 }, Int64Data = { long.MinValue } });
        Tensor f64 = Read(new TensorProto { DataType = 11, Dims = { 1 }, DoubleData = { 0.1 } });
        Tensor f32 = Read(new TensorProto { DataType = 1, Dims = { 2 }, FloatData = { BitConverter.UInt32BitsToSingle(0xFFC00123), -0f } });
        Assert.That(u32.As<uint>().ToArray(), Is.EqualTo([1u, uint.MaxValue]));
        Assert.That(u64.As<ulong>().ToArray(), Is.EqualTo([ulong.MaxValue]));
        Assert.That(i64.As<long>().ToArray(), Is.EqualTo([long.MinValue]));
        Assert.That(f64.As<double>().ToArray(), Is.EqualTo([0.1]));
        Assert.That(f32.As<uint>().ToArray(), Is.EqualTo([0x7FC00000u, 0x80000000u]));
    }

    [Test]
    public void Raw_bools_become_0_and_1()
        => Assert.That(Read(Made.Raw("b", DType.Bool, [4], [0, 1, 2, 255])).Bytes.ToArray(), Is.EqualTo((byte[])[0, 1, 1, 1]));

    [Test]
    public void Bytes_that_are_canonical_are_not_copied()
    {
        TensorProto proto = Made.Raw("w", DType.F32, [2], [0, 0, 128, 63, 0, 0, 192, 127]);
        Assert.That(Read(proto).Bytes, Is.EqualTo(proto.RawData.Memory));
    }

    private static Tensor Read(TensorProto proto)
    {
        DefectList defects = new();
        Tensor? tensor = TensorDecoder.Read(proto, "t", external: null, defects);
        Assert.That(defects.Refusal(), Is.Null);
        return tensor!;
    }
}
