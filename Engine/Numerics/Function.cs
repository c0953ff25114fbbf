using System.Diagnostics.CodeAnalysis;

namespace VerifiableCompute.Engine.Numerics;

/// <summary>The elementary functions of one variable. Each is correctly rounded; see <see cref="Functions"/>.</summary>
[SuppressMessage("Naming", "CA1716", Justification = "The mathematical word; only Visual Basic reserves it.")]
public enum Function
{
    /// <summary>e^x.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Log,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>Error function.</summary>
    Erf,

    /// <summary>1 - erf(x).</summary>
    Erfc,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>1 / sqrt(x).</summary>
    Rsqrt,

    /// <summary>1 / x.</summary>
    Reciprocal,

    /// <summary>Sine of x radians.</summary>
    Sin,

    /// <summary>Cosine of x radians.</summary>
    Cos,

    /// <summary>e^x - 1.</summary>
    Expm1,

    /// <summary>log(1 + x).</summary>
    Log1p,

    /// <summary>2^x.</summary>
    Exp2,

    /// <summary>Logarithm to base 2.</summary>
    Log2,

    /// <summary>Inverse tangent, in radians.</summary>
    Atan,

    /// <summary>Tangent of x radians.</summary>
    Tan,

    /// <summary>Inverse sine, in radians.</summary>
    Asin,

    /// <summary>Inverse cosine, in radians.</summary>
    Acos,

    /// <summary>Hyperbolic sine.</summary>
    Sinh,

    /// <summary>Hyperbolic cosine.</summary>
    Cosh,

    /// <summary>Inverse hyperbolic sine.</summary>
    Asinh,

    /// <summary>Inverse hyperbolic cosine.</summary>
    Acosh,

    /// <summary>Inverse hyperbolic tangent.</summary>
    Atanh,
}
