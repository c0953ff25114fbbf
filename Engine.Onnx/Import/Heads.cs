using System.Collections.Generic;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>The steps that all attention operators share. Queries are [batch, heads, queries, size], keys and values [batch, groups, keys,
/// size], scores [batch, heads, queries, keys]; the query heads of a group read its keys and values.</summary>
internal static class Heads
{
    /// <summary>[batch, positions, heads · size] as [batch, heads, positions, size].</summary>
    internal static ValueRef Split(NodeImport node, ValueRef x, long heads)
    {
        Shape shape = node.Shape(x);
        return shape.Rank == 3 && heads > 0 && shape[2] % heads == 0
            ? node.Transpose(node.Reshape(x, shape[0], shape[1], heads, shape[2] / heads), 0, 2, 1, 3)
            : throw node.Invalid($"{shape} does not have {heads} heads");
    }

    /// <summary>[batch, heads, positions, size] as [batch, positions, heads · size].</summary>
    internal static ValueRef Merge(NodeImport node, ValueRef x)
    {
        Shape shape = node.Shape(x);
        return node.Reshape(node.Transpose(x, 0, 2, 1, 3), shape[0], shape[2], checked(shape[1] * shape[3]));
    }

    /// <summary>Refuses what does not fit together.</summary>
    internal static void Check(NodeImport node, ValueRef queries, ValueRef keys, ValueRef values)
    {
        Shape q = node.Shape(queries);
        Shape k = node.Shape(keys);
        Shape v = node.Shape(values);
        bool fit = q.Rank == 4 && k.Rank == 4 && v.Rank == 4 && q[0] == k[0] && k[0] == v[0] && k[1] == v[1] && k[2] == v[2] && q[3] == k[3]
            && k[1] > 0 && q[1] % k[1] == 0;
        if (!fit)
        {
            throw node.Invalid($"queries {q}, keys {k} and values {v} do not fit");
        }
    }

    /// <summary>Rows of queries times rows of keys, times alpha.</summary>
    internal static ValueRef Scores(NodeImport node, ValueRef queries, ValueRef keys, float alpha = 1f)
    {
        Shape q = node.Shape(queries);
        Shape k = node.Shape(keys);
        ValueRef product = node.Add(new Dot(alpha, 1f), Folded(node, queries, k[1]), keys);
        return node.Reshape(product, q[0], q[1], q[2], k[2]);
    }

    /// <summary>tanh(scores / cap) · cap; the scores where the cap is 0.</summary>
    internal static ValueRef Capped(NodeImport node, ValueRef scores, float cap)
    {
        if (!(cap > 0))
        {
            return scores;
        }

        ValueRef bound = node.Scalar(node.DType(scores), cap);
        return node.Broadcast(Mul.Instance, node.Add(Tanh.Instance, node.Broadcast(Div.Instance, scores, bound)), bound);
    }

    /// <summary>Scores where a truth value, broadcast to them, says so; elsewhere minus infinity.</summary>
    internal static ValueRef Masked(NodeImport node, ValueRef scores, ValueRef? visible)
    {
        if (visible is not ValueRef seen)
        {
            return scores;
        }

        Shape shape = node.Shape(scores);
        ValueRef none = node.Expand(node.Scalar(node.DType(scores), double.NegativeInfinity), shape);
        return node.Add(Where.Instance, node.Expand(seen, shape), scores, none);
    }

    /// <summary>Rows of probabilities; zeros where <paramref name="open"/>, broadcast to them, is false along the whole row.</summary>
    internal static ValueRef Probabilities(NodeImport node, ValueRef scores, ValueRef? open)
    {
        Shape shape = node.Shape(scores);
        ValueRef probabilities = node.Add(new Softmax(logarithm: false), scores);
        if (open is not ValueRef keys || shape[3] == 0)
        {
            return probabilities;
        }

        Shape rows = node.Shape(keys);
        ValueRef any = node.Reshape(node.Add(new Reduce(Reduction.Max, 1), keys), rows.With(rows.Rank - 1, 1));
        ValueRef zero = node.Expand(node.Scalar(node.DType(scores), 0), shape);
        return node.Add(Where.Instance, node.Expand(any, shape), probabilities, zero);
    }

    /// <summary>Probabilities times values, by ascending key.</summary>
    internal static ValueRef Weighted(NodeImport node, ValueRef probabilities, ValueRef values)
    {
        Shape p = node.Shape(probabilities);
        Shape v = node.Shape(values);
        ValueRef product = node.Add(Dot.Plain, Folded(node, probabilities, v[1]), node.SwapLast(values));
        return node.Reshape(product, p[0], p[1], p[2], v[3]);
    }

    /// <summary>Both, where there are two.</summary>
    internal static ValueRef? Both(NodeImport node, ValueRef? a, ValueRef? b)
        => a is ValueRef left && b is ValueRef right ? node.Broadcast(And.Instance, left, right) : a ?? b;

    /// <summary>Row i sees key j where j ≤ i + offset; with a window also j > i + offset − window. [.., rows, keys].</summary>
    /// <param name="node">The node.</param>
    /// <param name="rows">Number of queries.</param>
    /// <param name="keys">Number of keys.</param>
    /// <param name="offset">An i64 that broadcasts against [rows, 1].</param>
    /// <param name="window">How many keys a row sees at most; null for all before it.</param>
    internal static ValueRef Causal(NodeImport node, long rows, long keys, ValueRef offset, long? window = null)
    {
        ValueRef last = node.Broadcast(Add.Instance, node.Reshape(node.Counting(rows), rows, 1), offset);
        ValueRef columns = node.Counting(keys);
        ValueRef past = node.Broadcast(LessOrEqual.Instance, columns, last);
        if (window is not long most)
        {
            return past;
        }

        ValueRef first = node.Broadcast(Sub.Instance, last, node.Number(most));
        return node.Broadcast(And.Instance, past, node.Broadcast(Greater.Instance, columns, first));
    }

    /// <summary>Key j is below a limit, an i64 that broadcasts against [keys].</summary>
    internal static ValueRef Below(NodeImport node, long keys, ValueRef limit)
        => node.Broadcast(Less.Instance, node.Counting(keys), limit);

    /// <summary>1 / √size, each step rounded to f32.</summary>
    internal static float Scale(long size) => 1f / Functions.Sqrt((float)size);

    /// <summary>Pairs (a, b) of the first elements of each row turned: a·cos − b·sin and a·sin + b·cos, every step rounded. The others stay.</summary>
    /// <param name="node">The node.</param>
    /// <param name="x">[batch, heads, positions, size].</param>
    /// <param name="cos">Broadcasts to [batch, heads, positions, pairs].</param>
    /// <param name="sin">Likewise.</param>
    /// <param name="interleaved">Whether pairs lie side by side; otherwise the first half of the turned elements has the first of each.</param>
    internal static ValueRef Turned(NodeImport node, ValueRef x, ValueRef cos, ValueRef sin, bool interleaved)
    {
        Shape shape = node.Shape(x);
        long pairs = node.Shape(cos)[^1];
        long turned = checked(2 * pairs);
        if (turned > shape[3] || !node.Shape(sin).Equals(node.Shape(cos)))
        {
            throw node.Invalid($"tables {node.Shape(cos)} and {node.Shape(sin)} do not fit heads of {shape[3]}");
        }

        ValueRef a = node.Slice(x, 3, 0, interleaved ? 2 : 1, pairs);
        ValueRef b = node.Slice(x, 3, interleaved ? Offset(pairs) : pairs, interleaved ? 2 : 1, pairs);
        ValueRef Times(ValueRef table, ValueRef part) => node.Add(Mul.Instance, node.Expand(table, node.Shape(part)), part);
        ValueRef first = node.Add(Sub.Instance, Times(cos, a), Times(sin, b));
        ValueRef second = node.Add(Add.Instance, Times(sin, a), Times(cos, b));
        List<ValueRef> parts = [first, second];
        if (interleaved)
        {
            Shape single = new(shape[0], shape[1], shape[2], pairs, 1);
            ValueRef both = node.Add(new Concat(4), node.Reshape(first, single), node.Reshape(second, single));
            parts = [node.Reshape(both, shape.With(3, turned))];
        }

        if (turned < shape[3])
        {
            parts.Add(node.Slice(x, 3, turned, 1, shape[3] - turned));
        }

        return node.Join(3, parts);
    }

    // The second of the first pair; where there is no pair, no element is named.
    private static long Offset(long pairs) => pairs > 0 ? 1 : 0;

    // The query heads of a group as rows of one matrix.
    private static ValueRef Folded(NodeImport node, ValueRef x, long groups)
    {
        Shape shape = node.Shape(x);
        return shape[1] == groups ? x : node.Reshape(x, shape[0], groups, checked(shape[1] / groups * shape[2]), shape[3]);
    }
}
