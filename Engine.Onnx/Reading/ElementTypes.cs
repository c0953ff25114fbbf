using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>ONNX's element type codes, of which <see cref="DType"/> has those that the engine computes with.</summary>
internal static class ElementTypes
{
    private static readonly string?[] Others =
    [
        null, null, null, null, null, null, null, null, "string", null, null, null, null, null, "complex64", "complex128", null,
        "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2",
    ];

    /// <summary>The type of a code; otherwise a defect is noted under <paramref name="who"/>.</summary>
    internal static DType Read(int code, string who, DefectList defects)
    {
        DType type = (DType)code;
        if (type.IsKnown())
        {
            return type;
        }

        if (code > 0 && code < Others.Length && Others[code] is string name)
        {
            defects.OutOfScope($"{who}: element type {name} is not supported");
        }
        else
        {
            defects.Invalid($"{who}: element type {code} does not exist");
        }

        return DType.None;
    }
}
