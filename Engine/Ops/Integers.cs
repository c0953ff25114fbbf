using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>Integer arithmetic that is total: operands are 64-bit patterns (u64 as its bits, the others extended), results wrap when
/// they are stored.</summary>
public static class Integers
{
    /// <summary>−1, 0 or 1 as a is below, equal to or above b; u64 without sign.</summary>
    public static int Compare(long a, long b, DType type)
        => type == DType.U64 ? unchecked((ulong)a).CompareTo(unchecked((ulong)b)) : a.CompareTo(b);

    /// <summary>a / b truncated toward zero; x / 0 = 0; least / −1 = least.</summary>
    public static long Divide(long a, long b, DType type) => b switch
    {
        0 => 0,
        _ when type == DType.U64 => unchecked((long)((ulong)a / (ulong)b)),
        -1 => unchecked(-a),
        _ => a / b,
    };

    /// <summary>a − b·trunc(a / b); x mod 0 = 0; least mod −1 = 0.</summary>
    public static long Remainder(long a, long b, DType type) => b switch
    {
        0 => 0,
        _ when type == DType.U64 => unchecked((long)((ulong)a % (ulong)b)),
        -1 => 0,
        _ => a % b,
    };

    /// <summary>a to the power b by wrapping products; a negative exponent gives the exact value truncated toward zero, and 0 for base 0.</summary>
    public static long Power(long a, long b, DType type)
    {
        if (b < 0 && type != DType.U64)
        {
            return a switch
            {
                1 => 1,
                -1 => (b & 1) == 0 ? 1 : -1,
                _ => 0,
            };
        }

        long result = 1;
        ulong exponent = unchecked((ulong)b);
        while (exponent != 0)
        {
            result = (exponent & 1) != 0 ? unchecked(result * a) : result;
            a = unchecked(a * a);
            exponent >>= 1;
        }

        return result;
    }
}
