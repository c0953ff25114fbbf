using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Ops;

//
//  Rnn: the state is a function of one total
//
//  Shapes   as Recurrent; one gate; the state is h
//  Reads    the row of W and R, the row of X, h before
//  Order    h = f(t)
//  Rounding as Recurrent
//  NaN      as Recurrent
//  Source   docs/numerics.md, section Recurrence; ONNX RNN-22
//

/// <summary>The state is a function of one total. Outputs: Y, Y_h, then the state [T, 1, B, H].</summary>
/// <param name="activations">The function.</param>
/// <param name="clip">Bound of what it is put on; infinity for none.</param>
public sealed class Rnn(ImmutableArray<GateActivation> activations, float clip) : Recurrent("Rnn", 1, 1, 1, activations, 1, clip)
{
    /// <inheritdoc/>
    private protected override void ReadState(Reads reads, ImmutableArray<long> box, int state)
    {
        ReadGates(reads, 1, box[3]);
        reads.Add(state, box[0], 1, box[2], reads.Shape(2)[1]);
    }

    /// <inheritdoc/>
    private protected override T Element<T>(RecurrentStep<T> step, ReadOnlySpan<Gate<T>> gates, RecurrentPlace at)
    {
        Span<T> total = [step.Start(0, at.Unit)];
        step.AddInput(total, [0], at);
        step.AddState(total, [0], at);
        return gates[0].Of(total[0]);
    }
}
