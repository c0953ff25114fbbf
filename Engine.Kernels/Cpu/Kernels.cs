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
        Ops.Dot op => Dot.Run<F>(run, op),
        Ops.Unary op => RunUnary(run, op),
        Ops.Arithmetic op => RunArithmetic(run, op),
        Ops.Comparison op => RunComparison(run, op),
        Ops.Clip => RunClip(run),
        Ops.Where => Where.Run(run),
        Ops.Cast op => Cast.Run(run, op),
        Ops.Copy => Moves.Copy(run),
        Ops.Concat op => Moves.Concat(run, op),
        Ops.Gather op => Moves.Gather(run, op),
        _ => false,
    };

    private static bool RunUnary(KernelRun run, Ops.Unary unary) => unary switch
    {
        Ops.Abs => Singles.Unary<F, AbsMap>(run, default),
        Ops.Neg => Singles.Unary<F, NegMap>(run, default),
        Ops.Relu => Singles.Unary<F, ReluMap>(run, default),
        Ops.LeakyRelu op => Singles.Unary<F, LeakyReluMap>(run, new(op.Alpha)),
        Ops.ThresholdedRelu op => Singles.Unary<F, ThresholdedReluMap>(run, new(op.Alpha)),
        Ops.HardSigmoid op => Singles.Unary<F, HardSigmoidMap>(run, new(op.Alpha, op.Beta)),
        Ops.HardSwish => Singles.Unary<F, HardSwishMap>(run, default),
        Ops.Softsign => Singles.Unary<F, SoftsignMap>(run, default),
        Ops.Sign => Singles.Unary<F, SignMap>(run, default),
        Ops.Ceil => Singles.Unary<F, CeilMap>(run, default),
        Ops.Floor => Singles.Unary<F, FloorMap>(run, default),
        Ops.Round => Singles.Unary<F, RoundMap>(run, default),
        Ops.Sqrt => Singles.Unary<F, SqrtMap>(run, default),
        Ops.Reciprocal => Singles.Unary<F, ReciprocalMap>(run, default),
        Ops.Exp => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Exp)),
        Ops.Log => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Log)),
        Ops.Tanh => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Tanh)),
        Ops.Erf => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Erf)),
        Ops.Sin => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Sin)),
        Ops.Cos => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Cos)),
        Ops.Atan => Singles.UnaryBlocks<F, FunctionMap>(run, new(Function.Atan)),
        Ops.Sigmoid => Singles.UnaryBlocks<F, SigmoidMap>(run, default),
        Ops.Gelu => Singles.UnaryBlocks<F, GeluMap>(run, default),
        Ops.GeluTanh => Singles.UnaryBlocks<F, GeluTanhMap>(run, default),
        Ops.Softplus => Singles.UnaryBlocks<F, SoftplusMap>(run, default),
        Ops.Elu op => Singles.UnaryBlocks<F, EluMap>(run, new(op.Alpha, 1f)),
        Ops.Selu op => Singles.UnaryBlocks<F, EluMap>(run, new(op.Alpha, op.Gamma)),
        _ => false,
    };

    private static bool RunArithmetic(KernelRun run, Ops.Arithmetic arithmetic) => arithmetic switch
    {
        Ops.Add => Singles.Binary<F, AddMap>(run, default) || IntegerLoops.Binary<IntegerAdd>(run, default),
        Ops.Sub => Singles.Binary<F, SubMap>(run, default) || IntegerLoops.Binary<IntegerSub>(run, default),
        Ops.Mul => Singles.Binary<F, MulMap>(run, default) || IntegerLoops.Binary<IntegerMul>(run, default),
        Ops.Div => Singles.Binary<F, DivMap>(run, default),
        Ops.Max => Singles.Binary<F, MaxMap>(run, default) || IntegerLoops.Binary<IntegerMax>(run, default),
        Ops.Min => Singles.Binary<F, MinMap>(run, default) || IntegerLoops.Binary<IntegerMin>(run, default),
        _ => false,
    };

    private static bool RunComparison(KernelRun run, Ops.Comparison comparison) => comparison switch
    {
        Ops.Equal => Singles.Binary<F, EqualMap>(run, default),
        Ops.Less => Singles.Binary<F, LessMap>(run, default),
        Ops.LessOrEqual => Singles.Binary<F, LessOrEqualMap>(run, default),
        Ops.Greater => Singles.Binary<F, GreaterMap>(run, default),
        Ops.GreaterOrEqual => Singles.Binary<F, GreaterOrEqualMap>(run, default),
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
