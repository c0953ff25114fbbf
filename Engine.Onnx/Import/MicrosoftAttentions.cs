using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>The attention operators of ONNX Runtime: scores are fl(product · scale), then softcap, then what is added, then what is hidden.</summary>
internal static class MicrosoftAttentions
{
    private const string Domain = "com.microsoft.";

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            Domain + "GroupQueryAttention",
            (1, 12),
            4,
            Grouped,
            Int("causal"),
            Int("do_rotary"),
            OneOf("k_quant_type", "NONE"),
            Int("kv_cache_bit_width"),
            Int("kv_num_heads") with { IsRequired = true },
            Int("local_window_size"),
            Int("num_heads") with { IsRequired = true },
            Int("qk_output"),
            Int("rotary_interleaved"),
            Float("scale"),
            Always("sliding_window_cache", 0),
            Int("smooth_softmax"),
            Float("softcap"),
            OneOf("v_quant_type", "NONE"))
        {
            Since = 1,
        },
        new(
            Domain + "MultiHeadAttention",
            (1, 8),
            4,
            MultiHead,
            Float("mask_filter_value"),
            Int("num_heads") with { IsRequired = true },
            Float("scale"),
            Int("unidirectional"))
        {
            Since = 1,
        },
        new(
            Domain + "Attention",
            (2, 6),
            2,
            Packed,
            Always("do_rotary", 0),
            Float("mask_filter_value"),
            Int("num_heads") with { IsRequired = true },
            Always("past_present_share_buffer", 0),
            Ints("qkv_hidden_sizes"),
            Int("rotary_embedding_dim"),
            Float("scale"),
            Int("unidirectional"))
        {
            Since = 1,
        },
        new(
            Domain + "QAttention",
            (5, 9),
            2,
            Coded,
            Always("do_rotary", 0),
            Float("mask_filter_value"),
            Int("num_heads") with { IsRequired = true },
            Always("past_present_share_buffer", 0),
            Float("scale"),
            Int("unidirectional"))
        {
            Since = 1,
        },
        new(
            Domain + "RotaryEmbedding",
            (4, 4),
            Rotary,
            Int("interleaved"),
            Always("is_packed_batching", 0),
            Int("num_heads"),
            Int("rotary_embedding_dim"),
            Float("scale"))
        {
            Since = 1,
        },
    ];

    private static ImmutableArray<ValueRef> Grouped(NodeImport node)
    {
        long heads = node.Attributes.Int("num_heads", 0);
        long groups = node.Attributes.Int("kv_num_heads", 0);
        (ValueRef queries, ValueRef keys, ValueRef values) = Projections(node, heads, groups);
        (long batch, long rows, long size) = (node.Shape(queries)[0], node.Shape(queries)[2], node.Shape(queries)[3]);
        if (node.Has(1) && node.Shape(keys)[2] != rows)
        {
            throw node.Invalid($"{rows} queries and {node.Shape(keys)[2]} new keys");
        }

        long total = node.Integer(6);
        ImmutableArray<long> last = node.Integers(5);
        if (last.Length != batch || last.Any(index => index < 0 || index >= total) || rows > total)
        {
            throw node.Invalid($"seqlens_k ({string.Join(',', last)}) and total_sequence_length {total} for {batch} rows of {rows} queries");
        }

        // The first call has all keys; later ones put theirs after what each sequence has.
        ImmutableArray<long> before = [.. last.Select(index => rows == total ? 0 : index + 1 - rows)];
        ValueRef offsets = node.Literal(Tensor.Of(DType.I64, new Shape(batch, 1, 1, 1), before.AsSpan()));
        if (node.Attributes.Flag("do_rotary"))
        {
            ValueRef positions = node.Optional(9) is ValueRef given
                ? node.Reshape(node.Cast(given, DType.I64), node.Shape(given)[0], rows)
                : node.Reshape(node.Broadcast(Add.Instance, node.Counting(rows), node.Reshape(offsets, batch, 1)), batch, rows);
            bool interleaved = node.Attributes.Flag("rotary_interleaved");
            ValueRef cos = Positioned(node, 7, positions);
            ValueRef sin = Positioned(node, 8, positions);
            queries = Heads.Turned(node, queries, cos, sin, interleaved);
            keys = Heads.Turned(node, keys, cos, sin, interleaved);
        }

        ValueRef presentKeys = Cache(node, 3, keys, before, total);
        ValueRef presentValues = Cache(node, 4, values, before, total);
        ValueRef seenKeys = node.Slice(presentKeys, 2, 0, 1, total);
        ValueRef seenValues = node.Slice(presentValues, 2, 0, 1, total);
        Heads.Check(node, queries, seenKeys, seenValues);
        ValueRef scores = Heads.Capped(node, Heads.Scores(node, queries, seenKeys, Scale(node, size)), node.Attributes.Float("softcap", 0f));
        ValueRef biased = node.Optional(10) is ValueRef bias ? node.Add(Add.Instance, scores, node.Expand(bias, node.Shape(scores))) : scores;
        long window = node.Attributes.Int("local_window_size", -1);
        ValueRef visible = node.Attributes.Flag("causal", true)
            ? Heads.Causal(node, rows, total, offsets, window > 0 ? window : null)
            : Heads.Below(node, total, node.Literal(Tensor.Of<long>(DType.I64, new Shape(batch, 1, 1, 1), [.. last.Select(index => index + 1)])));
        ValueRef masked = Heads.Masked(node, biased, visible);
        ValueRef probabilities = Sunk(node, masked);
        ValueRef y = Heads.Merge(node, Heads.Weighted(node, probabilities, seenValues));
        ValueRef shown = node.Attributes.Int("qk_output", 0) == 2
            ? probabilities
            : node.Broadcast(Where.Instance, visible, biased, node.Scalar(node.DType(biased), 0));
        return [y, presentKeys, presentValues, shown];
    }

    // Queries, keys and values [batch, heads, positions, size], from three operands or from one that has all.
    private static (ValueRef Queries, ValueRef Keys, ValueRef Values) Projections(NodeImport node, long heads, long groups)
    {
        ValueRef q = node.Input(0);
        if (node.Has(1))
        {
            return (Heads.Split(node, q, heads), Heads.Split(node, node.Input(1), groups), Heads.Split(node, node.Input(2), groups));
        }

        ValueRef all = Heads.Split(node, q, checked(heads + (2 * groups)));
        return (node.Slice(all, 1, 0, 1, heads), node.Slice(all, 1, heads, 1, groups), node.Slice(all, 1, heads + groups, 1, groups));
    }

    // What each sequence has kept, its new part, and zeros up to the length of the cache.
    private static ValueRef Cache(NodeImport node, int index, ValueRef fresh, ImmutableArray<long> before, long total)
    {
        Shape shape = node.Shape(fresh);
        Shape kept = node.Optional(index) is ValueRef past ? node.Shape(past) : shape.With(2, 0);
        if (kept.Rank != 4 || !kept.With(2, shape[2]).Equals(shape) || before.Any(count => count < 0 || count > kept[2]))
        {
            throw node.Invalid($"a cache of shape {kept} for {shape} after ({string.Join(',', before)})");
        }

        long length = long.Max(kept[2], total);
        ValueRef Sequence(ValueRef? held, ValueRef part, long count)
        {
            Shape own = node.Shape(part);
            List<ValueRef> parts = count > 0 ? [node.Slice(held!.Value, 2, 0, 1, count)] : [];
            parts.Add(part);
            if (length > count + own[2])
            {
                parts.Add(node.Expand(node.Scalar(node.DType(part), 0), own.With(2, length - count - own[2])));
            }

            return node.Join(2, parts);
        }

        if (before.Distinct().Count() == 1)
        {
            return Sequence(node.Optional(index), fresh, before[0]);
        }

        return node.Join(0, [.. before.Select((count, row) => Sequence(
            node.Optional(index) is ValueRef held ? node.Slice(held, 0, row, 1, 1) : null, node.Slice(fresh, 0, row, 1, 1), count))]);
    }

    // A score of its own for each head, or 0, goes into the denominator before the keys.
    private static ValueRef Sunk(NodeImport node, ValueRef scores)
    {
        if (!node.Has(11) && !node.Attributes.Flag("smooth_softmax"))
        {
            return Heads.Probabilities(node, scores, null);
        }

        Shape shape = node.Shape(scores);
        ValueRef sink = node.Optional(11) is ValueRef given ? node.Reshape(given, 1, shape[1], 1, 1) : node.Scalar(node.DType(scores), 0);
        ValueRef all = node.Add(new Concat(3), node.Expand(sink, shape.With(3, 1)), scores);
        return node.Slice(node.Add(new Softmax(logarithm: false), all), 3, 1, 1, shape[3]);
    }

    private static float Scale(NodeImport node, long size)
    {
        float given = node.Attributes.Float("scale", 0f);
        return given == 0f ? Heads.Scale(size) : given;
    }

    // Rows of a table [positions, pairs] for positions [batch, rows], as [batch, 1, rows, pairs].
    private static ValueRef Positioned(NodeImport node, int index, ValueRef positions)
    {
        Shape table = node.Shape(node.Input(index));
        Shape chosen = node.Shape(positions);
        return table.Rank == 2
            ? node.Reshape(node.Add(new Gather(0), node.Input(index), positions), chosen[0], 1, chosen[1], table[1])
            : throw node.Invalid($"a table of shape {table}");
    }

    private static ImmutableArray<ValueRef> MultiHead(NodeImport node)
    {
        long heads = node.Attributes.Int("num_heads", 0);
        (ValueRef queries, ValueRef keys, ValueRef values) = Parts(node, heads);
        return Attend(node, queries, After(node, 6, keys), After(node, 7, values), node.Optional(4), node.Optional(5));
    }

    private static ValueRef After(NodeImport node, int past, ValueRef fresh)
        => node.Optional(past) is ValueRef before ? node.Add(new Concat(2), before, fresh) : fresh;

    private static (ValueRef Queries, ValueRef Keys, ValueRef Values) Parts(NodeImport node, long heads)
    {
        ValueRef q = node.Input(0);
        Shape shape = node.Shape(q);
        ValueRef[] parts;
        if (shape.Rank == 5 && shape[3] == 3)
        {
            parts = [.. Enumerable.Range(0, 3).Select(part => Unpacked(node, q, part))];
        }
        else if (node.Has(1) && node.Shape(node.Input(1)) is { Rank: 5 } pairs && pairs[3] == 2)
        {
            parts = [q, Unpacked(node, node.Input(1), 0), Unpacked(node, node.Input(1), 1)];
        }
        else
        {
            parts = [q, node.Input(1), node.Input(2)];
        }

        if (node.Optional(3) is ValueRef bias)
        {
            long start = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                long width = node.Shape(parts[i])[^1];
                parts[i] = node.Shape(parts[i]).Rank == 3
                    ? node.Broadcast(Add.Instance, parts[i], node.Slice(bias, 0, start, 1, width))
                    : throw node.Unsupported("a bias of keys in four axes is not supported");
                start += width;
            }
        }

        ValueRef Split(ValueRef part) => node.Shape(part).Rank == 4 ? part : Heads.Split(node, part, heads);
        return (Split(parts[0]), Split(parts[1]), Split(parts[2]));
    }

    // [batch, positions, heads, parts, size] -> one part [batch, positions, heads * size]
    private static ValueRef Unpacked(NodeImport node, ValueRef packed, long part)
    {
        Shape shape = node.Shape(packed);
        return node.Reshape(node.Slice(packed, 3, part, 1, 1), shape[0], shape[1], checked(shape[2] * shape[4]));
    }

    private static ImmutableArray<ValueRef> Attend(
        NodeImport node, ValueRef queries, ValueRef keys, ValueRef values, ValueRef? mask, ValueRef? bias)
    {
        Heads.Check(node, queries, keys, values);
        ValueRef scores = Heads.Scores(node, queries, keys, Scale(node, node.Shape(queries)[3]));
        Shape shape = node.Shape(scores);
        ValueRef? padding = mask is ValueRef given ? Padding(node, given, shape, node.DType(scores)) : null;
        ValueRef? added = padding is ValueRef a && bias is ValueRef b ? node.Broadcast(Add.Instance, b, a) : padding ?? bias;
        ValueRef biased = added is ValueRef sum ? node.Add(Add.Instance, scores, node.Expand(sum, shape)) : scores;
        ValueRef? visible = node.Attributes.Flag("unidirectional")
            ? Heads.Causal(node, shape[2], shape[3], node.Number(shape[3] - shape[2]))
            : null;
        ValueRef masked = Heads.Masked(node, biased, visible);
        ValueRef y = Heads.Merge(node, Heads.Weighted(node, Heads.Probabilities(node, masked, null), values));
        return [y, keys, values, masked];
    }

    // Zero where a key is visible, elsewhere a large negative number: by lengths, by ends and starts, or by truth values.
    private static ValueRef Padding(NodeImport node, ValueRef mask, Shape scores, DType type)
    {
        (long batch, long rows, long keys) = (scores[0], scores[2], scores[3]);
        Shape shape = node.Shape(mask);
        ValueRef codes = node.Cast(mask, DType.I64);
        ValueRef Bound(long part) => node.Reshape(node.Slice(codes, 0, part * batch, 1, batch), batch, 1, 1, 1);
        ValueRef visible;
        if (shape.Rank == 1 && (shape[0] == batch || shape[0] == checked(2 * batch)))
        {
            visible = Heads.Below(node, keys, Bound(0));
            if (shape[0] != batch)
            {
                ValueRef started = node.Broadcast(GreaterOrEqual.Instance, node.Counting(keys), Bound(1));
                visible = node.Broadcast(And.Instance, visible, started);
            }
        }
        else
        {
            ValueRef grid = shape.Rank switch
            {
                2 when shape[1] == keys => node.Reshape(codes, shape[0], 1, 1, keys),
                3 when shape[1] == rows && shape[2] == keys => node.Reshape(codes, shape[0], 1, rows, keys),
                4 when shape[1] == 1 && shape[2] >= keys && shape[3] >= keys
                    => node.Slice(node.Slice(codes, 2, keys - rows, 1, rows), 3, 0, 1, keys),
                _ => throw node.Unsupported($"a mask of shape {shape} is not supported for scores {scores}"),
            };
            visible = node.Broadcast(Greater.Instance, grid, node.Number(0));
        }

        ValueRef hidden = node.Scalar(type, node.Attributes.Float("mask_filter_value", -10000f));
        return node.Broadcast(Where.Instance, visible, node.Scalar(type, 0), hidden);
    }

    // Projection, then as MultiHeadAttention.
    private static ImmutableArray<ValueRef> Packed(NodeImport node)
    {
        ValueRef x = node.Input(0);
        ValueRef w = node.Input(1);
        Shape shape = node.Shape(x);
        Shape weights = Weights(node);
        ImmutableArray<long> sizes = node.Attributes.Ints("qkv_hidden_sizes") ?? [.. Enumerable.Repeat(weights[1] / 3, 3)];
        ValueRef flat = node.Reshape(x, checked(shape[0] * shape[1]), shape[2]);
        ValueRef product = node.Optional(2) is ValueRef bias
            ? node.Add(Dot.Plain, flat, node.SwapLast(w), node.Expand(bias, new Shape(checked(shape[0] * shape[1]), weights[1])))
            : node.Add(Dot.Plain, flat, node.SwapLast(w));
        ValueRef all = node.Reshape(product, shape[0], shape[1], weights[1]);
        return Projected(node, all, sizes, node.Optional(3), node.Optional(4), node.Optional(5));
    }

    // The same from codes of X and W; what is after the projection is real.
    private static ImmutableArray<ValueRef> Coded(NodeImport node)
    {
        Shape weights = Weights(node);
        ValueRef all = MicrosoftCodes.Scaled(
            node, node.Input(0), node.Input(1), node.Input(3), node.Input(4), node.Optional(6), node.Optional(7), node.Optional(2));
        return Projected(node, all, [.. Enumerable.Repeat(weights[1] / 3, 3)], node.Optional(5), node.Optional(8), null);
    }

    private static Shape Weights(NodeImport node)
    {
        Shape shape = node.Shape(node.Input(0));
        Shape weights = node.Shape(node.Input(1));
        return shape.Rank == 3 && weights.Rank == 2 && weights[0] == shape[2]
            ? weights
            : throw node.Invalid($"input {shape} and weights {weights} do not fit");
    }

    // Queries, keys and values side by side; keys and values of the past are one operand.
    private static ImmutableArray<ValueRef> Projected(
        NodeImport node, ValueRef all, ImmutableArray<long> sizes, ValueRef? mask, ValueRef? before, ValueRef? bias)
    {
        long heads = node.Attributes.Int("num_heads", 0);
        if (sizes.Length != 3 || sizes.Any(size => size < 0) || sizes.Sum() != node.Shape(all)[2])
        {
            throw node.Invalid($"hidden sizes ({string.Join(',', sizes)}) of {node.Shape(all)[2]}");
        }

        ValueRef Part(int part) => Heads.Split(node, node.Slice(all, 2, sizes.Take(part).Sum(), 1, sizes[part]), heads);
        ValueRef Kept(int part, ValueRef fresh)
        {
            if (before is not ValueRef past)
            {
                return fresh;
            }

            Shape both = node.Shape(past);
            return both.Rank == 5 && both[0] == 2
                ? node.Add(new Concat(2), node.Reshape(node.Slice(past, 0, part, 1, 1), new Shape(both.Extents[1..])), fresh)
                : throw node.Invalid($"a past of shape {both}");
        }

        ValueRef keys = Kept(0, Part(1));
        ValueRef values = Kept(1, Part(2));
        ValueRef y = Attend(node, Part(0), keys, values, mask, bias)[0];
        if (!node.Wants(1))
        {
            return [y, y];
        }

        ValueRef Single(ValueRef part) => node.Reshape(part, [1, .. node.Shape(part).Extents]);
        return [y, node.Add(new Concat(0), Single(keys), Single(values))];
    }

    // One position is where each sequence starts.
    private static ValueRef Rotary(NodeImport node)
    {
        if (node.Attributes.Float("scale", 1f) != 1f)
        {
            throw node.Unsupported("attribute 'scale' other than 1 is not supported");
        }

        ValueRef x = node.Input(0);
        Shape shape = node.Shape(x);
        bool isFlat = shape.Rank == 3;
        long turned = node.Attributes.Int("rotary_embedding_dim", 0);
        long heads = node.Attributes.Int("num_heads", 0);
        long size = 2 * node.Shape(node.Input(2))[^1];
        if (isFlat && turned == 0 && heads == 0 && size > 0)
        {
            heads = shape[2] / size;
        }

        ValueRef parts = isFlat ? Heads.Split(node, x, heads) : x;
        Shape split = node.Shape(parts);
        if (split.Rank != 4 || (turned > 0 && turned != size))
        {
            throw node.Invalid($"{node.Type(x)} with tables of {size / 2} pairs");
        }

        ValueRef positions = node.Cast(node.Input(1), DType.I64);
        if (node.Shape(positions).Elements == 1)
        {
            ValueRef rows = node.Broadcast(Add.Instance, node.Counting(split[2]), node.Reshape(positions, 1));
            positions = node.Expand(rows, new Shape(split[0], split[2]));
        }

        ValueRef cos = Positioned(node, 2, positions);
        ValueRef y = Heads.Turned(node, parts, cos, Positioned(node, 3, positions), node.Attributes.Flag("interleaved"));
        return isFlat ? Heads.Merge(node, y) : y;
    }
}
