using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators with bodies. A branch is chosen and a loop unrolled while the graph is made.</summary>
internal static class Bodies
{
    private const int ScanWithBatch = 8;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        OnnxOp.Resolved("If", (1, 1), int.MaxValue, If, Graph("then_branch"), Graph("else_branch")),
        OnnxOp.Resolved("Loop", (0, int.MaxValue), int.MaxValue, Loop, Graph("body")),
        OnnxOp.Resolved(
            "Scan",
            (0, int.MaxValue),
            int.MaxValue,
            Scan,
            Graph("body"),
            Int("num_scan_inputs") with { IsRequired = true },
            Ints("directions", until: ScanWithBatch),
            Ints("scan_input_axes", since: ScanWithBatch + 1),
            Ints("scan_input_directions", since: ScanWithBatch + 1),
            Ints("scan_output_axes", since: ScanWithBatch + 1),
            Ints("scan_output_directions", since: ScanWithBatch + 1)) with { Since = ScanWithBatch },
    ];

    /// <summary>Values of one type joined along a new axis.</summary>
    internal static ValueRef Stack(NodeImport node, IReadOnlyList<ValueRef> slices, int axis, string what)
    {
        TensorType first = node.Type(slices[0]);
        if (slices.FirstOrDefault(slice => node.Type(slice) != first) is { Kind: not 0 } other)
        {
            throw node.Invalid($"{what} is {first} at first, then {node.Type(other)}");
        }

        ReadOnlySpan<long> extents = first.Shape.Extents;
        Shape shape = new([.. extents[..axis], 1, .. extents[axis..]]);
        return node.Join(axis, [.. slices.Select(slice => node.Reshape(slice, shape))]);
    }

    private static ImmutableArray<Item>? If(FlowImport flow)
    {
        BodyImport branch = flow.Body(flow.IsTrue(flow.Input(0), "the condition") ? "then_branch" : "else_branch");
        return branch.Outputs >= flow.Node.Outputs
            ? branch.Run(null)
            : throw flow.Node.Invalid($"a branch has {branch.Outputs} outputs, not {flow.Node.Outputs}");
    }

    // Inputs: most iterations, condition, state; of the body: iteration, condition, state. Outputs: state, then what each iteration adds;
    // of the body: condition, state, what it adds. Where the condition is left out, that of the body is ignored.
    private static ImmutableArray<Item>? Loop(FlowImport flow)
    {
        NodeImport node = flow.Node;
        BodyImport body = flow.Body("body");
        Item[] state = [.. Enumerable.Range(2, Math.Max(0, flow.Count - 2)).Select(flow.Optional)];
        bool isSteered = flow.Optional(1) is not Item.Nothing;
        long? most = flow.Optional(0) is Item.Nothing ? null : node.Integer(0);
        List<ValueRef>[] added = Added(node, body.Outputs - 1 - state.Length, node.Outputs - state.Length);
        if (most is null && !isSteered)
        {
            throw node.Invalid("neither a number of iterations nor a condition: it does not end");
        }

        body.Expect(isSteered ? 0 : most ?? 0);
        Item yes = new Item.Tensor(node.Literal(Scalars.Of(DType.Bool, 1L)));
        bool goes = !isSteered || flow.IsTrue(flow.Input(1), "the condition");
        for (long iteration = 0; goes && !(iteration >= most); iteration++)
        {
            if (body.Run(iteration, [flow.Index(body.Uses(0) ? iteration : 0), yes, .. state]) is not ImmutableArray<Item> results)
            {
                return null;
            }

            results.CopyTo(1, state, 0, state.Length);
            for (int i = 0; i < added.Length; i++)
            {
                added[i].Add(flow.Tensor(results[1 + state.Length + i], $"output {1 + state.Length + i} of the body"));
            }

            goes = !isSteered || iteration + 1 >= most || flow.IsTrue(results[0], "the condition");
        }

        TensorType Type(int output) => body.TypeOf(1 + state.Length + output, [flow.Index(0), yes, .. state]);
        return [.. state, .. added.Select((slices, i) => Stacked(node, slices, 0, () => Type(i), $"output {1 + state.Length + i} of the body"))];
    }

    private static ImmutableArray<Item>? Scan(FlowImport flow)
    {
        return flow.Node.Version <= ScanWithBatch ? ScanBatch(flow) : ScanOne(flow);
    }

    private static ImmutableArray<Item>? ScanOne(FlowImport flow)
    {
        NodeImport node = flow.Node;
        (ImmutableArray<ValueRef> state, ImmutableArray<ValueRef> scanned) = Operands(flow, 0);
        ImmutableArray<int> axes = [.. Each(node, "scan_input_axes", scanned.Length).Select((axis, i) => node.Axis(axis, node.Shape(scanned[i]).Rank))];
        ImmutableArray<long> directions = Each(node, "scan_input_directions", scanned.Length);
        BodyImport body = flow.Body("body");
        int outputs = body.Outputs - state.Length;
        ImmutableArray<long> outputAxes = Each(node, "scan_output_axes", outputs);
        ImmutableArray<long> outputDirections = Each(node, "scan_output_directions", outputs);
        long length = node.Shape(scanned[0])[axes[0]];
        if (scanned.Where((value, i) => node.Shape(value)[axes[i]] != length).Any())
        {
            throw node.Invalid($"what is scanned is not of one length: {string.Join(", ", scanned.Select(value => node.Type(value)))}");
        }

        if (Sequence(flow, body, state, scanned, axes, directions, length, null) is not (Item[] final, List<ValueRef>[] added))
        {
            return null;
        }

        Item Output(int output)
        {
            List<ValueRef> slices = added[output];
            if (outputDirections[output] != 0)
            {
                slices.Reverse();
            }

            string what = $"output {state.Length + output} of the body";
            TensorType Type() => body.TypeOf(state.Length + output, [.. final, .. Slices(node, scanned, axes, directions, length, null)]);
            TensorType one = slices.Count > 0 ? node.Type(slices[0]) : Type();
            return Stacked(node, slices, node.Axis(outputAxes[output], one.Shape.Rank + 1), () => one, what);
        }

        return [.. final, .. Enumerable.Range(0, outputs).Select(Output)];
    }

    // The first axis of everything is the batch, the second of what is scanned the sequence; shorter sequences are filled up with zeros.
    private static ImmutableArray<Item>? ScanBatch(FlowImport flow)
    {
        NodeImport node = flow.Node;
        (ImmutableArray<ValueRef> state, ImmutableArray<ValueRef> scanned) = Operands(flow, 1);
        ImmutableArray<long> directions = Each(node, "directions", scanned.Length);
        BodyImport body = flow.Body("body");
        if (scanned.Any(value => node.Shape(value).Rank < 2) || state.Any(value => node.Shape(value).Rank < 1))
        {
            throw node.Invalid("an operand without a batch axis, or without a sequence axis");
        }

        (long batch, long longest) = (node.Shape(scanned[0])[0], node.Shape(scanned[0])[1]);
        ImmutableArray<long> lengths = flow.Has(0) ? node.Integers(0) : [.. Enumerable.Repeat(longest, (int)Math.Min(batch, OnnxLimits.Nodes))];
        if (scanned.Any(value => node.Shape(value)[0] != batch || node.Shape(value)[1] != longest)
            || state.Any(value => node.Shape(value)[0] != batch) || lengths.Length != batch || lengths.Any(length => length < 0 || length > longest))
        {
            throw node.Invalid("batches or sequences are not of one length");
        }

        if (batch == 0)
        {
            throw node.Unsupported("a batch of nothing is not supported");
        }

        int outputs = body.Outputs - state.Length;
        List<ValueRef>[] finals = [.. state.Select(_ => new List<ValueRef>())];
        List<ValueRef>[] wholes = [.. Enumerable.Range(0, Math.Max(0, outputs)).Select(_ => new List<ValueRef>())];
        ImmutableArray<int> axes = [.. scanned.Select(_ => 0)];
        for (long b = 0; b < batch; b++)
        {
            ValueRef Entry(ValueRef value) => Slice(node, value, 0, b);
            ImmutableArray<ValueRef> own = [.. scanned.Select(Entry)];
            if (Sequence(flow, body, [.. state.Select(Entry)], own, axes, directions, lengths[(int)b], b) is not (Item[] final, List<ValueRef>[] added))
            {
                return null;
            }

            for (int i = 0; i < finals.Length; i++)
            {
                finals[i].Add(flow.Tensor(final[i], $"output {i} of the body"));
            }

            for (int i = 0; i < wholes.Length; i++)
            {
                int output = i;
                TensorType one = added[i].Count > 0
                    ? node.Type(added[i][0])
                    : body.TypeOf(state.Length + output, [.. final, .. Slices(node, own, axes, directions, Math.Max(1, longest), null)]);
                string what = $"output {state.Length + output} of the body";
                ValueRef zero = node.Expand(node.Scalar(one.DType, 0), one.Shape);
                List<ValueRef> filled = [.. added[i]];
                for (long t = filled.Count; t < longest; t++)
                {
                    filled.Add(zero);
                }

                wholes[i].Add(flow.Tensor(Stacked(node, filled, 0, () => one, what), what));
            }
        }

        return [.. finals.Concat(wholes).Select((values, i) => new Item.Tensor(Stack(node, values, 0, $"output {i}")))];
    }

    private static (ImmutableArray<ValueRef> State, ImmutableArray<ValueRef> Scanned) Operands(FlowImport flow, int from)
    {
        long count = flow.Node.Attributes.Int("num_scan_inputs", 0);
        int states = flow.Count - from - (int)Math.Clamp(count, 0, int.MaxValue);
        return count > 0 && states >= 0
            ? ([.. Enumerable.Range(from, states).Select(flow.Tensor)], [.. Enumerable.Range(from + states, (int)count).Select(flow.Tensor)])
            : throw flow.Node.Invalid($"{count} of {flow.Count - from} inputs cannot be scanned");
    }

    // An attribute with one number for each value, 0 where it is left out.
    private static ImmutableArray<long> Each(NodeImport node, string attribute, int count)
    {
        ImmutableArray<long> given = node.Attributes.Ints(attribute) ?? [.. new long[Math.Max(0, count)]];
        return given.Length == count ? given : throw node.Invalid($"{attribute} has {given.Length} elements, not {count}");
    }

    private static (Item[] State, List<ValueRef>[] Added)? Sequence(
        FlowImport flow,
        BodyImport body,
        ImmutableArray<ValueRef> initial,
        ImmutableArray<ValueRef> scanned,
        ImmutableArray<int> axes,
        ImmutableArray<long> directions,
        long length,
        long? batch)
    {
        NodeImport node = flow.Node;
        Item[] state = [.. initial.Select(value => new Item.Tensor(value))];
        body.Expect(length);
        List<ValueRef>[] added = Added(node, body.Outputs - state.Length, node.Outputs - state.Length);
        for (long t = 0; t < length; t++)
        {
            long number = batch is long b ? checked((b * length) + t) : t;
            if (body.Run(number, [.. state, .. Slices(node, scanned, axes, directions, length, t)]) is not ImmutableArray<Item> results)
            {
                return null;
            }

            results.CopyTo(0, state, 0, state.Length);
            for (int i = 0; i < added.Length; i++)
            {
                added[i].Add(flow.Tensor(results[state.Length + i], $"output {state.Length + i} of the body"));
            }
        }

        return (state, added);
    }

    private static List<ValueRef>[] Added(NodeImport node, int count, int wanted)
        => count >= 0 && wanted <= count
            ? [.. Enumerable.Range(0, count).Select(_ => new List<ValueRef>())]
            : throw node.Invalid($"the body has {count} outputs beside condition and state, {Math.Max(0, wanted)} are wanted");

    // What the body sees of scanned values at a time; of an empty value a stand-in.
    private static IEnumerable<Item> Slices(
        NodeImport node, ImmutableArray<ValueRef> scanned, ImmutableArray<int> axes, ImmutableArray<long> directions, long length, long? time)
    {
        for (int i = 0; i < scanned.Length; i++)
        {
            long at = directions[i] == 0 ? time ?? 0 : length - 1 - (time ?? 0);
            yield return new Item.Tensor(time is null ? Empty(node, scanned[i], axes[i]) : Slice(node, scanned[i], axes[i], at));
        }
    }

    private static ValueRef Empty(NodeImport node, ValueRef value, int axis)
    {
        ReadOnlySpan<long> extents = node.Shape(value).Extents;
        return node.Expand(node.Scalar(node.DType(value), 0), new Shape([.. extents[..axis], .. extents[(axis + 1)..]]));
    }

    private static ValueRef Slice(NodeImport node, ValueRef value, int axis, long at)
    {
        ReadOnlySpan<long> extents = node.Shape(value).Extents;
        Shape shape = new([.. extents[..axis], .. extents[(axis + 1)..]]);
        return node.Reshape(node.Slice(value, axis, at, 1, 1), shape);
    }

    // Of no iterations, nothing of the right type.
    private static Item.Tensor Stacked(NodeImport node, List<ValueRef> slices, int axis, Func<TensorType> one, string what)
    {
        if (slices.Count > 0)
        {
            return new Item.Tensor(Stack(node, slices, axis, what));
        }

        TensorType type = one();
        ReadOnlySpan<long> extents = type.Shape.Extents;
        TensorType none = new(type.DType, new Shape([.. extents[..axis], 0, .. extents[axis..]]));
        return new Item.Tensor(node.Literal(new Tensor(none, ReadOnlyMemory<byte>.Empty)));
    }
}
