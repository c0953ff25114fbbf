using System;

namespace VerifiableCompute.Engine.Tensors;

/// <summary>Element types. The numbers are ONNX's <c>TensorProto.DataType</c> codes and never change.</summary>
public enum DType
{
    /// <summary>No type: the default value, never legal in a tensor.</summary>
    None = 0,

    /// <summary>IEEE 754 binary32.</summary>
    F32 = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    I8 = 3,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16 = 4,

    /// <summary>Signed 16-bit integer.</summary>
    I16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    I32 = 6,

    /// <summary>Signed 64-bit integer.</summary>
    I64 = 7,

    /// <summary>Truth value, one byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 binary16; storage only, arithmetic is done in f32.</summary>
    F16 = 10,

    /// <summary>IEEE 754 binary64.</summary>
    F64 = 11,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32 = 12,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64 = 13,

    /// <summary>The upper half of a binary32; storage only, arithmetic is done in f32.</summary>
    BF16 = 16,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Size of one element in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not an element type.</exception>
    public static int Size(this DType type) => type switch
    {
        DType.U8 or DType.I8 or DType.Bool => 1,
        DType.F16 or DType.BF16 or DType.U16 or DType.I16 => 2,
        DType.F32 or DType.I32 or DType.U32 => 4,
        DType.F64 or DType.I64 or DType.U64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>True for every code that names an element type.</summary>
    public static bool IsKnown(this DType type) => type is DType.F32 or DType.U8 or DType.I8 or DType.U16 or DType.I16
        or DType.I32 or DType.I64 or DType.Bool or DType.F16 or DType.F64 or DType.U32 or DType.U64 or DType.BF16;

    /// <summary>True for f32, f16, bf16 and f64.</summary>
    public static bool IsReal(this DType type) => type is DType.F32 or DType.F16 or DType.BF16 or DType.F64;

    /// <summary>True for the types whose arithmetic is done in f32: f32, f16, bf16.</summary>
    public static bool IsSingle(this DType type) => type is DType.F32 or DType.F16 or DType.BF16;

    /// <summary>True for the eight integer types (bool is not one).</summary>
    public static bool IsInteger(this DType type) => type is DType.U8 or DType.I8 or DType.U16 or DType.I16
        or DType.I32 or DType.U32 or DType.I64 or DType.U64;

    /// <summary>True for the four unsigned integer types.</summary>
    public static bool IsUnsigned(this DType type) => type is DType.U8 or DType.U16 or DType.U32 or DType.U64;

    /// <summary>The short name used in messages and tables: f32, i64, bool …</summary>
    public static string Name(this DType type) => type switch
    {
        DType.F32 => "f32",
        DType.U8 => "u8",
        DType.I8 => "i8",
        DType.U16 => "u16",
        DType.I16 => "i16",
        DType.I32 => "i32",
        DType.I64 => "i64",
        DType.Bool => "bool",
        DType.F16 => "f16",
        DType.F64 => "f64",
        DType.U32 => "u32",
        DType.U64 => "u64",
        DType.BF16 => "bf16",
        _ => $"type {(int)type}",
    };

    /// <summary>Smallest and largest value of an integer type, as the 64-bit patterns that <see cref="ElementReader"/> gives.</summary>
    public static (long Low, long High) IntegerRange(this DType type) => type switch
    {
        DType.U8 => (0, byte.MaxValue),
        DType.I8 => (sbyte.MinValue, sbyte.MaxValue),
        DType.U16 => (0, ushort.MaxValue),
        DType.I16 => (short.MinValue, short.MaxValue),
        DType.I32 => (int.MinValue, int.MaxValue),
        DType.U32 => (0, uint.MaxValue),
        DType.I64 => (long.MinValue, long.MaxValue),
        DType.U64 => (0, -1),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an integer type"),
    };
}
