using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>ONNX's attention operators, written out in the order of their function bodies.</summary>
internal static class Attentions
{
    private const int Raw = 0;
    private const int Capped = 1;
    private const int Biased = 2;
    private const int Probable = 3;

    // ONNX Runtime has these two as well.
    private static readonly OnnxOp Conv = new("CausalConvWithState", (2, 4), 2, CausalConv, OneOf("activation", "none", "silu", "swish")) { Since = 27 };

    private static readonly OnnxOp State = new(
        "LinearAttention",
        (3, 7),
        2,
        Linear,
        Int("chunk_size"),
        Int("kv_num_heads") with { IsRequired = true },
        Int("q_num_heads") with { IsRequired = true },
        Float("scale"),
        OneOf("update_rule", "linear", "gated", "delta", "gated_delta"))
    {
        Since = 27,
    };

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Conv,
        Conv with { Name = "com.microsoft.CausalConvWithState", Since = 1, Attributes = [.. Conv.Attributes, Always("ndim", 1)] },
        OnnxOp.Resolved(
            "ai.onnx.preview.FlexAttention",
            (3, 3),
            1,
            Flexible,
            Float("scale"),
            Precision,
            Graph("score_mod") with { IsRequired = false },
            Graph("prob_mod") with { IsRequired = false }) with
        {
            Since = 1,
        },
        State,
        State with { Name = "com.microsoft.LinearAttention", Since = 1, Attributes = [.. State.Attributes, Always("state_window", 0)] },
        new(
            "Attention",
            (3, 7),
            4,
            Attention,
            Int("is_causal"),
            Int("kv_num_heads"),
            Int("q_num_heads"),
            Int("qk_matmul_output_mode"),
            Float("scale"),
            Float("softcap"),
            Precision)
        {
            Since = 23,
        },
        new("RotaryEmbedding", (3, 4), Rotary, Int("interleaved"), Int("num_heads"), Int("rotary_embedding_dim")) { Since = 23 },
    ];

    private static Reading.AttributeRule Precision => ElementType("softmax_precision");

    // Q and K each times √scale; softcap; bias; mask; softmax; values.
    private static ImmutableArray<ValueRef> Attention(NodeImport node)
    {
        ValueRef q = node.Input(0);
        bool isFlat = node.Shape(q).Rank == 3;
        ValueRef queries = isFlat ? Heads.Split(node, q, Number(node, "q_num_heads")) : q;
        ValueRef keys = Present(node, 1, 4, isFlat);
        ValueRef values = Present(node, 2, 5, isFlat);
        Heads.Check(node, queries, keys, values);
        DType type = node.DType(q);
        DType wide = Wider(type, node.DType(values));
        ValueRef raw = Scores(node, queries, keys);
        ValueRef capped = Heads.Capped(node, raw, node.Attributes.Float("softcap", 0f));
        (ValueRef? bias, ValueRef? visible, ValueRef? open) = Masks(node, node.Shape(raw), type);
        ValueRef biased = bias is ValueRef added ? node.Add(Add.Instance, capped, node.Expand(added, node.Shape(raw))) : capped;
        ValueRef masked = Heads.Masked(node, biased, visible);
        DType inner = Inner(node, type);
        ValueRef probabilities = node.Cast(Heads.Probabilities(node, node.Cast(masked, inner), open), type);
        ValueRef y = node.Cast(Heads.Weighted(node, node.Cast(probabilities, wide), node.Cast(values, wide)), type);
        ValueRef shown = node.Attributes.Int("qk_matmul_output_mode", Raw) switch
        {
            Raw => raw,
            Capped => capped,
            Biased => masked,
            Probable => probabilities,
            long mode => throw node.Invalid($"attribute 'qk_matmul_output_mode' is {mode}"),
        };
        return [isFlat ? Heads.Merge(node, y) : y, keys, values, shown];
    }

    // Scores and probabilities go through what the model says about them.
    private static ImmutableArray<Item>? Flexible(FlowImport flow)
    {
        NodeImport node = flow.Node;
        ValueRef? Modified(string body, ValueRef? value)
        {
            if (value is not ValueRef before || !node.Attributes.Has(body))
            {
                return value;
            }

            if (flow.Body(body).Run(null, new Item.Tensor(before)) is not [Item first, ..])
            {
                return null;
            }

            ValueRef after = flow.Tensor(first, $"the result of {body}");
            return node.Type(after) == node.Type(before)
                ? after
                : throw node.Invalid($"{body} makes {node.Type(after)} of {node.Type(before)}");
        }

        (ValueRef queries, ValueRef keys, ValueRef values) = (node.Input(0), node.Input(1), node.Input(2));
        Heads.Check(node, queries, keys, values);
        DType type = node.DType(queries);
        DType inner = Inner(node, type == DType.F64 ? DType.F64 : DType.F32);
        if (Modified("score_mod", node.Cast(Scores(node, queries, keys), inner)) is ValueRef scores
            && Modified("prob_mod", Heads.Probabilities(node, scores, null)) is ValueRef probabilities)
        {
            return [new Item.Tensor(node.Cast(Heads.Weighted(node, probabilities, node.Cast(values, inner)), type))];
        }

        return null;
    }

    // Q and K each times the root of the scale, which is found in f32.
    private static ValueRef Scores(NodeImport node, ValueRef queries, ValueRef keys)
    {
        DType type = node.DType(queries);
        float scale = node.Attributes.Has("scale") ? node.Attributes.Float("scale", 1f) : Heads.Scale(node.Shape(queries)[3]);
        ValueRef root = node.Literal(Scalars.Of(type, (double)Functions.Sqrt(scale)));
        return Heads.Scores(
            node, node.Broadcast(Mul.Instance, queries, root), node.Broadcast(Mul.Instance, node.Cast(keys, type), root));
    }

    private static DType Inner(NodeImport node, DType otherwise)
    {
        DType inner = (DType)node.Attributes.Int("softmax_precision", (long)otherwise);
        return inner.IsReal() ? inner : throw node.Invalid($"attribute 'softmax_precision' is {inner.Name()}");
    }

    // Keys or values, after those of the past.
    private static ValueRef Present(NodeImport node, int index, int past, bool isFlat)
    {
        ValueRef fresh = isFlat ? Heads.Split(node, node.Input(index), Number(node, "kv_num_heads")) : node.Input(index);
        return node.Optional(past) is ValueRef before ? node.Add(new Concat(2), before, fresh) : fresh;
    }

    private static long Number(NodeImport node, string attribute)
        => node.Attributes.Int(attribute) ?? throw node.Invalid($"attribute '{attribute}' is missing");

    // What is added to the scores, what is visible at all, and the keys that may leave no row: null for all.
    private static (ValueRef? Bias, ValueRef? Visible, ValueRef? Open) Masks(NodeImport node, Shape scores, DType type)
    {
        long keys = scores[3];
        ValueRef? lengths = node.Optional(6) is ValueRef given ? node.Reshape(node.Cast(given, DType.I64), scores[0], 1, 1, 1) : null;
        ValueRef? visible = null;
        if (node.Attributes.Flag("is_causal"))
        {
            ValueRef offset = node.Number(node.Has(4) ? node.Shape(node.Input(4))[2] : 0);
            if (lengths is ValueRef ends && !node.Has(4))
            {
                offset = node.Broadcast(Sub.Instance, ends, node.Number(scores[2]));
            }

            visible = Heads.Causal(node, scores[2], keys, offset);
        }

        if (lengths is ValueRef limits)
        {
            visible = Heads.Both(node, visible, Heads.Below(node, keys, limits));
        }

        ValueRef? bias = null;
        if (node.Optional(3) is ValueRef mask)
        {
            mask = Whole(node, mask, keys);
            bool isTruth = node.DType(mask) == DType.Bool;
            bias = isTruth ? null : node.Cast(mask, type);
            visible = isTruth ? Heads.Both(node, visible, mask) : visible;
        }

        // The first key of a causal row is always there, so that only masks and lengths can leave none.
        ValueRef? open = node.Has(3) || lengths is not null ? visible : null;
        if (bias is ValueRef added)
        {
            ValueRef closed = node.Broadcast(Equal.Instance, added, node.Scalar(type, double.NegativeInfinity));
            open = Heads.Both(node, open, node.Add(Not.Instance, closed));
        }

        return (bias, visible, open);
    }

    // A mask of fewer keys ends with hidden ones; before opset 24 a mask of one key is one for all.
    private static ValueRef Whole(NodeImport node, ValueRef mask, long keys)
    {
        Shape shape = node.Shape(mask);
        int last = shape.Rank - 1;
        if (last < 0 || shape[last] >= keys || (shape[last] == 1 && node.Version < 24))
        {
            return mask;
        }

        DType type = node.DType(mask);
        ValueRef hidden = node.Scalar(type, type == DType.Bool ? 0 : double.NegativeInfinity);
        return node.Add(new Concat(last), mask, node.Expand(hidden, shape.With(last, keys - shape[last])));
    }

    private static DType Wider(DType a, DType b)
        => a == b ? a : a == DType.F64 || b == DType.F64 ? DType.F64 : DType.F32;

    private static ValueRef Rotary(NodeImport node)
    {
        ValueRef x = node.Input(0);
        bool isFlat = node.Shape(x).Rank == 3;
        ValueRef heads = isFlat ? Heads.Split(node, x, Number(node, "num_heads")) : x;
        Shape shape = node.Shape(heads);
        if (shape.Rank != 4)
        {
            throw node.Invalid($"{node.Type(x)} is not of rank 3 or 4");
        }

        long turned = node.Attributes.Int("rotary_embedding_dim", 0);
        long pairs = (turned == 0 ? shape[3] : turned) / 2;
        ValueRef Table(int index)
        {
            ValueRef table = node.Optional(3) is ValueRef positions ? node.Add(new Gather(0), node.Input(index), positions) : node.Input(index);
            Shape given = node.Shape(table);
            return given.Rank == 3 && given[2] == pairs
                ? node.Reshape(table, given[0], 1, given[1], pairs)
                : throw node.Invalid($"a table of shape {node.Shape(node.Input(index))} for {pairs} pairs");
        }

        ValueRef y = Heads.Turned(node, heads, Table(1), Table(2), node.Attributes.Flag("interleaved"));
        return isFlat ? Heads.Merge(node, y) : y;
    }

    // The state, or zeros, and then the input: each channel folded with its own taps. The end of it is the next state.
    private static ImmutableArray<ValueRef> CausalConv(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef w = node.Input(1);
        Shape shape = node.Shape(x);
        Shape taps = node.Shape(w);
        if (shape.Rank != 3 || taps.Rank != 3 || taps[0] != shape[1] || taps[1] != 1 || taps[2] < 1)
        {
            throw node.Invalid($"input {shape} and weight {taps} do not fit");
        }

        DType type = node.DType(x);
        long before = taps[2] - 1;
        ValueRef state = node.Optional(3) ?? node.Expand(node.Scalar(type, 0), shape.With(2, before));
        if (!node.Shape(state).Equals(shape.With(2, before)))
        {
            throw node.Invalid($"a state of shape {node.Shape(state)}, not {shape.With(2, before)}");
        }

        ValueRef all = before == 0 ? x : node.Add(new Concat(2), state, x);
        Ops.Conv conv = new(new Window([taps[2]], [1], [1], [0], [0], [shape[2]]), shape[1]);
        ValueRef y = node.Optional(2) is ValueRef bias ? node.Add(conv, all, w, bias) : node.Add(conv, all, w);
        if (node.Attributes.Text("activation", "none") != "none")
        {
            ValueRef wide = node.Cast(y, type == DType.F64 ? DType.F64 : DType.F32);
            y = node.Cast(node.Add(Mul.Instance, wide, node.Add(Sigmoid.Instance, wide)), type);
        }

        return [y, node.Slice(all, 2, shape[2], 1, before)];
    }

    // One step a position, in f32. The state is kept transposed, [batch, groups, values, keys], as products read it.
    private static ImmutableArray<ValueRef> Linear(NodeImport node)
    {
        string rule = node.Attributes.Text("update_rule", "gated_delta");
        bool isGated = rule is "gated" or "gated_delta";
        bool isDelta = rule is "delta" or "gated_delta";
        if (isGated != node.Has(4) || isDelta != node.Has(5) || (!isDelta && node.Has(6)))
        {
            throw node.Invalid($"the inputs do not fit update_rule '{rule}'");
        }

        if (!node.DType(node.Input(0)).IsReal())
        {
            throw node.Invalid($"queries are {node.Type(node.Input(0))}, not reals");
        }

        long heads = Number(node, "q_num_heads");
        long groups = Number(node, "kv_num_heads");
        ValueRef Wide(int index, long parts) => node.Cast(Heads.Split(node, node.Input(index), parts), DType.F32);
        ValueRef queries = Wide(0, heads);
        ValueRef keys = Wide(1, groups);
        ValueRef values = Wide(2, groups);
        Heads.Check(node, queries, keys, values);
        (long batch, long steps, long size, long width) = (node.Shape(keys)[0], node.Shape(keys)[2], node.Shape(keys)[3], node.Shape(values)[3]);
        if (node.Shape(queries)[2] != steps || steps == 0)
        {
            throw node.Invalid($"{node.Shape(queries)[2]} queries and {steps} keys");
        }

        ValueRef? kept = isGated ? node.Add(Exp.Instance, Wide(4, groups)) : null;
        ValueRef? rates = isDelta ? Wide(5, node.Shape(node.Input(5))[^1]) : null;
        ValueRef? gates = node.Has(6) ? Wide(6, groups) : null;
        DType stored = node.DType(node.Optional(3) ?? node.Input(0));
        Shape matrix = new(batch, groups, width, size);
        ValueRef state = node.Optional(3) is ValueRef past
            ? node.SwapLast(node.Cast(past, DType.F32))
            : node.Expand(node.Scalar(DType.F32, 0), matrix);
        if (!node.Shape(state).Equals(matrix))
        {
            throw node.Invalid($"a past state of shape {node.Shape(node.Input(3))}");
        }

        float given = node.Attributes.Float("scale", 0f);
        ValueRef scale = node.Scalar(DType.F32, given == 0f ? (double)Heads.Scale(size) : given);
        List<ValueRef> results = [];
        for (long step = 0; step < steps; step++)
        {
            // Rows [batch, groups, 1, ..] of this position.
            ValueRef Row(ValueRef all) => node.Slice(all, 2, step, 1, 1);
            ValueRef key = Row(keys);
            ValueRef value = Row(values);
            if (kept is ValueRef factors)
            {
                state = node.Add(Mul.Instance, state, node.Expand(Row(factors), matrix));
            }

            if (rates is ValueRef rate)
            {
                ValueRef probe = gates is ValueRef gate ? node.Add(Mul.Instance, Row(gate), key) : key;
                ValueRef held = node.Reshape(node.Add(Dot.Plain, state, probe), node.Shape(value));
                ValueRef error = node.Add(Sub.Instance, value, held);
                value = node.Add(Mul.Instance, node.Expand(Row(rate), node.Shape(value)), error);
            }

            state = node.Add(Add.Instance, state, node.Add(Dot.Plain, node.SwapLast(value), node.SwapLast(key)));
            ValueRef read = Heads.Scores(node, Row(queries), state);
            results.Add(node.Broadcast(Mul.Instance, scale, read));
        }

        ValueRef y = node.Cast(Heads.Merge(node, node.Join(2, results)), node.DType(node.Input(0)));
        return [y, node.Cast(node.SwapLast(state), stored)];
    }
}
