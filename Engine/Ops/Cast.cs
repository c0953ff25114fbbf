using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Cast: the same number in another element type
//
//  Shapes   X any -> Y of the same shape and the given type
//  Reads    the element at the same index
//  Order    none
//  Rounding reals and integers to reals: once, directly, half to even; reals to integers: truncated, held within the type's bounds;
//           integers to integers wrap; anything to bool: whether it is not zero (NaN is not)
//  NaN      NaN stays NaN; to an integer it gives 0
//  Source   docs/numerics.md, section Values; ONNX Cast-25
//

/// <summary>The same number in another element type.</summary>
/// <param name="to">The type.</param>
public sealed class Cast(DType to) : Op("Cast", 1, new OpAttribute("to", (long)to))
{
    /// <summary>The element type of the result.</summary>
    public DType To { get; } = to.IsKnown() ? to : throw Error.AttributeUnknown("to", (long)to);

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1, "takes one input", inputs);
        return [inputs[0] with { DType = To }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        DType from = x.Type(0).DType;
        for (int i = 0; i < y.Count; i++)
        {
            if (!from.IsReal())
            {
                FromInteger(x.Load<long>(0, start + i), from == DType.U64, i, y);
            }
            else
            {
                FromReal(from == DType.F64 ? x.Load<double>(0, start + i) : x.Load<float>(0, start + i), i, y);
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads) => reads.SameOfAll();

    private static void FromInteger(long value, bool unsigned, int index, ElementWriter y)
    {
        ulong magnitude = unchecked((ulong)value);
        switch (y.Type)
        {
            case DType.F32:
                y.Set(index, unsigned ? Real.ToF32(magnitude) : Real.ToF32(value));
                break;
            case DType.F64:
                y.Set(index, unsigned ? Real.ToF64(magnitude) : Real.ToF64(value));
                break;
            case DType.F16:
                y.SetBits(index, unsigned ? Real.ToF16(magnitude) : Real.ToF16(value));
                break;
            case DType.BF16:
                y.SetBits(index, unsigned ? Real.ToBF16(magnitude) : Real.ToBF16(value));
                break;
            default:
                y.Set(index, value);
                break;
        }
    }

    private static void FromReal(double value, int index, ElementWriter y)
    {
        switch (y.Type)
        {
            case DType.F32:
                y.Set(index, Real.ToF32(value));
                break;
            case DType.F64:
                y.Set(index, value);
                break;
            case DType.F16:
                y.SetBits(index, Real.ToF16(value));
                break;
            case DType.BF16:
                y.SetBits(index, Real.ToBF16(value));
                break;
            case DType.Bool:
                y.Set(index, value != 0);
                break;
            default:
                y.Set(index, Truncated(value, y.Type));
                break;
        }
    }

    private static long Truncated(double value, DType type) => type switch
    {
        DType.U8 => Real.ToU8(value),
        DType.I8 => Real.ToI8(value),
        DType.U16 => Real.ToU16(value),
        DType.I16 => Real.ToI16(value),
        DType.U32 => Real.ToU32(value),
        DType.I32 => Real.ToI32(value),
        DType.U64 => unchecked((long)Real.ToU64(value)),
        _ => Real.ToI64(value),
    };
}
