using FsCheck;
using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Bytes that nobody vouches for: whatever they are, the scan gives a reason or lets them pass, and never throws.</summary>
internal sealed class WireScanTests
{
    // Messages in messages, every length right, and the same with a few bytes changed.
    private static readonly Gen<byte[]> Bytes
        = from message in Message(5)
          from changes in Gen.ArrayOf(Gen.Zip(Gen.Choose(0, 1 << 20), Gen.Choose(0, 255))).Resize(3)
          select Changed(message, changes);

    [Test]
    public void The_scan_throws_nothing() => Law.Holds(
        Bytes, bytes => ModelReader.Defect(bytes, OnnxShapes.Model) is null or { Length: > 0 }, times: 5000, simpler: Law.Shorter);

    [Test]
    public void What_is_not_a_model_is_refused_as_such() => Law.Holds(Bytes, IsRefusedOrLoads, times: 5000, simpler: Law.Shorter);

    [Test]
    public void Some_of_what_is_drawn_passes_and_some_does_not()
    {
        int passed = 0;
        Law.Holds(Bytes, bytes => (passed += ModelReader.Defect(bytes, OnnxShapes.Model) is null ? 1 : 0) >= 0);
        Assert.That(passed, Is.InRange(100, 900));
    }

    [Test]
    public void The_schema_written_out_is_that_of_the_library()
        => Assert.That(OnnxShapes.Model.ToString().Replace("LeftOut", "Bytes", StringComparison.Ordinal), Is.EqualTo($"{OnnxShapes.Described}"));

    [Test]
    public void What_a_copy_leaves_out_comes_back() => Law.Holds(Bytes, IsReadTheSame, times: 5000, simpler: Law.Shorter);

    private static bool IsReadTheSame(byte[] bytes)
    {
        DefectList defects = new();
        ModelProto? model = ModelReader.Parse(bytes, ModelProto.Parser, OnnxShapes.Model, defects);
        if (model is null)
        {
            return defects.Any;
        }

        RawData.Restore(model, bytes);
        return model.Equals(ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes));
    }

    private static bool IsRefusedOrLoads(byte[] bytes)
    {
        try
        {
            return OnnxModel.Parse(bytes) is not null;
        }
        catch (Exception refusal) when (refusal is InvalidModelException or UnsupportedModelException)
        {
            return refusal.Message.Length > 0;
        }
    }

    private static Gen<byte[]> Message(int depth)
        => Gen.Sized(size => Gen.ArrayOf(Field(depth), Math.Min(size, 3))).Select(fields => fields.SelectMany(field => field).ToArray());

    private static Gen<byte[]> Field(int depth)
    {
        Gen<byte[]> number = from field in Gen.Choose(1, 15) from value in Gen.Choose(0, 127) select (byte[])[(byte)(field << 3), (byte)value];
        Gen<byte[]> content = depth == 0 ? Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)) : Message(depth - 1);
        Gen<byte[]> nested = from field in Gen.Choose(1, 15)
                             from whole in content
                             let bytes = whole.Length < 128 ? whole : []
                             select (byte[])[(byte)((field << 3) | 2), (byte)bytes.Length, .. bytes];
        return Gen.Frequency((1, number), (2, nested));
    }

    private static byte[] Changed(byte[] message, (int At, int Value)[] changes)
    {
        foreach ((int at, int value) in message.Length == 0 ? [] : changes)
        {
            message[at % message.Length] = (byte)value;
        }

        return message;
    }
}
