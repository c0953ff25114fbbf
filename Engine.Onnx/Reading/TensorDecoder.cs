using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Google.Protobuf.Collections;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Makes tensors of ONNX's tensor messages. What the dims promise is compared with the data that is there before anything is
/// allocated.</summary>
internal static class TensorDecoder
{
    private const int External = 1;

    // Bytes that are looked at before their memory may go: whole elements.
    private const int AtOnce = 1 << 20;

    /// <summary>The tensor, canonical; or null with the defects noted under <paramref name="who"/>.</summary>
    internal static Tensor? Read(TensorProto proto, string who, ExternalData? external, DefectList defects)
    {
        DType type = ElementTypes.Read(proto.DataType, who, defects);
        if (type == DType.None || ReadShape(proto, who, defects) is not Shape shape)
        {
            return null;
        }

        if (proto.Segment is not null)
        {
            defects.Unsupported($"{who}: a tensor in segments is not supported");
            return null;
        }

        TensorType full = new(type, shape);
        if (full.Elements > Limits.TensorBytes || full.Bytes > Limits.TensorBytes)
        {
            defects.Unsupported($"{who}: {full} is larger than the limit of {Limits.TensorBytes} bytes");
            return null;
        }

        switch (proto.DataLocation)
        {
            case 0:
                return ReadInline(proto, full, who, defects);
            case External when external is not null:
                return external.Read(proto, full, who, defects);
            case External:
                defects.Invalid($"{who}: external data is not allowed here");
                return null;
            default:
                defects.Invalid($"{who}: data location {proto.DataLocation} does not exist");
                return null;
        }
    }

    /// <summary>A tensor over bytes that belong to it: canonicalised, in a copy only if they are not canonical yet.</summary>
    internal static Tensor Adopt(TensorType type, ReadOnlyMemory<byte> bytes)
    {
        // Bytes in a file are read once for this, and need not stay in memory until someone asks for them.
        for (int start = 0; start < bytes.Length; start += AtOnce)
        {
            ReadOnlyMemory<byte> part = bytes.Slice(start, Math.Min(AtOnce, bytes.Length - start));
            if (!Tensor.IsCanonical(type.DType, part.Span))
            {
                return Tensor.Canonical(type, bytes.Span);
            }

            if (bytes.Length > AtOnce)
            {
                FileMemory.Drop(part);
            }
        }

        return new Tensor(type, bytes);
    }

    private static Shape? ReadShape(TensorProto proto, string who, DefectList defects)
    {
        if (proto.Dims.Count > Limits.Rank)
        {
            defects.Unsupported($"{who}: rank {proto.Dims.Count} is above the limit of {Limits.Rank}");
            return null;
        }

        try
        {
            return new Shape([.. proto.Dims]);
        }
        catch (ArgumentException refusal)
        {
            defects.Invalid($"{who}: {refusal.Message}");
            return null;
        }
    }

    private static Tensor? ReadInline(TensorProto proto, TensorType type, string who, DefectList defects)
    {
        (string field, int count) = Fields(proto);
        if (count < 0)
        {
            defects.Invalid($"{who}: data in more than one field ({field})");
            return null;
        }

        string wanted = type.DType switch
        {
            DType.F32 => "float_data",
            DType.F64 => "double_data",
            DType.I64 => "int64_data",
            DType.U32 or DType.U64 => "uint64_data",
            _ => "int32_data",
        };
        if (field == "raw_data")
        {
            if (count != type.Bytes)
            {
                defects.Invalid($"{who}: {type} needs {type.Bytes} bytes of raw_data, got {count}");
                return null;
            }

            return Adopt(type, proto.RawData.Memory);
        }

        if (count > 0 && field != wanted)
        {
            defects.Invalid($"{who}: {type} cannot be in {field}");
            return null;
        }

        if (count != type.Elements)
        {
            defects.Invalid($"{who}: {type} needs {type.Elements} elements, got {count}");
            return null;
        }

        return ReadTyped(proto, type, who, defects);
    }

    // The one field that holds data and its number of entries; −1 and all their names when there are several.
    private static (string Field, int Count) Fields(TensorProto proto)
    {
        List<(string Field, int Count)> used = [];
        ReadOnlySpan<(string Field, int Count)> all =
        [
            ("raw_data", proto.RawData.Length),
            ("float_data", proto.FloatData.Count),
            ("int32_data", proto.Int32Data.Count),
            ("string_data", proto.StringData.Count),
            ("int64_data", proto.Int64Data.Count),
            ("double_data", proto.DoubleData.Count),
            ("uint64_data", proto.Uint64Data.Count),
        ];
        foreach ((string field, int count) in all)
        {
            if (count > 0)
            {
                used.Add((field, count));
            }
        }

        return used.Count switch
        {
            0 => ("no field", 0),
            1 => used[0],
            _ => (string.Join(", ", used.ConvertAll(entry => entry.Field)), -1),
        };
    }

    private static Tensor? ReadTyped(TensorProto proto, TensorType type, string who, DefectList defects)
    {
        byte[] bytes = new byte[type.Bytes];
        long? misfit = null;
        switch (type.DType)
        {
            case DType.F32:
                Fill<float>(proto.FloatData, bytes);
                break;
            case DType.F64:
                Fill<double>(proto.DoubleData, bytes);
                break;
            case DType.I64:
                Fill<long>(proto.Int64Data, bytes);
                break;
            case DType.U64:
                Fill<ulong>(proto.Uint64Data, bytes);
                break;
            case DType.U32:
                misfit = FillNarrow(proto.Uint64Data, value => unchecked((long)value), DType.U32, bytes);
                break;
            default:
                misfit = FillNarrow(proto.Int32Data, value => value, Storage(type.DType), bytes);
                break;
        }

        if (misfit is long value)
        {
            defects.Invalid($"{who}: {value} is not a value of {type.DType.Name()}");
            return null;
        }

        Tensor.Canonicalise(type.DType, bytes);
        return new Tensor(type, bytes);
    }

    private static void Fill<T>(RepeatedField<T> field, byte[] bytes)
        where T : unmanaged
    {
        Span<T> elements = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = field[i];
        }
    }

    // The first value that the type does not have, or null.
    private static long? FillNarrow<T>(RepeatedField<T> field, Func<T, long> widen, DType type, byte[] bytes)
    {
        (long low, long high) = type == DType.Bool ? (0, 1) : type.IntegerRange();
        ElementWriter elements = new(type, bytes);
        for (int i = 0; i < field.Count; i++)
        {
            long value = widen(field[i]);
            if (value < low || value > high)
            {
                return value;
            }

            elements.Set(i, value);
        }

        return null;
    }

    // The bits of f16 and bf16 are given as integers.
    private static DType Storage(DType type) => type is DType.F16 or DType.BF16 ? DType.U16 : type;
}
