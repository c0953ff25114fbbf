using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Sequences and optionals: lists that are known while the graph is made, of which nothing remains in it.</summary>
internal static class Sequences
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        OnnxOp.Resolved("SequenceEmpty", (0, 0), 1, _ => [new Item.Sequence([])], ElementType("dtype")) with { Since = 11 },
        OnnxOp.Resolved("SequenceConstruct", (1, int.MaxValue), 1, Construct) with { Since = 11 },
        OnnxOp.Resolved("SequenceInsert", (2, 3), 1, Insert) with { Since = 11 },
        OnnxOp.Resolved("SequenceErase", (1, 2), 1, Erase) with { Since = 11 },
        OnnxOp.Resolved("SequenceAt", (2, 2), 1, At) with { Since = 11 },
        OnnxOp.Resolved("SequenceLength", (1, 1), 1, flow => [flow.Index(flow.Sequence(0).Count)]) with { Since = 11 },
        OnnxOp.Resolved("SequenceMap", (1, int.MaxValue), int.MaxValue, Map, Graph("body")) with { Since = 17 },
        OnnxOp.Resolved("SplitToSequence", (1, 2), 1, Split, Int("axis"), Int("keepdims")) with { Since = 11 },
        OnnxOp.Resolved("ConcatFromSequence", (1, 1), 1, Concat, Int("axis") with { IsRequired = true }, Int("new_axis")) with { Since = 11 },
        OnnxOp.Resolved("Optional", (0, 1), 1, flow => [flow.Optional(0)], new AttributeRule("type", AttributeKind.Type)) with { Since = 15 },
        OnnxOp.Resolved("OptionalHasElement", (0, 1), 1, HasElement) with { Since = 15 },
        OnnxOp.Resolved("OptionalGetElement", (1, 1), 1, GetElement) with { Since = 15 },
    ];

    private static ImmutableArray<Item>? Construct(FlowImport flow)
        => [Of(flow, [.. Enumerable.Range(0, flow.Count).Select(flow.Tensor)])];

    private static ImmutableArray<Item>? Insert(FlowImport flow)
    {
        ImmutableList<ValueRef> elements = flow.Sequence(0);
        int at = flow.Has(2) ? Position(flow, 2, elements.Count, isEnd: true) : elements.Count;
        ValueRef element = flow.Tensor(1);
        return elements.IsEmpty || flow.Node.DType(elements[0]) == flow.Node.DType(element)
            ? [new Item.Sequence(elements.Insert(at, element))]
            : throw flow.Node.Invalid($"{flow.Node.Type(element)} in a sequence of {flow.Node.DType(elements[0]).Name()}");
    }

    private static ImmutableArray<Item>? Erase(FlowImport flow)
    {
        ImmutableList<ValueRef> elements = flow.Sequence(0);
        int at = flow.Has(1) ? Position(flow, 1, elements.Count, isEnd: false) : elements.Count - 1;
        return at >= 0 ? [new Item.Sequence(elements.RemoveAt(at))] : throw flow.Node.Invalid("the sequence is empty");
    }

    private static ImmutableArray<Item>? At(FlowImport flow)
    {
        ImmutableList<ValueRef> elements = flow.Sequence(0);
        return [new Item.Tensor(elements[Position(flow, 1, elements.Count, isEnd: false)])];
    }

    // Every element of the sequences by the body; operands that are tensors are the same each time.
    private static ImmutableArray<Item>? Map(FlowImport flow)
    {
        int count = flow.Sequence(0).Count;
        BodyImport body = flow.Body("body");
        ImmutableList<ValueRef>.Builder[] outputs = [.. Enumerable.Range(0, body.Outputs).Select(_ => ImmutableList.CreateBuilder<ValueRef>())];
        if (outputs.Length < flow.Node.Outputs)
        {
            throw flow.Node.Invalid($"the body has {body.Outputs} outputs, not {flow.Node.Outputs}");
        }

        for (int i = 0; i < count; i++)
        {
            Item Element(int input) => flow.Input(input) switch
            {
                Item.Sequence sequence when sequence.Elements.Count == count => new Item.Tensor(sequence.Elements[i]),
                Item.Sequence sequence => throw flow.Node.Invalid($"sequences of {count} and {sequence.Elements.Count} elements"),
                Item other => other,
            };
            if (body.Run(i, [.. Enumerable.Range(0, flow.Count).Select(Element)]) is not ImmutableArray<Item> results)
            {
                return null;
            }

            for (int output = 0; output < outputs.Length; output++)
            {
                outputs[output].Add(flow.Tensor(results[output], $"output {output} of the body"));
            }
        }

        return [.. outputs.Select(elements => new Item.Sequence(elements.ToImmutable()))];
    }

    // Parts of the given lengths; of one length, the last may be shorter; without lengths, of length 1.
    private static ImmutableArray<Item>? Split(FlowImport flow)
    {
        NodeImport node = flow.Node;
        ValueRef x = flow.Tensor(0);
        int axis = node.Axis(node.Attributes.Int("axis", 0), node.Shape(x).Rank);
        long extent = node.Shape(x)[axis];
        bool isScalar = node.Has(1) && node.Shape(node.Input(1)).Rank == 0;
        ImmutableArray<long> parts = node.Has(1) ? node.Integers(1) : [1];
        if (parts.Any(part => part < 0) || ((isScalar || !node.Has(1)) && parts[0] == 0))
        {
            throw node.Invalid($"parts ({string.Join(',', parts)}) of {extent}");
        }

        ImmutableList<ValueRef>.Builder elements = ImmutableList.CreateBuilder<ValueRef>();
        long start = 0;
        for (int i = 0; isScalar || !node.Has(1) ? start < extent : i < parts.Length; i++)
        {
            if (i >= OnnxLimits.Nodes)
            {
                throw node.Unsupported($"more than {OnnxLimits.Nodes} parts");
            }

            long part = isScalar || !node.Has(1) ? System.Math.Min(parts[0], extent - start) : parts[i];
            if (part > extent - start)
            {
                throw node.Invalid($"parts ({string.Join(',', parts)}) of {extent}");
            }

            ValueRef element = node.Slice(x, axis, start, 1, part);
            elements.Add(node.Has(1) || node.Attributes.Flag("keepdims", true) ? element : node.Reshape(element, Without(node.Shape(element), axis)));
            start += part;
        }

        return start == extent ? [new Item.Sequence(elements.ToImmutable())] : throw node.Invalid($"parts ({string.Join(',', parts)}) of {extent}");
    }

    private static ImmutableArray<Item>? Concat(FlowImport flow)
    {
        NodeImport node = flow.Node;
        ImmutableList<ValueRef> elements = flow.Sequence(0);
        if (elements.IsEmpty)
        {
            throw node.Invalid("the sequence is empty");
        }

        int rank = node.Shape(elements[0]).Rank;
        return node.Attributes.Flag("new_axis")
            ? [new Item.Tensor(Bodies.Stack(node, elements, node.Axis(node.Attributes.Int("axis", 0), rank + 1), "an element"))]
            : [new Item.Tensor(node.Join(node.Axis(node.Attributes.Int("axis", 0), rank), elements))];
    }

    private static ImmutableArray<Item>? HasElement(FlowImport flow)
        => [new Item.Tensor(flow.Node.Literal(Scalars.Of(DType.Bool, flow.Optional(0) is Item.Nothing ? 0L : 1L)))];

    private static ImmutableArray<Item>? GetElement(FlowImport flow)
        => flow.Input(0) is not Item.Nothing ? [flow.Input(0)] : throw flow.Node.Invalid("the optional is empty");

    private static Item.Sequence Of(FlowImport flow, ImmutableList<ValueRef> elements)
    {
        DType type = flow.Node.DType(elements[0]);
        return elements.All(element => flow.Node.DType(element) == type)
            ? new Item.Sequence(elements)
            : throw flow.Node.Invalid("elements of several types");
    }

    // Positions below 0 count from the end.
    private static int Position(FlowImport flow, int input, int count, bool isEnd)
    {
        long given = flow.Node.Integer(input);
        long at = given < 0 ? given + count : given;
        return at >= 0 && (at < count || (at == count && isEnd))
            ? (int)at
            : throw flow.Node.Invalid($"position {given} of a sequence of {count}");
    }

    private static Shape Without(Shape shape, int axis) => new([.. shape.Extents[..axis], .. shape.Extents[(axis + 1)..]]);
}
