using System;
using System.IO;

using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>Files that hold one ONNX TensorProto: <c>input_0.pb</c>, <c>output_0.pb</c>.</summary>
public static class TensorFile
{
    /// <summary>Reads a tensor, canonicalised.</summary>
    /// <exception cref="InvalidModelException">The file is not a tensor.</exception>
    /// <exception cref="UnsupportedModelException">It has an element type or form that is not supported.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor Read(string path) => Read(path, isRaw: false);

    /// <summary>Reads a tensor as its raw_data has it, canonical or not: what another party hands out, to be compared with what it commits to. Whoever uses
    /// it afterwards asks <see cref="Tensor.IsCanonical()"/> first.</summary>
    /// <exception cref="InvalidModelException">The file is not a tensor, or has its data in another field.</exception>
    /// <exception cref="UnsupportedModelException">It has an element type or form that is not supported.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor ReadRaw(string path) => Read(path, isRaw: true);

    /// <summary>Writes a tensor so that a crash leaves either the whole file or none: to a temporary file, flushed to disk, then renamed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        TensorProto proto = new() { Name = name, DataType = (int)tensor.Type.DType, RawData = UnsafeByteOperations.UnsafeWrap(tensor.Bytes) };
        proto.Dims.AddRange(tensor.Type.Shape.Extents.ToArray());
        string temporary = $"{path}.tmp";
        using (FileStream file = new(temporary, FileMode.Create, FileAccess.Write))
        {
            proto.WriteTo(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
    private static Tensor Read(string path, bool isRaw)
    {
        ReadOnlyMemory<byte> bytes = ModelReader.Bytes(path);
        string who = Path.GetFileName(path);
        DefectList defects = new();
        Tensor? tensor = null;
        if (ModelReader.Parse(bytes, TensorProto.Parser, OnnxShapes.Tensor, defects, $"{who}: ") is TensorProto proto)
        {
            RawData.Restore(proto, bytes);
            tensor = TensorDecoder.Read(proto, who, external: null, defects);
            if (isRaw && tensor is not null)
            {
                if (proto.RawData.Length != tensor.Bytes.Length)
                {
                    defects.Invalid($"{who}: the data are not in raw_data");
                }

                tensor = proto.RawData.Length == tensor.Bytes.Length ? new Tensor(tensor.Type, proto.RawData.Memory) : null;
            }
        }

        defects.ThrowIfAny();
        return tensor!;
    }
}
