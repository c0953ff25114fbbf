using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>The kernels of one vector width.</summary>
internal interface IKernels
{
    /// <summary>Runs the node's kernel.</summary>
    /// <returns>False when there is none for this op and these types; nothing was done then.</returns>
    bool Run(KernelRun run);
}

/// <summary>From op to kernel.</summary>
/// <typeparam name="F">The vector width.</typeparam>
internal sealed class Kernels<F> : IKernels
    where F : unmanaged, IFloats<F>
{
    public bool Run(KernelRun run) => run.Call.Node.Op switch
    {
        Engine.Ops.Dot op => Ops.Dot.Run<F>(run, op),
        Engine.Ops.DotInteger => Ops.DotInteger.Run<F>(run),
        Engine.Ops.QLinearDot => Ops.QLinearDot.Run<F>(run),
        Engine.Ops.Conv op => Ops.Conv.Run<F>(run, op),
        Engine.Ops.ConvInteger op => Ops.ConvInteger.Run<F>(run, op),
        Engine.Ops.QLinearConv op => Ops.QLinearConv.Run<F>(run, op),
        Engine.Ops.Recurrent op => Ops.Recurrent.Run<F>(run, op),
        Engine.Ops.Softmax op => Ops.Softmax.Run<F>(run, op),
        Engine.Ops.Norm op => Ops.Norm.Run<F>(run, op),
        Engine.Ops.BatchNorm op => Ops.BatchNorm.Run<F>(run, op),
        Engine.Ops.Reduce op => Ops.Reduce.Run<F>(run, op),
        Engine.Ops.MaxPool op => Ops.MaxPool.Run(run, op),
        Engine.Ops.AveragePool op => Ops.AveragePool.Run<F>(run, op),
        Engine.Ops.GlobalAveragePool => Ops.GlobalAveragePool.Run(run),
        Engine.Ops.QuantizeLinear => Ops.QuantizeLinear.Run<F>(run),
        Engine.Ops.DequantizeLinear => Ops.DequantizeLinear.Run<F>(run),
        Engine.Ops.DynamicQuantizeLinear => Ops.DynamicQuantizeLinear.Run<F>(run),
        Engine.Ops.Unary op => RunUnary(run, op),
        Engine.Ops.Arithmetic op => RunArithmetic(run, op),
        Engine.Ops.Comparison op => RunComparison(run, op),
        Engine.Ops.Clip => RunClip(run),
        Engine.Ops.Where => Ops.Where.Run(run),
        Engine.Ops.Cast op => Ops.Cast.Run(run, op),
        Engine.Ops.Copy => Ops.Copy.Run(run),
        Engine.Ops.Concat op => Ops.Concat.Run(run, op),
        Engine.Ops.Gather op => Ops.Gather.Run(run, op),
        Engine.Ops.Scatter => WideRanges.Parts(run),
        Engine.Ops.TopK op => WideRanges.Rows(run, op.K),
        _ => false,
    };

    private static bool RunUnary(KernelRun run, Engine.Ops.Unary unary) => unary switch
    {
        Engine.Ops.Abs => Singles.Unary<F, AbsMap>(run, default),
        Engine.Ops.Neg => Singles.Unary<F, NegMap>(run, default),
        Engine.Ops.Relu => Singles.Unary<F, ReluMap>(run, default),
        Engine.Ops.LeakyRelu op => Singles.Unary<F, LeakyReluMap>(run, new(op.Alpha)),
        Engine.Ops.ThresholdedRelu op => Singles.Unary<F, ThresholdedReluMap>(run, new(op.Alpha)),
        Engine.Ops.HardSigmoid op => Singles.Unary<F, HardSigmoidMap>(run, new(op.Alpha, op.Beta)),
        Engine.Ops.HardSwish => Singles.Unary<F, HardSwishMap>(run, default),
        Engine.Ops.Softsign => Singles.Unary<F, SoftsignMap>(run, default),
        Engine.Ops.Sign => Singles.Unary<F, SignMap>(run, default),
        Engine.Ops.Ceil => Singles.Unary<F, CeilMap>(run, default),
        Engine.Ops.Floor => Singles.Unary<F, FloorMap>(run, default),
        Engine.Ops.Round => Singles.Unary<F, RoundMap>(run, default),
        Engine.Ops.Sqrt => Singles.Unary<F, SqrtMap>(run, default),
        Engine.Ops.Reciprocal => Singles.Unary<F, ReciprocalMap>(run, default),
        Engine.Ops.Exp => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Exp)),
        Engine.Ops.Log => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Log)),
        Engine.Ops.Tanh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Tanh)),
        Engine.Ops.Erf => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Erf)),
        Engine.Ops.Sin => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Sin)),
        Engine.Ops.Cos => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Cos)),
        Engine.Ops.Atan => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Atan)),
        Engine.Ops.Tan => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Tan)),
        Engine.Ops.Asin => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Asin)),
        Engine.Ops.Acos => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Acos)),
        Engine.Ops.Sinh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Sinh)),
        Engine.Ops.Cosh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Cosh)),
        Engine.Ops.Asinh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Asinh)),
        Engine.Ops.Acosh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Acosh)),
        Engine.Ops.Atanh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Atanh)),
        Engine.Ops.Sigmoid => Singles.UnaryBlocks<F, SigmoidMap>(run, default),
        Engine.Ops.Gelu => Singles.UnaryBlocks<F, GeluMap>(run, default),
        Engine.Ops.GeluTanh => Singles.UnaryBlocks<F, GeluTanhMap>(run, default),
        Engine.Ops.Softplus => Singles.UnaryBlocks<F, SoftplusMap>(run, default),
        Engine.Ops.Elu op => Singles.UnaryBlocks<F, EluMap>(run, new(op.Alpha, 1f)),
        Engine.Ops.Selu op => Singles.UnaryBlocks<F, EluMap>(run, new(op.Alpha, op.Gamma)),
        _ => false,
    };

    private static bool RunArithmetic(KernelRun run, Engine.Ops.Arithmetic arithmetic) => arithmetic switch
    {
        Engine.Ops.Add => Singles.Binary<F, AddMap>(run, default) || IntegerLoops.Binary<IntegerAdd>(run, default),
        Engine.Ops.Sub => Singles.Binary<F, SubMap>(run, default) || IntegerLoops.Binary<IntegerSub>(run, default),
        Engine.Ops.Mul => Singles.Binary<F, MulMap>(run, default) || IntegerLoops.Binary<IntegerMul>(run, default),
        Engine.Ops.Div => Singles.Binary<F, DivMap>(run, default),
        Engine.Ops.Max => Singles.Binary<F, MaxMap>(run, default) || IntegerLoops.Binary<IntegerMax>(run, default),
        Engine.Ops.Min => Singles.Binary<F, MinMap>(run, default) || IntegerLoops.Binary<IntegerMin>(run, default),
        _ => false,
    };

    private static bool RunComparison(KernelRun run, Engine.Ops.Comparison comparison) => comparison switch
    {
        Engine.Ops.Equal => Singles.Binary<F, EqualMap>(run, default),
        Engine.Ops.Less => Singles.Binary<F, LessMap>(run, default),
        Engine.Ops.LessOrEqual => Singles.Binary<F, LessOrEqualMap>(run, default),
        Engine.Ops.Greater => Singles.Binary<F, GreaterMap>(run, default),
        Engine.Ops.GreaterOrEqual => Singles.Binary<F, GreaterOrEqualMap>(run, default),
        _ => false,
    };

    private static unsafe bool RunClip(KernelRun run)
    {
        if (!run.Call.Inputs[0].Type.DType.IsSingle())
        {
            return false;
        }

        float* room = run.Rent<float>(Blocks.Elements);
        float low = *new Blocks(run, run.Call.Inputs[1]).Singles(0, 1, room);
        float high = *new Blocks(run, run.Call.Inputs[2]).Singles(0, 1, room);
        return Singles.Unary<F, ClipMap>(run, new(low, high));
    }
}
