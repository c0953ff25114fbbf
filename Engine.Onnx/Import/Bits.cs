using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators on bits.</summary>
internal static class Bits
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("BitShift", (2, 2), Shift, OneOf("direction", "LEFT", "RIGHT") with { IsRequired = true }) { Since = 11 },
        new("BitwiseAnd", (2, 2), node => Bitwise(node, And.Instance)) { Since = 18 },
        new("BitwiseOr", (2, 2), node => Bitwise(node, Or.Instance)) { Since = 18 },
        new("BitwiseXor", (2, 2), node => Bitwise(node, Xor.Instance)) { Since = 18 },
        new("BitwiseNot", (1, 1), node => node.Add(Not.Instance, Integers(node, node.Input(0)))) { Since = 18 },
        new("BitCast", (1, 1), Recast, ElementType("to") with { IsRequired = true }) { Since = 26 },
    ];

    private static ValueRef Shift(NodeImport node)
        => node.Broadcast(new BitShift(node.Attributes.Text("direction", "LEFT") == "LEFT"), node.Input(0), node.Input(1));

    private static ValueRef Bitwise(NodeImport node, Op op)
        => node.Broadcast(op, Integers(node, node.Input(0)), Integers(node, node.Input(1)));

    private static ValueRef Integers(NodeImport node, ValueRef value)
        => node.DType(value).IsInteger() ? value : throw node.Invalid($"{node.Type(value)} has no integers");

    private static ValueRef Recast(NodeImport node)
    {
        DType to = (DType)node.Attributes.Int("to", 0);
        ValueRef x = node.Input(0);
        return node.DType(x) == to ? x : node.Add(new BitCast(to), x);
    }
}
