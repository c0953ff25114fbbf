using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Products by labels, and determinants.</summary>
internal static class Contractions
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("Einsum", (1, int.MaxValue), Einsum, new AttributeRule("equation", AttributeKind.Text) { IsRequired = true }) { Since = 12 },
        new("Det", (1, 1), node => node.Add(Det.Instance, node.Input(0))) { Since = 11 },
    ];

    // From left to right: what only one operand has is summed first; then each operand joins what there is so far.
    private static ValueRef Einsum(NodeImport node)
    {
        Equation equation = Equation.Parse(node, node.Attributes.Text("equation", string.Empty), node.All());
        List<Term> terms = [];
        for (int i = 0; i < node.Count; i++)
        {
            HashSet<int> others = [.. equation.Output, .. equation.Inputs.Where((_, other) => other != i).SelectMany(labels => labels)];
            terms.Add(Summed(node, Diagonal(node, new Term(node.Input(i), equation.Inputs[i])), others));
        }

        Term total = terms[0];
        for (int i = 1; i < terms.Count; i++)
        {
            HashSet<int> needed = [.. equation.Output, .. equation.Inputs.Skip(i + 1).SelectMany(labels => labels)];
            ImmutableArray<int> shared = [.. total.Labels.Where(terms[i].Labels.Contains)];
            ImmutableArray<int> contracted = [.. shared.Where(label => !needed.Contains(label)).OrderBy(equation.Appearance.IndexOf)];
            total = contracted.IsEmpty ? Multiplied(node, total, terms[i]) : Contracted(node, total, terms[i], shared, contracted);
        }

        return node.Transpose(total.Value, [.. equation.Output.Select(total.Labels.IndexOf)]);
    }

    // A label that stands twice: the axes step together.
    private static Term Diagonal(NodeImport node, Term term)
    {
        ImmutableArray<int> labels = [.. term.Labels.Distinct()];
        if (labels.Length == term.Labels.Length)
        {
            return term;
        }

        Shape shape = node.Shape(term.Value);
        long Extent(int label)
        {
            long[] extents = [.. Enumerable.Range(0, shape.Rank).Where(axis => term.Labels[axis] == label).Select(axis => shape[axis]).Distinct()];
            return extents.Length == 1 ? extents[0] : throw node.Invalid($"a label stands for extents {string.Join(" and ", extents)} of {shape}");
        }

        Shape diagonal = new([.. labels.Select(Extent)]);
        ValueRef view = node.View(term.Value, map => new AffineView(
            diagonal,
            map.Offset,
            [.. labels.Select(label => map.Strides.Where((_, axis) => term.Labels[axis] == label).Sum())]));
        return new Term(view, labels);
    }

    private static Term Summed(NodeImport node, Term term, HashSet<int> others)
    {
        ImmutableArray<int> axes = [.. Enumerable.Range(0, term.Labels.Length).Where(axis => !others.Contains(term.Labels[axis]))];
        if (axes.IsEmpty)
        {
            return term;
        }

        (ValueRef moved, _) = Reductions.MoveLast(node, term.Value, axes, keep: false);
        return new Term(node.Add(new Reduce(Reduction.Sum, axes.Length), moved), [.. term.Labels.Where(others.Contains)]);
    }

    private static Term Multiplied(NodeImport node, Term a, Term b)
    {
        ImmutableArray<int> labels = [.. a.Labels.Union(b.Labels)];
        return new Term(node.Broadcast(Mul.Instance, Laid(node, a, labels), Laid(node, b, labels)), labels);
    }

    // Axes that both keep are the batch; K is what is contracted, flattened in order of first appearance.
    private static Term Contracted(NodeImport node, Term a, Term b, ImmutableArray<int> shared, ImmutableArray<int> contracted)
    {
        ImmutableArray<int> batch = [.. shared.Except(contracted)];
        ImmutableArray<int> m = [.. a.Labels.Except(shared)];
        ImmutableArray<int> n = [.. b.Labels.Except(shared)];
        Dictionary<int, long> extents = shared.ToDictionary(label => label, label => Math.Max(a.Extent(node, label), b.Extent(node, label)));
        ValueRef Rows(Term term, ImmutableArray<int> own)
        {
            ImmutableArray<int> order = [.. batch, .. own, .. contracted];
            Shape whole = new([.. order.Select(label => extents.TryGetValue(label, out long extent) ? extent : term.Extent(node, label))]);
            int first = batch.Length + own.Length;
            return node.Reshape(
                node.Expand(Laid(node, term, order), whole),
                [.. whole.Extents[..batch.Length], whole.Product(batch.Length, first), whole.Product(first, whole.Rank)]);
        }

        ValueRef product = node.Add(Dot.Plain, Rows(a, m), Rows(b, n));
        Shape result = new(
        [
            .. batch.Select(label => extents[label]),
            .. m.Select(label => a.Extent(node, label)),
            .. n.Select(label => b.Extent(node, label)),
        ]);
        return new Term(node.Reshape(product, result), [.. batch, .. m, .. n]);
    }

    // The axes in the order of labels, of extent 1 for those that the term does not have.
    private static ValueRef Laid(NodeImport node, Term term, ImmutableArray<int> labels)
    {
        ImmutableArray<int> own = [.. labels.Where(term.Labels.Contains)];
        ValueRef ordered = node.Transpose(term.Value, [.. own.Select(term.Labels.IndexOf)]);
        return own.Length == labels.Length
            ? ordered
            : node.Reshape(ordered, new Shape([.. labels.Select(label => own.Contains(label) ? term.Extent(node, label) : 1)]));
    }

    // A value and the label of each of its axes.
    private sealed record Term(ValueRef Value, ImmutableArray<int> Labels)
    {
        internal long Extent(NodeImport node, int label) => node.Shape(Value)[Labels.IndexOf(label)];
    }

    /// <summary>An equation: a label is a letter, or below 0 an axis of the ellipsis, −1 the last one.</summary>
    private sealed record Equation(ImmutableArray<ImmutableArray<int>> Inputs, ImmutableArray<int> Output)
    {
        /// <summary>All labels in the order in which they stand first.</summary>
        internal ImmutableArray<int> Appearance => [.. Inputs.SelectMany(labels => labels).Distinct()];

        internal static Equation Parse(NodeImport node, string equation, ImmutableArray<ValueRef> operands)
        {
            string[] sides = string.Concat(equation.Where(letter => letter != ' ')).Split("->");
            string[] inputs = sides[0].Split(',');
            if (sides.Length > 2 || inputs.Length != operands.Length)
            {
                throw node.Invalid($"'{equation}' is not an equation of {operands.Length} operands");
            }

            ImmutableArray<ImmutableArray<int>> labels = [.. inputs.Select((input, i) => Read(node, input, node.Shape(operands[i]).Rank))];
            int[] rest = [.. labels.SelectMany(input => input).Where(label => label < 0).Distinct().Order()];
            int[] all = [.. labels.SelectMany(input => input)];
            ImmutableArray<int> output = sides.Length == 2
                ? Read(node, sides[1], sides[1].Contains("...", StringComparison.Ordinal) ? sides[1].Length - 3 + rest.Length : sides[1].Length)
                : [.. rest, .. all.Where(label => label >= 0 && all.Count(other => other == label) == 1).Order()];
            if (output.Distinct().Count() != output.Length || output.Except(all).Any())
            {
                throw node.Invalid($"'{equation}' has a result with labels that stand twice or nowhere");
            }

            foreach (int label in all.Distinct())
            {
                long[] extents = [.. labels.SelectMany((input, i) => input.Select((other, axis) => (other, Extent: node.Shape(operands[i])[axis])))
                    .Where(axis => axis.other == label && axis.Extent != 1).Select(axis => axis.Extent).Distinct()];
                if (extents.Length > 1)
                {
                    throw node.Invalid($"a label of '{equation}' stands for extents {string.Join(" and ", extents)}");
                }
            }

            return new Equation(labels, output);
        }

        private static ImmutableArray<int> Read(NodeImport node, string term, int rank)
        {
            int dots = term.IndexOf("...", StringComparison.Ordinal);
            string before = dots < 0 ? term : term[..dots];
            string after = dots < 0 ? string.Empty : term[(dots + 3)..];
            int rest = rank - before.Length - after.Length;
            return rest >= 0 && (dots >= 0 || rest == 0) && (before + after).All(char.IsAsciiLetter)
                ? [.. before.Select(letter => (int)letter), .. Enumerable.Range(-rest, rest), .. after.Select(letter => (int)letter)]
                : throw node.Invalid($"'{term}' does not label {rank} axes");
        }
    }
}
