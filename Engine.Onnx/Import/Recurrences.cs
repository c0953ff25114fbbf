using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators that go through a sequence step by step: one recurrent op a direction.</summary>
internal static class Recurrences
{
    private const int FirstLayout = 14;
    private const string Reverse = "reverse";
    private const string Bidirectional = "bidirectional";

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Recurrent(
            "LSTM",
            (8, 3),
            new Kind(4, 2, [GateFunction.Sigmoid, GateFunction.Tanh, GateFunction.Tanh], (node, gates, clip)
                => new Lstm(gates, clip, node.Attributes.Flag("input_forget"))),
            Int("input_forget")),
        Recurrent(
            "GRU",
            (6, 2),
            new Kind(3, 1, [GateFunction.Sigmoid, GateFunction.Tanh], (node, gates, clip)
                => new Gru(gates, clip, node.Attributes.Flag("linear_before_reset"))),
            Int("linear_before_reset")),
        Recurrent("RNN", (6, 2), new Kind(1, 1, [GateFunction.Tanh], (_, gates, clip) => new Rnn(gates, clip))),
    ];

    private static OnnxOp Recurrent(string name, (int Inputs, int Outputs) most, Kind kind, params ReadOnlySpan<AttributeRule> more) => new(
        name,
        (3, most.Inputs),
        most.Outputs,
        node => Lower(node, kind),
        [
            new AttributeRule("activations", AttributeKind.Texts),
            new AttributeRule("activation_alpha", AttributeKind.Floats),
            new AttributeRule("activation_beta", AttributeKind.Floats),
            Float("clip"),
            OneOf("direction", "forward", Reverse, Bidirectional),
            Int("hidden_size"),
            Int("layout", since: FirstLayout),
            Int("output_sequence", until: 6),
            .. more,
        ]);

    private static ImmutableArray<ValueRef> Lower(NodeImport node, Kind kind)
    {
        string direction = node.Attributes.Text("direction", "forward");
        int directions = direction == Bidirectional ? 2 : 1;
        bool batchFirst = node.Attributes.Flag("layout");
        ValueRef x = node.Input(0);
        if (node.Shape(x).Rank != 3 || node.Shape(node.Input(1)).Rank != 3 || node.Shape(node.Input(2)).Rank != 3)
        {
            throw node.Invalid("X, W and R have three axes each");
        }

        x = batchFirst ? node.Transpose(x, 1, 0, 2) : x;
        long units = node.Shape(node.Input(2))[2];
        if (node.Attributes.Int("hidden_size", units) != units)
        {
            throw node.Invalid($"attribute 'hidden_size' is {node.Attributes.Int("hidden_size")}, R has {units} units");
        }

        if (node.Shape(x)[0] > int.MaxValue)
        {
            throw node.Unsupported($"{node.Type(x)} has more steps than a length can say");
        }

        float clip = node.Attributes.Float("clip", float.PositiveInfinity);
        if (!(clip > 0))
        {
            throw node.Invalid($"attribute 'clip' is {clip}");
        }

        ImmutableArray<GateActivation> gates = Activations(node, kind, directions);
        int functions = kind.Defaults.Length;
        Extents extents = new(node.Shape(x)[0], node.Shape(x)[1], units, directions);
        ImmutableArray<ValueRef>[] results = [.. Enumerable.Range(0, directions).Select(d =>
        {
            Op op = kind.Make(node, gates.Slice(d * functions, functions), clip);
            return Direction(node, kind, op, x, extents, d, batchFirst, isReverse: d == 1 || direction == Reverse);
        })];
        ValueRef y = node.Join(1, [.. results.Select(result => node.Reshape(result[0], extents.Steps, 1, extents.Batch, units))]);
        List<ValueRef> all = [batchFirst ? node.Transpose(y, 2, 0, 1, 3) : y];
        for (int state = 1; state <= kind.States; state++)
        {
            ValueRef last = node.Join(0, [.. results.Select(result => node.Reshape(result[state], 1, extents.Batch, units))]);
            all.Add(batchFirst ? node.Transpose(last, 1, 0, 2) : last);
        }

        return [.. all];
    }

    private static ImmutableArray<ValueRef> Direction(
        NodeImport node, Kind kind, Op op, ValueRef x, Extents extents, int direction, bool batchFirst, bool isReverse)
    {
        (long steps, long batch, long units, long directions) = extents;
        DType type = node.DType(x);
        ValueRef Part(int index, params ReadOnlySpan<long> shape)
        {
            ValueRef value = node.Input(index);
            Shape wanted = new([directions, .. shape]);
            return node.Shape(value).Equals(wanted)
                ? node.Reshape(node.Slice(value, 0, direction, 1, 1), shape)
                : throw node.Invalid($"input {index} is {node.Type(value)}, not {wanted}");
        }

        ValueRef Zeros(params ReadOnlySpan<long> shape) => node.Expand(node.Scalar(type, 0), new Shape(shape));
        ValueRef State(int index)
        {
            if (!node.Has(index))
            {
                return Zeros(batch, units);
            }

            ValueRef value = batchFirst ? node.Transpose(node.Input(index), 1, 0, 2) : node.Input(index);
            return node.Shape(value).Equals(new Shape(directions, batch, units))
                ? node.Reshape(node.Slice(value, 0, direction, 1, 1), batch, units)
                : throw node.Invalid($"input {index} is {node.Type(node.Input(index))}");
        }

        long rows = kind.Gates * units;
        ValueRef? bias = node.Has(3) ? Part(3, 2 * rows) : null;
        ValueRef Bias(int part) => bias is ValueRef both ? node.Slice(both, 0, part * rows, 1, rows) : Zeros(rows);
        ValueRef lengths = node.Optional(4) ?? node.Expand(node.Literal(Tensor.Of<int>(DType.I32, Shape.Scalar, (int)steps)), new Shape(batch));
        ValueRef? order = isReverse && node.Has(4) ? Backwards(node, lengths, steps, batch) : null;
        ValueRef Turned(ValueRef value) => !isReverse || steps == 0 ? value
            : order is ValueRef places
                ? node.Add(new Gather(0), node.Reshape(value, steps * batch, node.Shape(value)[2]), places)
                : node.Slice(value, 0, steps - 1, -1, steps);
        List<ValueRef> operands =
        [
            Turned(x), Part(1, rows, node.Shape(x)[2]), Part(2, rows, units), Bias(0), Bias(1), lengths,
            .. Enumerable.Range(5, kind.States).Select(State),
        ];
        if (node.Has(7))
        {
            operands.Add(Part(7, 3 * units));
        }

        ImmutableArray<ValueRef> results = node.AddMany(op, [.. operands]);
        return results.SetItem(0, Turned(results[0]));
    }

    // Where step t of each sequence stands if it runs backwards: within its length, and what is beyond stays.
    private static ValueRef Backwards(NodeImport node, ValueRef lengths, long steps, long batch)
    {
        ValueRef times = node.Reshape(node.Counting(steps), steps, 1);
        ValueRef sequences = node.Counting(batch);
        ValueRef held = node.Broadcast(Min.Instance, node.Cast(lengths, DType.I64), node.Number(steps));
        ValueRef mirrored = node.Broadcast(Sub.Instance, node.Broadcast(Sub.Instance, held, node.Number(1)), times);
        ValueRef time = node.Broadcast(Where.Instance, node.Broadcast(Less.Instance, times, held), mirrored, times);
        return node.Broadcast(Add.Instance, node.Broadcast(Mul.Instance, time, node.Number(batch)), sequences);
    }

    // Names go by letters whatever their case. Factors are one for each function; or, where there are fewer, one for each that uses one.
    private static ImmutableArray<GateActivation> Activations(NodeImport node, Kind kind, int directions)
    {
        ImmutableArray<GateFunction> functions = node.Attributes.Texts("activations") is { IsEmpty: false } names
            ? [.. names.Select(name => Function(node, name))]
            : [.. Enumerable.Repeat(kind.Defaults, directions).SelectMany(defaults => defaults)];
        if (functions.Length != directions * kind.Defaults.Length)
        {
            throw node.Invalid($"{functions.Length} activations, not {directions * kind.Defaults.Length}");
        }

        float[] alphas = Factors(node, "activation_alpha", [.. functions.Select(function => GateActivation.Defaults(function).Alpha)]);
        float[] betas = Factors(node, "activation_beta", [.. functions.Select(function => GateActivation.Defaults(function).Beta)]);
        return [.. functions.Select((function, i) => new GateActivation(function, alphas[i], betas[i]))];
    }

    private static float[] Factors(NodeImport node, string attribute, float?[] defaults)
    {
        ImmutableArray<float> given = node.Attributes.Floats(attribute) ?? [];
        bool isPositional = given.Length == defaults.Length;
        int used = 0;
        float[] factors = new float[defaults.Length];
        for (int i = 0; i < factors.Length; i++)
        {
            if (defaults[i] is float otherwise)
            {
                int at = isPositional ? i : used++;
                factors[i] = at < given.Length ? given[at] : otherwise;
            }
        }

        return isPositional || given.Length <= used
            ? factors
            : throw node.Invalid($"attribute '{attribute}' has {given.Length} values; {used} of {factors.Length} activations use one");
    }

    private static GateFunction Function(NodeImport node, string name)
        => Enum.GetValues<GateFunction>().Cast<GateFunction?>()
            .FirstOrDefault(function => string.Equals($"{function}", name, StringComparison.OrdinalIgnoreCase))
            ?? throw node.Unsupported($"activation '{name}' is not supported");

    // Gates of W, states that are carried, the functions where none are given.
    private sealed record Kind(
        int Gates, int States, ImmutableArray<GateFunction> Defaults, Func<NodeImport, ImmutableArray<GateActivation>, float, Op> Make);

    private readonly record struct Extents(long Steps, long Batch, long Units, long Directions);
}
