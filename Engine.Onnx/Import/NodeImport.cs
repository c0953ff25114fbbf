using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>What the lowering of one node sees: its operands, attributes and opset, and the graph that grows.</summary>
/// <param name="node">The node.</param>
/// <param name="operands">Its operands; null where one is left out.</param>
/// <param name="builder">The graph.</param>
/// <param name="folder">Finds values that shapes need.</param>
internal sealed class NodeImport(OnnxNode node, ImmutableArray<ValueRef?> operands, GraphBuilder builder, ConstantFolder folder)
{
    /// <summary>Opset in force.</summary>
    internal long Version => node.Version;

    internal OnnxAttributes Attributes => node.Attributes;

    /// <summary>Number of operands, those left out in between included.</summary>
    internal int Count => operands.Length;

    /// <summary>Number of outputs, those not wanted in between included.</summary>
    internal int Outputs => node.Outputs.Length;

    /// <summary>Name of the first result that is wanted, after the node's place in unrolled bodies; no other node's results have it.</summary>
    internal string Result => node.Path + node.Outputs.First(output => output.Length > 0);

    internal bool Has(int index) => index < operands.Length && operands[index] is not null;

    internal bool Wants(int output) => output < node.Outputs.Length && node.Outputs[output].Length > 0;

    internal ValueRef Input(int index)
        => index < operands.Length && operands[index] is ValueRef value ? value : throw Invalid($"input {index} is missing");

    internal ValueRef? Optional(int index) => index < operands.Length ? operands[index] : null;

    /// <summary>All operands; none may be left out.</summary>
    internal ImmutableArray<ValueRef> All() => [.. Enumerable.Range(0, operands.Length).Select(Input)];

    internal TensorType Type(ValueRef value) => builder.TypeOf(value);

    internal DType DType(ValueRef value) => builder.TypeOf(value).DType;

    internal Shape Shape(ValueRef value) => builder.TypeOf(value).Shape;

    internal NodeRefusal Invalid(string defect) => NodeRefusal.Invalid($"{node.Who}: {defect}");

    internal NodeRefusal Unsupported(string defect) => NodeRefusal.Unsupported($"{node.Who}: {defect}");

    /// <summary>The value of an operand that a shape depends on.</summary>
    internal Tensor Value(int index) => Value(Input(index));

    /// <summary>A value that a shape or a branch depends on.</summary>
    internal Tensor Value(ValueRef value) => folder.Evaluate(value, node.Who);

    /// <summary>Counts work on values that a shape depends on, before it is done.</summary>
    internal void Spend(long work) => folder.Spend(work, node.Who);

    /// <summary>The value of an operand that decides how large a result is, element by element: a statement knows it from the model alone.</summary>
    internal Tensor Deciding(int index) => folder.Evaluate(Input(index), node.Who, Origin.Model);

    /// <summary>The value if it is a parameter of the model.</summary>
    internal Tensor? Parameter(ValueRef value) => value.Kind == ValueKind.Parameter ? builder.ParameterValue(value.Index) : null;

    /// <summary>The elements of an integer operand that a shape depends on.</summary>
    internal ImmutableArray<long> Integers(int index)
    {
        Tensor value = Value(index);
        if (!value.Type.DType.IsInteger())
        {
            throw Invalid($"input {index} is {value.Type}, not integers");
        }

        long[] elements = new long[value.Type.Elements];
        new TensorReader([value]).Load<long>(0, 0, elements);
        return [.. elements];
    }

    /// <summary>The one element of an integer operand that a shape depends on.</summary>
    internal long Integer(int index)
    {
        ImmutableArray<long> elements = Integers(index);
        return elements.Length == 1 ? elements[0] : throw Invalid($"input {index} has {elements.Length} elements, not one");
    }

    /// <summary>The one element of a number operand that a shape depends on, as f64.</summary>
    internal double Real(int index)
    {
        Tensor value = Value(index);
        return value.Type.Elements == 1
            ? ReferenceBackend.Evaluate(new Cast(Tensors.DType.F64), value)[0].As<double>()[0]
            : throw Invalid($"input {index} has {value.Type.Elements} elements, not one");
    }

    /// <summary>Integers that were an attribute up to an opset and are an operand since; null when neither is there.</summary>
    internal ImmutableArray<long>? Integers(string attribute, int index) => Has(index) ? Integers(index) : Attributes.Ints(attribute);

    /// <summary>An axis counted from the front.</summary>
    internal int Axis(long axis, int rank)
        => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Invalid($"axis {axis} of rank {rank}");

