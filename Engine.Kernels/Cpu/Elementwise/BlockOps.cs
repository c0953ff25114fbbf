using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

//
//  Same bits as the members of Engine/Ops of the same names.
//

/// <summary>From elementwise op to its block form.</summary>
/// <typeparam name="F">The vector width.</typeparam>
internal static class BlockOps<F>
    where F : unmanaged, IFloats<F>
{
    /// <summary>The block form of a node, or null where there is none for its op and types.</summary>
    internal static BlockOp? Of(NodeCall call)
    {
        DType type = call.Inputs.Length == 0 ? DType.None : call.Inputs[0].Type.DType;
        return call.Node.Op switch
        {
            Engine.Ops.Not => type == DType.Bool ? new NotBlock() : null,
            Engine.Ops.Unary op => Single(Unary(op), call),
            Engine.Ops.Arithmetic op => type.IsSingle() ? Single(Arithmetic(op, call), call) : Integer(op, type),
            Engine.Ops.Comparison op => type.IsReal() ? Single(Comparison(op), call) : IntegerTest(op, type),
            Engine.Ops.Clip => Single(new ClipBlock<F>(), call),
            Engine.Ops.Where => Where(call.Inputs[1].Type.DType.Size()),
            Engine.Ops.Cast op => Cast(type, op.To),
            Engine.Ops.BatchNorm => type == DType.F32 && Scale.Of(call) is not null ? new ScaleBlock<F>() : null,
            Engine.Ops.QuantizeLinear => Quantize(type, call.Inputs[1].Type.DType, call.Inputs[2].Type.DType),
            Engine.Ops.DequantizeLinear => Dequantize(type, call.Inputs[1].Type.DType),
            _ => null,
        };
    }

    private static BlockOp? Single(BlockOp? inner, NodeCall call)
    {
        DType type = call.Inputs[0].Type.DType;
        return inner is null || !type.IsSingle() ? null
            : type == DType.F32 ? inner
            : new NarrowBlock(inner, type, call.Inputs.Length, call.Node.Outputs[0].DType == type);
    }

    private static BlockOp? Unary(Engine.Ops.Unary unary) => unary switch
    {
        Engine.Ops.Abs => Map<AbsMap>(default),
        Engine.Ops.Neg => Map<NegMap>(default),
        Engine.Ops.Relu => Map<ReluMap>(default),
        Engine.Ops.LeakyRelu op => Map<LeakyReluMap>(new(op.Alpha)),
        Engine.Ops.ThresholdedRelu op => Map<ThresholdedReluMap>(new(op.Alpha)),
        Engine.Ops.HardSigmoid op => Map<HardSigmoidMap>(new(op.Alpha, op.Beta)),
        Engine.Ops.HardSwish => Map<HardSwishMap>(default),
        Engine.Ops.Softsign => Map<SoftsignMap>(default),
        Engine.Ops.Sign => Map<SignMap>(default),
        Engine.Ops.Ceil => Map<CeilMap>(default),
        Engine.Ops.Floor => Map<FloorMap>(default),
        Engine.Ops.Round => Map<RoundMap>(default),
        Engine.Ops.Sqrt => Map<SqrtMap>(default),
        Engine.Ops.Reciprocal => Map<ReciprocalMap>(default),
        Engine.Ops.Exp => Function<FunctionMap>(new(Numerics.Function.Exp)),
        Engine.Ops.Log => Function<FunctionMap>(new(Numerics.Function.Log)),
        Engine.Ops.Tanh => Function<FunctionMap>(new(Numerics.Function.Tanh)),
        Engine.Ops.Erf => Function<FunctionMap>(new(Numerics.Function.Erf)),
        Engine.Ops.Sin => Function<FunctionMap>(new(Numerics.Function.Sin)),
        Engine.Ops.Cos => Function<FunctionMap>(new(Numerics.Function.Cos)),
        Engine.Ops.Atan => Function<FunctionMap>(new(Numerics.Function.Atan)),
        Engine.Ops.Tan => Function<FunctionMap>(new(Numerics.Function.Tan)),
        Engine.Ops.Asin => Function<FunctionMap>(new(Numerics.Function.Asin)),
        Engine.Ops.Acos => Function<FunctionMap>(new(Numerics.Function.Acos)),
        Engine.Ops.Sinh => Function<FunctionMap>(new(Numerics.Function.Sinh)),
        Engine.Ops.Cosh => Function<FunctionMap>(new(Numerics.Function.Cosh)),
        Engine.Ops.Asinh => Function<FunctionMap>(new(Numerics.Function.Asinh)),
        Engine.Ops.Acosh => Function<FunctionMap>(new(Numerics.Function.Acosh)),
        Engine.Ops.Atanh => Function<FunctionMap>(new(Numerics.Function.Atanh)),
        Engine.Ops.Sigmoid => Function<SigmoidMap>(default),
        Engine.Ops.Gelu => Function<GeluMap>(default),
        Engine.Ops.GeluTanh => Function<GeluTanhMap>(default),
        Engine.Ops.Softplus => Function<SoftplusMap>(default),
        Engine.Ops.Elu op => Function<EluMap>(new(op.Alpha, 1f)),
        Engine.Ops.Selu op => Function<EluMap>(new(op.Alpha, op.Gamma)),
        _ => null,
    };

    private static BlockOp? Arithmetic(Engine.Ops.Arithmetic arithmetic, NodeCall call) => arithmetic switch
    {
        Engine.Ops.Add => new BinaryBlock<F, AddMap>(default),
        Engine.Ops.Sub => new BinaryBlock<F, SubMap>(default),
        Engine.Ops.Mul => new BinaryBlock<F, MulMap>(default),
        Engine.Ops.Div => new BinaryBlock<F, DivMap>(default),
        Engine.Ops.Max => new BinaryBlock<F, MaxMap>(default),
        Engine.Ops.Min => new BinaryBlock<F, MinMap>(default),
        Engine.Ops.Pow => new PowBlock<F>(Known(call.Inputs[1])),
        _ => null,
    };

    private static BlockOp? Comparison(Engine.Ops.Comparison comparison) => comparison switch
    {
        Engine.Ops.Equal => new ComparisonBlock<F, EqualMap>(default),
        Engine.Ops.Less => new ComparisonBlock<F, LessMap>(default),
        Engine.Ops.LessOrEqual => new ComparisonBlock<F, LessOrEqualMap>(default),
        Engine.Ops.Greater => new ComparisonBlock<F, GreaterMap>(default),
        Engine.Ops.GreaterOrEqual => new ComparisonBlock<F, GreaterOrEqualMap>(default),
        _ => null,
    };

    private static BlockOp? Integer(Engine.Ops.Arithmetic arithmetic, DType type) => arithmetic switch
    {
        Engine.Ops.Add => Integer<IntegerAdd>(type),
        Engine.Ops.Sub => Integer<IntegerSub>(type),
        Engine.Ops.Mul => Integer<IntegerMul>(type),
        Engine.Ops.Max => Integer<IntegerMax>(type),
        Engine.Ops.Min => Integer<IntegerMin>(type),
        Engine.Ops.And => Integer<IntegerAnd>(type),
        Engine.Ops.Or => Integer<IntegerOr>(type),
        Engine.Ops.Xor => Integer<IntegerXor>(type),
        _ => null,
    };

    private static BlockOp? IntegerTest(Engine.Ops.Comparison comparison, DType type) => comparison switch
    {
        Engine.Ops.Equal => type is DType.I32 or DType.U32 ? new EqualWordsBlock<F>() : IntegerTest<IntegerEqual>(type),
        Engine.Ops.Less => IntegerTest<IntegerLess>(type),
        Engine.Ops.LessOrEqual => IntegerTest<IntegerLessOrEqual>(type),
        Engine.Ops.Greater => IntegerTest<IntegerGreater>(type),
        Engine.Ops.GreaterOrEqual => IntegerTest<IntegerGreaterOrEqual>(type),
        _ => null,
    };

    private static BlockOp? IntegerTest<TTest>(DType type)
        where TTest : struct, IIntegerTest => type switch
        {
            DType.U8 or DType.Bool => new IntegerTestBlock<TTest, byte>(default),
            DType.I8 => new IntegerTestBlock<TTest, sbyte>(default),
            DType.U16 => new IntegerTestBlock<TTest, ushort>(default),
            DType.I16 => new IntegerTestBlock<TTest, short>(default),
            DType.U32 => new IntegerTestBlock<TTest, uint>(default),
            DType.I32 => new IntegerTestBlock<TTest, int>(default),
            DType.U64 => new IntegerTestBlock<TTest, ulong>(default),
            DType.I64 => new IntegerTestBlock<TTest, long>(default),
            _ => null,
        };

    private static BlockOp? Integer<TMap>(DType type)
        where TMap : struct, IIntegerMap => type switch
        {
            DType.U8 or DType.Bool => new IntegerBlock<TMap, byte>(default),
            DType.I8 => new IntegerBlock<TMap, sbyte>(default),
            DType.U16 => new IntegerBlock<TMap, ushort>(default),
            DType.I16 => new IntegerBlock<TMap, short>(default),
            DType.U32 => new IntegerBlock<TMap, uint>(default),
            DType.I32 => new IntegerBlock<TMap, int>(default),
            DType.U64 => new IntegerBlock<TMap, ulong>(default),
            DType.I64 => new IntegerBlock<TMap, long>(default),
            _ => null,
        };

    private static BlockOp Where(int size) => size switch
    {
        1 => new WhereBlock<byte>(),
        2 => new WhereBlock<ushort>(),
        4 => new WhereBlock<uint>(),
        _ => new WhereBlock<ulong>(),
    };

    private static BlockOp? Cast(DType from, DType to)
    {
        if (!from.IsSingle())
        {
            return CastBlocks<F>.FromInteger(from, to);
        }

        BlockOp? block = CastBlocks<F>.FromSingle(to);
        return block is null || from == DType.F32 ? block : new NarrowBlock(block, from, 1, narrow: false);
    }

    private static BlockOp Quantize(DType x, DType scale, DType codes) => codes switch
    {
        DType.U8 => new QuantizeBlock<F, U8Code>(x, scale),
        DType.I8 => new QuantizeBlock<F, I8Code>(x, scale),
        DType.U16 => new QuantizeBlock<F, U16Code>(x, scale),
        _ => new QuantizeBlock<F, I16Code>(x, scale),
    };

    private static BlockOp Dequantize(DType codes, DType scale) => codes switch
    {
        DType.U8 => new DequantizeBlock<F, U8Code>(scale),
        DType.I8 => new DequantizeBlock<F, I8Code>(scale),
        DType.U16 => new DequantizeBlock<F, U16Code>(scale),
        DType.I16 => new DequantizeBlock<F, I16Code>(scale),
        _ => new DequantizeIntegerBlock(scale),
    };

    private static UnaryBlock<F, TMap> Map<TMap>(TMap map)
        where TMap : struct, IMap1 => new(map);

    private static FunctionBlock<F, TMap> Function<TMap>(TMap map)
        where TMap : struct, IBlockMap => new(map);

    // The one f32 that all elements of a parameter's view are.
    private static float? Known(Operand operand)
    {
        bool single = operand.Parameter is not null && operand.Type.DType == DType.F32 && operand.Type.Elements > 0;
        for (int axis = 0; single && axis < operand.Map.Shape.Rank; axis++)
        {
            single &= operand.Map.Shape[axis] == 1 || operand.Map.Strides[axis] == 0;
        }

        return single ? operand.Parameter!.As<float>()[(int)operand.Map.Offset] : null;
    }
}
