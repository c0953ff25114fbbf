using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>The kernel of recurrent ops against the definition: ragged and whole panels, batches, more steps than are held at once, views.</summary>
[Category("simd")]
internal sealed class RecurrentTests
{
    [Test]
    public void Kernel_gives_the_bits_of_the_definition(
        [Values(1, 7, 33, 64, 259)] int units, [Values(1, 2, 7)] int batch, [Values(DType.F32, DType.F16, DType.BF16)] DType type)
    {
        Adversarial random = new((ulong)((units * 100) + batch));
        GateActivation sigmoid = new(GateFunction.Sigmoid);
        GateActivation tanh = new(GateFunction.Tanh);
        float none = float.PositiveInfinity;
        foreach ((Op op, int gates, int states, bool peephole) in new (Op, int, int, bool)[]
        {
            (new Lstm([sigmoid, tanh, tanh], none, inputForget: false), 4, 2, false),
            (new Lstm([sigmoid, tanh, tanh], 0.75f, inputForget: true), 4, 2, true),
            (new Gru([sigmoid, tanh], none, linearBeforeReset: false), 3, 1, false),
            (new Gru([sigmoid, tanh], none, linearBeforeReset: true), 3, 1, false),
            (new Rnn([tanh], none), 1, 1, false),
        })
        {
            int width = random.Of(1, 5, 257);
            ImmutableArray<Tensor> tensors = Catalog.RecurrentOperands(
                random, type, gates, states, (3, batch, width, units), peephole, random.Of(Adversarial.Mood.Tame, Adversarial.Mood.Finite));
            bool parameters = random.Below(2) == 0;
            ImmutableArray<Operand> operands = [.. tensors.Select((tensor, slot) => slot == Recurrent.Lengths
                ? Layouts.Whole(tensor)
                : random.Operand(type, tensor.Type.Shape, Adversarial.Mood.Tame, parameters))];
            Differential.Check(op, operands);
            Differential.Check(op, [.. tensors.Select(tensor => Layouts.Whole(tensor, parameters))]);
        }
    }

    [Test]
    public void Steps_that_are_not_held_at_once_go_on()
    {
        Adversarial random = new(8);
        Lstm op = new([new(GateFunction.Sigmoid), new(GateFunction.Tanh), new(GateFunction.Tanh)], float.PositiveInfinity, inputForget: false);

        // 2^20 floats of totals are 65,536 steps of 16.
        ImmutableArray<Tensor> operands = Catalog.RecurrentOperands(random, DType.F32, 4, 2, (65_540, 1, 1, 4));
        Differential.Check(op, [.. operands.Select(operand => Layouts.Whole(operand))]);
    }
}