    /// <summary>Axes counted from the front, ascending, each once.</summary>
    internal ImmutableArray<int> Axes(IEnumerable<long> axes, int rank)
    {
        SortedSet<int> seen = [];
        foreach (long axis in axes)
        {
            if (!seen.Add(Axis(axis, rank)))
            {
                throw Invalid($"axis {axis} occurs twice");
            }
        }

        return [.. seen];
    }

    /// <summary>Finds a value that comes before the node by its name in the model.</summary>
    internal Func<string, ValueRef?> Named { get; init; } = _ => null;

    /// <summary>A node of the graph so far.</summary>
    internal Node NodeAt(int index) => builder.NodeAt(index);

    /// <summary>Whether the value's elements are another's.</summary>
    internal bool IsView(ValueRef value) => builder.Resolve(value).Source != value;

    internal ValueRef Add(Op op, params ReadOnlySpan<ValueRef> inputs) => builder.Add(node.Name, op, inputs);

    internal ImmutableArray<ValueRef> AddMany(Op op, params ReadOnlySpan<ValueRef> inputs) => builder.AddMany(node.Name, op, inputs);

    internal ValueRef Literal(Tensor value) => builder.Parameter(node.Name, value);

    internal ValueRef Reshape(ValueRef value, Shape shape) => builder.Reshape(node.Name, value, shape);

    internal ValueRef Reshape(ValueRef value, params ReadOnlySpan<long> extents) => builder.Reshape(node.Name, value, new Shape(extents));

    /// <summary>The same elements in another shape, only if that is a view.</summary>
    internal ValueRef? TryReshape(ValueRef value, Shape shape)
        => builder.Resolve(value).Map.TryReshape(shape, out AffineView? map) ? builder.View(node.Name, value, _ => map) : null;

    internal ValueRef Expand(ValueRef value, Shape shape) => builder.Expand(node.Name, value, shape);

    internal ValueRef Transpose(ValueRef value, params ImmutableArray<int> order)
        => order.SequenceEqual(Enumerable.Range(0, order.Length)) ? value : builder.Transpose(node.Name, value, order);

    /// <summary>The value with its last two axes exchanged.</summary>
    internal ValueRef SwapLast(ValueRef value)
    {
        int rank = Shape(value).Rank;
        return Transpose(value, [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2]);
    }

    internal ValueRef Slice(ValueRef value, int axis, long start, long step, long count)
        => builder.View(node.Name, value, map => map.Slice(axis, start, step, count));

    internal ValueRef Cast(ValueRef value, DType type) => DType(value) == type ? value : Add(new Cast(type), value);

    /// <summary>An op on operands that are first broadcast to one shape.</summary>
    internal ValueRef Broadcast(Op op, params ReadOnlySpan<ValueRef> inputs)
    {
        Shape shape = Shape(inputs[0]);
        foreach (ValueRef input in inputs[1..])
        {
            shape = Tensors.Shape.Broadcast(shape, Shape(input));
        }

        ValueRef[] expanded = new ValueRef[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            expanded[i] = Expand(inputs[i], shape);
        }

        return Add(op, expanded);
    }

    /// <summary>The number of elements of a table that is to be computed, refused before it takes memory.</summary>
    internal int Table(Int128 elements)
        => elements <= OnnxLimits.TableElements
            ? (int)elements
            : throw Unsupported($"a table of {elements} elements is above the limit of {OnnxLimits.TableElements}");

    /// <summary>A scalar literal; the value is rounded once to the type.</summary>
    internal ValueRef Scalar(DType type, double value) => Literal(Scalars.Of(type, value));

    /// <summary>A view of a value by a change of its current map.</summary>
    internal ValueRef View(ValueRef value, Func<AffineView, AffineView> change) => builder.View(node.Name, value, change);

    /// <summary>An i64 scalar literal.</summary>
    internal ValueRef Number(long value) => Literal(Scalars.Of(Tensors.DType.I64, value));

    /// <summary>Values one after the other along an axis, many of them by steps, so that no record has too many operands.</summary>
    internal ValueRef Join(int axis, params IReadOnlyList<ValueRef> parts)
    {
        const int Most = 1024;
        while (parts.Count > 1)
        {
            parts = [.. parts.Chunk(Most).Select(some => some.Length == 1 ? some[0] : Add(new Concat(axis), some))];
        }

        return parts[0];
    }

    /// <summary>The i64 vector 0, 1, … count − 1.</summary>
    internal ValueRef Counting(long count) => Add(new Ops.Range(count), Number(0), Number(1));
}
