using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Finds the values that shapes and branches depend on, from parameters and graph inputs. For a statement by the ops' definitions,
/// within bounds that are counted, and never from activations, so that everybody comes to the same refusal; for a plain run on a backend,
/// whatever it takes.</summary>
/// <param name="builder">The graph so far.</param>
/// <param name="inputs">Value of each graph input.</param>
/// <param name="backend">What computes them for a plain run; null for a statement.</param>
/// <param name="cancellation">Ends a plain run.</param>
internal sealed class ConstantFolder(GraphBuilder builder, IReadOnlyList<Tensor> inputs, IBackend? backend, CancellationToken cancellation)
{
    private readonly Dictionary<int, ImmutableArray<Tensor>> _known = [];
    private readonly List<ImmutableArray<Origin>> _origins = [];
    private long _work = OnnxLimits.FoldWork;

    /// <summary>The graph inputs whose values were needed.</summary>
    internal SortedSet<int> Demanded { get; } = [];

    /// <summary>The value.</summary>
    /// <param name="value">Which.</param>
    /// <param name="who">The node that asks.</param>
    /// <param name="furthest">What it may follow from at most, for a statement.</param>
    /// <exception cref="NodeRefusal">A statement does not know it: it follows from other things, or is too much work; or it does not fit memory.</exception>
    internal Tensor Evaluate(ValueRef value, string who, Origin furthest = Origin.Inputs)
    {
        TensorType type = builder.TypeOf(value);
        if (backend is null && OriginOf(value) > furthest)
        {
            throw NodeRefusal.NotCommittable(furthest == Origin.Model
                ? $"{who}: elements of the model's inputs decide how large its result is"
                : $"{who}: a shape or a branch depends on an activation, {Named(builder.Resolve(value).Source)}");
        }

        if (backend is null && type.Elements > OnnxLimits.FoldElements)
        {
            throw NodeRefusal.NotCommittable($"{who}: the value {type} that a shape or a branch depends on has more than {OnnxLimits.FoldElements} elements");
        }

        CheckFits(type, who);
        Stack<int> waiting = new();
        Push(value, waiting);
        while (waiting.TryPeek(out int index))
        {
            Node node = builder.NodeAt(index);
            int before = waiting.Count;
            foreach (ValueRef input in node.Inputs)
            {
                Push(input, waiting);
            }

            if (waiting.Count > before)
            {
                continue;
            }

            waiting.Pop();
            if (!_known.ContainsKey(index))
            {
                _known[index] = backend is null ? Define(node, who) : Run(node, backend, who);
            }
        }

        return backend is null ? Known(value) : OperandOf(value).ToTensor();
    }

    /// <summary>Counts work, which for a statement has an end.</summary>
    /// <exception cref="NodeRefusal">It is too much for a statement.</exception>
    internal void Spend(long work, string who)
    {
        cancellation.ThrowIfCancellationRequested();
        if (backend is null && work > _work)
        {
            throw NodeRefusal.NotCommittable($"{who}: a shape depends on values that are more work than is done for a statement");
        }

        _work -= backend is null ? work : 0;
    }

    // Nodes refer to earlier ones only, so each is looked at once.
    private Origin OriginOf(ValueRef value)
    {
        while (_origins.Count < builder.NodeCount)
        {
            Node node = builder.NodeAt(_origins.Count);
            Origin furthest = Origin.Model;
            bool readsReals = false;
            foreach (ValueRef input in node.Inputs)
            {
                Origin origin = Given(input);
                furthest = origin > furthest ? origin : furthest;
                readsReals |= origin == Origin.Inputs && builder.TypeOf(input).DType.IsReal();
            }

            bool computes = furthest == Origin.Inputs && node.Op is not View;
            _origins.Add([.. node.Outputs.Select(type => computes && (readsReals || type.DType.IsReal()) ? Origin.Activations : furthest)]);
        }

        return Given(value);
    }

    private string Named(ValueRef value)
        => $"the value of '{builder.NodeAt(value.Index).Name}' ({builder.NodeAt(value.Index).Op.Name})";

    private Origin Given(ValueRef value) => value.Kind switch
    {
        ValueKind.Node => _origins[value.Index][value.Slot],
        ValueKind.Input => Origin.Inputs,
        _ => Origin.Model,
    };

    private static void CheckFits(TensorType type, string who)
    {
        if (type.Bytes > Limits.TensorBytes)
        {
            throw NodeRefusal.Unsupported($"{who}: the value {type} that a shape or a branch depends on is larger than {Limits.TensorBytes} bytes");
        }
    }

    private ImmutableArray<Tensor> Define(Node node, string who)
    {
        TensorType[] types = [.. node.Inputs.Select(builder.TypeOf)];
        for (int output = 0; output < node.Outputs.Length; output++)
        {
            long elements = node.Outputs[output].Elements;
            Footprint element = Footprint.Element(node.Outputs[output].Shape);
            long reads = node.Op.Footprints(types, output, element).Max(footprint => footprint.Elements);
            Int128 work = (Int128)elements * Math.Max(1, reads);
            if (elements > OnnxLimits.FoldElements || work > _work)
            {
                throw NodeRefusal.NotCommittable(
                    $"{who}: a shape or a branch depends on the value of '{node.Name}' ({node.Op.Name}), which is more work than is done for a statement");
            }

            _work -= (long)work;
        }

        return ReferenceBackend.Evaluate(node.Op, [.. node.Inputs.Select(Known)]);
    }

    private ImmutableArray<Tensor> Run(Node node, IBackend runner, string who)
    {
        foreach (ValueRef input in node.Inputs)
        {
            CheckFits(builder.TypeOf(input), who);
        }

        ImmutableArray<byte[]> bytes = [.. node.Outputs.Select(type => new byte[type.Bytes])];
        runner.Run(new NodeCall(node, [.. node.Inputs.Select(OperandOf)], [.. bytes.Select(buffer => buffer.AsMemory())]), cancellation);
        return [.. node.Outputs.Select((type, output) => new Tensor(type, bytes[output]))];
    }

    // For a plain run views are looked through, not computed.
    private void Push(ValueRef value, Stack<int> waiting)
    {
        ValueRef needed = backend is null ? value : builder.Resolve(value).Source;
        if (needed.Kind == ValueKind.Node && !_known.ContainsKey(needed.Index))
        {
            waiting.Push(needed.Index);
        }
    }

    private Operand OperandOf(ValueRef value)
    {
        (ValueRef source, AffineView map) = builder.Resolve(value);
        Tensor known = Known(source);
        return new Operand(builder.TypeOf(value), known.Bytes, map, source.Kind == ValueKind.Parameter ? known : null);
    }

    private Tensor Known(ValueRef value)
    {
        switch (value.Kind)
        {
            case ValueKind.Node:
                return _known[value.Index][value.Slot];
            case ValueKind.Parameter:
                return builder.ParameterValue(value.Index);
            default:
                Demanded.Add(value.Index);
                return inputs[value.Index];
        }
    }
}
