
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Gpu.Elementwise;

/// <summary>One elementwise operation as Texts/chain.h knows it: the numbers are that text's.</summary>
/// <param name="Code">Kind of arithmetic and operation.</param>
/// <param name="First">First constant.</param>
/// <param name="Second">Second constant.</param>
internal readonly record struct Step(int Code, float First = 0, float Second = 0)
{
    private const int Single = 0;
    private const int Double = 1 << 8;
    private const int Integer = 2 << 8;
    private const int Cast = 3 << 8;
    private const int Quotient = 4;
    private const int Where = 27;
    private const int Quantize = 96;
    private const int Dequantize = 97;

    /// <summary>Whether it is one of Texts/chain_functions.h.</summary>
    internal static bool IsFunction(int code) => code is >= 32 and <= 53;

    /// <summary>Whether Texts/follow.h has it: no arithmetic of f64, and of functions those that models use most behind products.</summary>
    internal bool MayFollow => Code >> 8 != Double >> 8 && (!IsFunction(Code) || Code is 32 or 34 or 35 or 36 or 38 or 39);

    /// <summary>Whether it is a sum, difference, product or quotient of f32.</summary>
    internal static bool IsArithmetic(int code) => code is >= 1 and <= Quotient;

    /// <summary>Whether it is a choice.</summary>
    internal static bool IsChoice(int code) => code == Where;

    /// <summary>The step of a node, or null where its op is not elementwise, or chain.h has nothing for it.</summary>
    internal static Step? Of(NodeCall call)
    {
        DType type = call.Inputs.Length == 0 ? DType.None : call.Inputs[0].Type.DType;
        return call.Node.Op switch
        {
            Engine.Ops.Where => new Step(Where),
            Engine.Ops.Cast => new Step(Cast),
            QuantizeLinear => new Step(Quantize),
            DequantizeLinear => new Step(Dequantize),
            Pow when type == DType.F32 => Exponent(call.Inputs[1]) is float exponent ? new Step(Single | 53, exponent) : null,
            _ when type == DType.None => null,
            _ when type.IsSingle() => OfSingle(call.Node.Op),
            _ when type == DType.F64 => Plain(call.Node.Op) is int op && op < 28 ? new Step(Double | op) : null,
            _ => Plain(call.Node.Op) is int op && OfIntegers(call.Node.Op) ? new Step(Integer | op) : null,
        };
    }

    // The exponent, where it is one number for all elements, known now, and a power with a text of its own.
    private static float? Exponent(Operand operand)
        => operand.Parameter is Tensor tensor && operand.Map.Strides.All(stride => stride == 0) && tensor.As<float>()[(int)operand.Map.Offset]
            is float exponent and (0f or 1f or 2f or 3f or 0.5f or -0.5f or -1f)
            ? exponent
            : null;

    private static Step? OfSingle(Op op) => op switch
    {
        LeakyRelu leaky => new Step(Single | 17, leaky.Alpha),
        ThresholdedRelu thresholded => new Step(Single | 18, thresholded.Alpha),
        HardSigmoid hard => new Step(Single | 19, hard.Alpha, hard.Beta),
        HardSwish => new Step(Single | 20),
        Softsign => new Step(Single | 21),
        Elu elu => new Step(Single | 40, elu.Alpha),
        Selu selu => new Step(Single | 41, selu.Alpha, selu.Gamma),
        _ => (Function(op) ?? Plain(op)) is int plain and not (28 or 29 or 30 or 31) ? new Step(Single | plain) : null,
    };

    private static int? Function(Op op) => op switch
    {
        Exp => 32,
        Log => 33,
        Tanh => 34,
        Erf => 35,
        Sigmoid => 36,
        Softplus => 37,
        Gelu => 38,
        GeluTanh => 39,
        Sin => 42,
        Cos => 43,
        Tan => 44,
        Asin => 45,
        Acos => 46,
        Atan => 47,
        Sinh => 48,
        Cosh => 49,
        Asinh => 50,
        Acosh => 51,
        Atanh => 52,
        _ => null,
    };

    private static bool OfIntegers(Op op) => op is Add or Sub or Mul or Max or Min or Abs or Neg or Sign or Relu or Clip or And or Or or Xor or Not
        or Equal or Less or LessOrEqual or Greater or GreaterOrEqual;

    private static int? Plain(Op op) => op switch
    {
        Add => 1,
        Sub => 2,
        Mul => 3,
        Div => 4,
        Max => 5,
        Min => 6,
        Abs => 7,
        Neg => 8,
        Sign => 9,
        Floor => 10,
        Ceil => 11,
        Round => 12,
        Sqrt => 13,
        Reciprocal => 14,
        Relu => 15,
        Clip => 16,
        Equal => 22,
        Less => 23,
        LessOrEqual => 24,
        Greater => 25,
        GreaterOrEqual => 26,
        And => 28,
        Or => 29,
        Xor => 30,
        Not => 31,
        _ => null,
    };
}
