using System;
using System.Collections.Immutable;
using System.Numerics;


namespace VerifiableCompute.Engine.Ops;

//
//  Lstm: a memory c that gates write, forget and show
//
//  Shapes   as Recurrent; gates i, o, f, g; parts of the state c, h; P holds weights of c for i, o and f
//  Reads    c: rows i, f and g, the row of X, h before, c before, P; h: rows o, the row of X, h before, c of its step, P
//  Order    i = f1(t + p·c before), likewise f (or 1 - i with input_forget); g = f2(t); c = f·c before + i·g;
//           o = f1(t + p·c); h = o·f3(c)
//  Rounding as Recurrent; each product and sum rounded
//  NaN      as Recurrent
//  Source   docs/numerics.md, section Recurrence; ONNX LSTM-22
//

/// <summary>A memory c that gates write, forget and show. Outputs: Y, Y_h, Y_c, then the state [T, 2, B, H]: c and h.</summary>
/// <param name="activations">Functions of the gates i, o and f, of the candidate, and of c.</param>
/// <param name="clip">Bound of what functions are put on; infinity for none.</param>
/// <param name="inputForget">The forget gate is one less the input gate.</param>
public sealed class Lstm(ImmutableArray<GateActivation> activations, float clip, bool inputForget)
    : Recurrent("Lstm", 4, 2, 2, activations, 3, clip, OpAttribute.Of("input_forget", inputForget))
{
    private const int InputGate = 0;
    private const int OutputGate = 1;
    private const int ForgetGate = 2;
    private const int Candidate = 3;

    /// <summary>The forget gate is one less the input gate.</summary>
    public bool InputForget { get; } = inputForget;

    /// <inheritdoc/>
    private protected override bool HasPeephole => true;

    /// <inheritdoc/>
    private protected override void ReadState(Reads reads, ImmutableArray<long> box, int state)
    {
        // c takes three gates (two if the forget gate is made of the input gate), h another; each takes a row of h before, and c before or c.
        long more = box[1] > 1 ? 1 : 0;
        long gates = InputForget ? 2 : 3;
        ReadGates(reads, gates + more, box[3]);
        reads.Add(state, new Footprint(2, [box[0] + more, 1, box[2], reads.Shape(2)[1]]));
        if (reads.Inputs > Peephole)
        {
            reads.Add(Peephole, new Footprint(gates - 1 + more, [box[3]]));
        }
    }

    /// <inheritdoc/>
    private protected override T Element<T>(RecurrentStep<T> step, ReadOnlySpan<Gate<T>> gates, RecurrentPlace at)
    {
        if (at.Part == 1)
        {
            Span<T> total = [step.Start(OutputGate, at.Unit)];
            step.AddInput(total, [OutputGate], at);
            step.AddState(total, [OutputGate], at);
            T memory = step.State(at with { Part = 0 });
            return gates[0].Of(Peeped(step, total[0], OutputGate, at, memory)) * gates[2].Of(memory);
        }

        ReadOnlySpan<int> rows = InputForget ? [InputGate, Candidate] : [InputGate, Candidate, ForgetGate];
        Span<T> totals = stackalloc T[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            totals[i] = step.Start(rows[i], at.Unit);
        }

        step.AddInput(totals, rows, at);
        step.AddState(totals, rows, at);
        T before = step.Before(at, 1);
        T input = gates[0].Of(Peeped(step, totals[0], InputGate, at, before));
        T forget = InputForget ? T.One - input : gates[0].Of(Peeped(step, totals[2], ForgetGate, at, before));
        T candidate = gates[1].Of(totals[1]);
        return (forget * before) + (input * candidate);
    }

    private T Peeped<T>(RecurrentStep<T> step, T total, int gate, RecurrentPlace at, T memory)
        where T : unmanaged, IFloatingPointIeee754<T>
        => step.HasMore(Peephole) ? total + (step.Entry(Peephole, gate, at.Unit) * memory) : total;
}
