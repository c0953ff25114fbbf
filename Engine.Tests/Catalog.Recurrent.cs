using System.Collections.Immutable;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Recurrent ops.</summary>
internal static partial class Catalog
{
    private static readonly GateActivation SigmoidGate = new(GateFunction.Sigmoid);
    private static readonly GateActivation TanhGate = new(GateFunction.Tanh);

    private static Lstm Lstm(float clip, bool inputForget) => new([SigmoidGate, TanhGate, TanhGate], clip, inputForget);

    private static Gru Gru(float clip, bool linearBeforeReset) => new([SigmoidGate, TanhGate], clip, linearBeforeReset);

    /// <summary>Operands of a recurrent op: lengths below, at and beyond the number of steps, one of them negative.</summary>
    /// <param name="values">Where they come from.</param>
    /// <param name="type">Element type.</param>
    /// <param name="gates">Gates.</param>
    /// <param name="states">Initial states.</param>
    /// <param name="shape">Steps, batch, width of X, units.</param>
    /// <param name="peephole">Weights of c.</param>
    /// <param name="mood">Which values.</param>
    public static ImmutableArray<Tensor> RecurrentOperands(
        Adversarial values,
        DType type,
        int gates,
        int states,
        (long Steps, long Batch, long Width, long Units) shape,
        bool peephole = false,
        Adversarial.Mood mood = Adversarial.Mood.Tame)
    {
        (long steps, long batch, long width, long units) = shape;
        int[] lengths = [(int)steps, (int)steps - 1, int.MaxValue, -3, 1];
        Tensor Make(params long[] extents) => values.Tensor(type, new Shape(extents), mood);
        return
        [
            Make(steps, batch, width),
            Make(gates * units, width),
            Make(gates * units, units),
            Make(gates * units),
            Make(gates * units),
            Tensor.Of<int>(DType.I32, new Shape(batch), [.. Enumerable.Range(0, (int)batch).Select(i => lengths[i % lengths.Length])]),
            .. Enumerable.Range(0, states).Select(_ => Make(batch, units)),
            .. peephole ? [Make(3 * units)] : ImmutableArray<Tensor>.Empty,
        ];
    }

    private static IEnumerable<OpCase> Recurrent(Adversarial values)
    {
        (long, long, long, long) small = (3, 2, 5, 4);
        GateActivation[] others =
        [
            new(GateFunction.Relu), new(GateFunction.Affine, 0.7f, 0.1f), new(GateFunction.LeakyRelu, 0.01f), new(GateFunction.ThresholdedRelu, 0.3f),
            new(GateFunction.ScaledTanh, 1.7f, 0.6f), new(GateFunction.HardSigmoid, 0.2f, 0.5f), new(GateFunction.Elu, 1.2f),
            new(GateFunction.Softsign), new(GateFunction.Softplus),
        ];
        foreach (DType type in Reals)
        {
            yield return Make("lstm", Lstm(float.PositiveInfinity, false), RecurrentOperands(values, type, 4, 2, small));
            yield return Make("lstm", Lstm(0.5f, true), RecurrentOperands(values, type, 4, 2, small, peephole: true));
            yield return Make("gru", Gru(float.PositiveInfinity, false), RecurrentOperands(values, type, 3, 1, small));
            yield return Make("gru", Gru(2f, true), RecurrentOperands(values, type, 3, 1, (3, 5, 3, 2)));
            yield return Make("rnn", new Rnn([TanhGate], 3f), RecurrentOperands(values, type, 1, 1, small));
            foreach (GateActivation other in others)
            {
                yield return Make("rnn", new Rnn([other], float.PositiveInfinity), RecurrentOperands(values, type, 1, 1, (2, 1, 3, 2)));
            }
        }

        // Beyond a block, a step, and nothing at all; and whatever values there are.
        yield return Make("lstm", Lstm(1e9f, false), RecurrentOperands(values, DType.F32, 4, 2, (2, 1, 300, 2)));
        yield return Make("gru", Gru(1e9f, false), RecurrentOperands(values, DType.F32, 3, 1, (2, 1, 2, 258)));
        yield return Make("gru", Gru(1e9f, true), RecurrentOperands(values, DType.F32, 3, 1, (2, 1, 257, 258)));
        yield return Make("lstm", Lstm(1e9f, false), RecurrentOperands(values, DType.F32, 4, 2, (1, 1, 1, 1), peephole: true));
        yield return Make("lstm", Lstm(1e9f, false), RecurrentOperands(values, DType.F32, 4, 2, (0, 2, 3, 2)));
        yield return Make("gru", Gru(1e9f, false), RecurrentOperands(values, DType.F16, 3, 1, (2, 3, 0, 2)));
        yield return Make("rnn", new Rnn([TanhGate], 1e9f), RecurrentOperands(values, DType.F32, 1, 1, (2, 0, 3, 2)));
        yield return Make("rnn", new Rnn([TanhGate], 1e9f), RecurrentOperands(values, DType.F32, 1, 1, (2, 2, 3, 0)));
        foreach (DType type in (DType[])[DType.F32, DType.F16, DType.F64])
        {
            Adversarial.Mood wild = Adversarial.Mood.Wild;
            yield return Make("lstm", Lstm(5f, false), RecurrentOperands(values, type, 4, 2, small, peephole: true, mood: wild));
            yield return Make("gru", Gru(5f, true), RecurrentOperands(values, type, 3, 1, small, mood: wild));
            yield return Make("gru", Gru(float.PositiveInfinity, false), RecurrentOperands(values, type, 3, 1, small, mood: wild));
        }
    }
}
