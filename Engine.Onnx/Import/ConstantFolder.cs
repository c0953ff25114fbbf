using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Finds the values that shape rules need, by the ops' own definitions, from parameters and graph inputs.</summary>
/// <param name="builder">The graph so far.</param>
/// <param name="inputs">Value of each graph input.</param>
internal sealed class ConstantFolder(GraphBuilder builder, IReadOnlyList<Tensor> inputs)
{
    private readonly Dictionary<int, ImmutableArray<Tensor>> _known = [];
    private long _work = OnnxLimits.FoldWork;

    /// <summary>The graph inputs whose values were needed.</summary>
    internal SortedSet<int> Demanded { get; } = [];

    /// <summary>The value; null with the reason when it is too much work.</summary>
    internal Tensor? Evaluate(ValueRef value, out string reason)
    {
        reason = string.Empty;
        TensorType type = builder.TypeOf(value);
        if (type.Elements > OnnxLimits.FoldElements)
        {
            reason = $"the value {type} that a shape depends on has more than {OnnxLimits.FoldElements} elements";
            return null;
        }

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
                if (Refusal(node) is string refusal)
                {
                    reason = refusal;
                    return null;
                }

                _known[index] = ReferenceBackend.Evaluate(node.Op, [.. node.Inputs.Select(Known)]);
            }
        }

        return Known(value);
    }

    private string? Refusal(Node node)
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
                return $"a shape depends on the value of '{node.Name}' ({node.Op.Name}), which is more work than is done for a shape";
            }

            _work -= (long)work;
        }

        return null;
    }

    private void Push(ValueRef value, Stack<int> waiting)
    {
        if (value.Kind == ValueKind.Node && !_known.ContainsKey(value.Index))
        {
            waiting.Push(value.Index);
        }
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
