using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>Families of element types that an op takes.</summary>
[Flags]
public enum ElementKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>f32, f16, bf16, f64.</summary>
    Real = 1,

    /// <summary>The eight integer types.</summary>
    Integer = 2,

    /// <summary>Truth values.</summary>
    Bool = 4,

    /// <summary>Numbers: reals and integers.</summary>
    Number = Real | Integer,

    /// <summary>Everything.</summary>
    Any = Real | Integer | Bool,
}

internal static class ElementKindsOf
{
    internal static bool Has(this ElementKinds kinds, DType type)
        => (type.IsReal() && kinds.HasFlag(ElementKinds.Real))
        || (type.IsInteger() && kinds.HasFlag(ElementKinds.Integer))
        || (type == DType.Bool && kinds.HasFlag(ElementKinds.Bool));
}
