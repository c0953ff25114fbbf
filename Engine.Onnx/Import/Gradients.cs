using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;


namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>The operator Gradient: the part of the graph between some values and one made of them, differentiated backwards. The result is
/// ordinary ops, in an order that is stated: from the last node to the first, what flows back to a value is added up in that order.</summary>
internal static class Gradients
{
    private const string Name = "ai.onnx.preview.training.Gradient";

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new(
            Name,
            (1, int.MaxValue),
            int.MaxValue,
            Lower,
            new AttributeRule("xs", AttributeKind.Texts) { IsRequired = true },
            new AttributeRule("zs", AttributeKind.Texts),
            new AttributeRule("y", AttributeKind.Text) { IsRequired = true })
        {
            Since = 1,
        },
    ];

    /// <summary>Names of values that a node needs beside its operands.</summary>
    internal static IEnumerable<string> Named(OnnxNode node) => node.Op.Name == Name
        ? [.. Names(node.Attributes, "xs"), .. Names(node.Attributes, "zs"), node.Attributes.Text("y", string.Empty)]
        : [];

    private static ImmutableArray<string> Names(OnnxAttributes attributes, string attribute) => attributes.Texts(attribute) ?? [];

    private static ImmutableArray<ValueRef> Lower(NodeImport node)
    {
        ImmutableArray<string> xs = Names(node.Attributes, "xs");
        ImmutableArray<string> named = [.. xs, .. Names(node.Attributes, "zs")];
        if (node.Count != named.Length || node.Outputs > xs.Length)
        {
            throw node.Invalid($"{node.Count} inputs and {node.Outputs} outputs for {named.Length} and {xs.Length} names");
        }

        ValueRef Find(string name) => node.Named(name) ?? throw node.Invalid($"no value '{name}' comes before it");
        ValueRef y = Find(node.Attributes.Text("y", string.Empty));
        Dictionary<ValueRef, ValueRef> given = [];
        for (int i = 0; i < named.Length; i++)
        {
            ValueRef original = Find(named[i]);
            if (node.Type(node.Input(i)) != node.Type(original) || node.IsView(original))
            {
                throw node.Unsupported($"'{named[i]}' is a view of another value, or is given as another type");
            }

            given[original] = node.Input(i);
        }

        if (given.Any(pair => pair.Key != pair.Value))
        {
            y = Again(node, y, given);
        }

        Dictionary<ValueRef, ValueRef> gradients = Backwards(node, y, [.. xs.Select(name => given[Find(name)])]);
        return
        [
            .. xs.Select(name => given[Find(name)]).Select(x => gradients.TryGetValue(x, out ValueRef gradient)
                ? gradient
                : node.Expand(node.Scalar(node.DType(x), 0), node.Shape(x))),
        ];
    }

    // y made again of other values.
    private static ValueRef Again(NodeImport node, ValueRef y, Dictionary<ValueRef, ValueRef> given)
    {
        Dictionary<ValueRef, ValueRef> known = given.ToDictionary(
            pair => pair.Key, pair => node.IsView(pair.Value) ? node.Add(Copy.Instance, pair.Value) : pair.Value);
        for (int index = 0; index <= (y.Kind == ValueKind.Node ? y.Index : -1); index++)
        {
            Node old = node.NodeAt(index);
            if (!old.Inputs.Any(known.ContainsKey))
            {
                continue;
            }

            ImmutableArray<ValueRef> results = node.AddMany(old.Op, [.. old.Inputs.Select(input => known.GetValueOrDefault(input, input))]);
            for (int slot = 0; slot < results.Length; slot++)
            {
                known.TryAdd(new ValueRef(ValueKind.Node, index, slot), results[slot]);
            }
        }

        return known.GetValueOrDefault(y, y);
    }

    private static Dictionary<ValueRef, ValueRef> Backwards(NodeImport node, ValueRef y, ImmutableArray<ValueRef> xs)
    {
        int last = y.Kind == ValueKind.Node ? y.Index : -1;
        HashSet<ValueRef> depends = [.. xs];
        for (int index = 0; index <= last; index++)
        {
            Node made = node.NodeAt(index);
            if (made.Inputs.Any(depends.Contains))
            {
                depends.UnionWith(Enumerable.Range(0, made.Outputs.Length).Select(slot => new ValueRef(ValueKind.Node, index, slot)));
            }
        }

        if (!node.DType(y).IsReal())
        {
            throw node.Invalid($"y is {node.Type(y)}");
        }

        Dictionary<ValueRef, ValueRef> gradients = new() { [y] = node.Expand(node.Scalar(node.DType(y), 1), node.Shape(y)) };
        for (int index = last; index >= 0; index--)
        {
            ValueRef output = new(ValueKind.Node, index, 0);
            Node made = node.NodeAt(index);
            if (xs.Contains(output) || !made.Inputs.Any(depends.Contains))
            {
                continue;
            }

            if (Enumerable.Range(1, made.Outputs.Length - 1).Any(slot => gradients.ContainsKey(output with { Slot = slot })))
            {
                throw node.Unsupported($"a second output of '{made.Name}' ({made.Op.Name}) has no derivative");
            }

            if (!gradients.TryGetValue(output, out ValueRef gradient))
            {
                continue;
            }

            GradientRule rule = new(node, made, output, gradient);
            for (int slot = 0; slot < made.Inputs.Length; slot++)
            {
                ValueRef input = made.Inputs[slot];
                if (depends.Contains(input) && node.DType(input).IsReal() && rule.Of(slot) is ValueRef part)
                {
                    gradients[input] = gradients.TryGetValue(input, out ValueRef before) ? node.Add(Ops.Add.Instance, before, part) : part;
                }
            }
        }

        return gradients;
    }
}
