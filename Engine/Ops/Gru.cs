using System;
using System.Collections.Immutable;


namespace VerifiableCompute.Engine.Ops;

//
//  Gru: a state h that gates renew
//
//  Shapes   as Recurrent; gates z, r, g; parts of the state r, h
//  Reads    r: rows r, the row of X, h before; h: rows z and g, the row of X, h before, and r of its step (one row of it, or with
//           linear_before_reset one element)
//  Order    z = f1(t); r = f1(t); g = f2(W·x from Wb + Rb, then R·(r·h before)), or with linear_before_reset
//           f2((W·x from Wb) + r·(R·h before from Rb)), each start + 0; h = (1 - z)·g + z·h before
//  Rounding as Recurrent; each product and sum rounded, r·h before it enters a dot product too
//  NaN      as Recurrent
//  Source   docs/numerics.md, section Recurrence; ONNX GRU-22
//

/// <summary>A state h that gates renew. Outputs: Y, Y_h, then the state [T, 2, B, H]: the reset gate r and h.</summary>
/// <param name="activations">Functions of the gates z and r, and of the candidate.</param>
/// <param name="clip">Bound of what functions are put on; infinity for none.</param>
/// <param name="linearBeforeReset">r is a factor of R·h, not of h.</param>
public sealed class Gru(ImmutableArray<GateActivation> activations, float clip, bool linearBeforeReset)
    : Recurrent("Gru", 3, 2, 1, activations, 2, clip, OpAttribute.Of("linear_before_reset", linearBeforeReset))
{
    private const int UpdateGate = 0;
    private const int ResetGate = 1;
    private const int Candidate = 2;

    /// <summary>r is a factor of R·h, not of h.</summary>
    public bool LinearBeforeReset { get; } = linearBeforeReset;

    /// <inheritdoc/>
    private protected override void ReadState(Reads reads, ImmutableArray<long> box, int state)
    {
        ReadGates(reads, box[1] > 1 ? 3 : 2, box[3]);
        reads.Add(state, new Footprint(2, [box[0], 1, box[2], reads.Shape(2)[1]]));
    }

    /// <inheritdoc/>
    private protected override T Element<T>(RecurrentStep<T> step, ReadOnlySpan<Gate<T>> gates, RecurrentPlace at)
    {
        if (at.Part == 0)
        {
            Span<T> total = [step.Start(ResetGate, at.Unit)];
            step.AddInput(total, [ResetGate], at);
            step.AddState(total, [ResetGate], at);
            return gates[0].Of(total[0]);
        }

        T own = LinearBeforeReset ? step.Entry(BiasW, Candidate, at.Unit) + T.Zero : step.Start(Candidate, at.Unit);
        Span<T> totals = [step.Start(UpdateGate, at.Unit), own];
        step.AddInput(totals, [UpdateGate, Candidate], at);
        T input = totals[1];
        totals[1] = LinearBeforeReset ? step.Entry(BiasR, Candidate, at.Unit) + T.Zero : input;
        T before = step.AddState(totals, [UpdateGate, Candidate], at, scaled: LinearBeforeReset ? -1 : 1);
        T update = gates[0].Of(totals[0]);
        T candidate = gates[1].Of(LinearBeforeReset ? input + (step.State(at with { Part = 0 }) * totals[1]) : totals[1]);
        return ((T.One - update) * candidate) + (update * before);
    }
}
