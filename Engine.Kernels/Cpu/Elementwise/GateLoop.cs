using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Kernels.Cpu.Elementwise;

/// <summary>A gate's function over a block, its argument held within ±clip first: those of models in vectors, others one by one.</summary>
internal readonly unsafe struct GateLoop<F>(GateActivation activation, float clip)
    where F : unmanaged, IFloats<F>
{
    private readonly Gate<float> _gate = new(activation, clip);

    /// <summary>y may be x; room holds two blocks.</summary>
    internal void Apply(float* x, float* y, int count, float* room)
    {
        if (float.IsFinite(clip) && activation.Function is (GateFunction.Tanh or GateFunction.Sigmoid or GateFunction.Relu))
        {
            Singles.Loop<F, ClipMap>(new(-clip, clip), x, room, count);
            x = room;
        }

        room += Blocks.Elements;
        switch (activation.Function)
        {
            case GateFunction.Tanh:
                FunctionBlocks.Apply<F>(Function.Tanh, x, y, count);
                break;
            case GateFunction.Sigmoid:
                default(SigmoidMap).Apply<F>(x, y, count, room);
                break;
            case GateFunction.Relu:
                Singles.Loop<F, ReluMap>(default, x, y, count);
                break;
            default:
                for (int i = 0; i < count; i++)
                {
                    y[i] = Real.Canonical(_gate.Of(x[i]));
                }

                break;
        }
    }
}
