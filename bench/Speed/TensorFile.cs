using System.Runtime.InteropServices;

using Google.Protobuf;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Speed;

/// <summary>Reads an ONNX TensorProto file.</summary>
internal static class TensorFile
{
    /// <summary>The tensor of a file.</summary>
    public static Tensor Read(string path)
    {
        using CodedInputStream stream = new(File.ReadAllBytes(path));
        List<long> extents = [];
        List<float> singles = [];
        List<long> integers = [];
        byte[] raw = [];
        DType type = DType.None;
        for (uint tag = stream.ReadTag(); tag != 0; tag = stream.ReadTag())
        {
            bool packed = WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited;
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    Each(stream, packed, s => extents.Add(s.ReadInt64()));
                    break;
                case 2:
                    type = (DType)stream.ReadInt32();
                    break;
                case 4:
                    Each(stream, packed, s => singles.Add(s.ReadFloat()));
                    break;
                case 5 or 7:
                    Each(stream, packed, s => integers.Add(s.ReadInt64()));
                    break;
                case 9:
                    raw = stream.ReadBytes().ToByteArray();
                    break;
                default:
                    stream.SkipLastField();
                    break;
            }
        }

        Shape shape = new([.. extents]);
        return singles.Count > 0 ? new Tensor(new TensorType(type, shape), MemoryMarshal.AsBytes<float>(singles.ToArray()).ToArray())
            : integers.Count > 0 ? Oracle.Tensors.OfCodes(type, shape, [.. integers])
            : new Tensor(new TensorType(type, shape), raw);
    }

    private static void Each(CodedInputStream stream, bool packed, Action<CodedInputStream> read)
    {
        if (!packed)
        {
            read(stream);
            return;
        }

        using CodedInputStream inner = new(stream.ReadBytes().ToByteArray());
        while (!inner.IsAtEnd)
        {
            read(inner);
        }
    }
}
