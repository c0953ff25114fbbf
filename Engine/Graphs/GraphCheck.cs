using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Graphs;

/// <summary>Everything that must hold for a graph, checked in one pass; one message for each defect.</summary>
internal sealed class GraphCheck
{
    private readonly List<string> _defects = [];
    private readonly ImmutableArray<GraphInput> _inputs;
    private readonly ImmutableArray<GraphParameter> _parameters;
    private readonly ImmutableArray<Node> _nodes;

    private GraphCheck(
        ImmutableArray<GraphInput> inputs, ImmutableArray<GraphParameter> parameters, ImmutableArray<Node> nodes)
    {
        _inputs = inputs;
        _parameters = parameters;
        _nodes = nodes;
    }

    internal static ImmutableArray<string> Defects(
        ImmutableArray<GraphInput> inputs,
        ImmutableArray<GraphParameter> parameters,
        ImmutableArray<Node> nodes,
        ImmutableArray<GraphOutput> outputs)
    {
        GraphCheck check = new(inputs, parameters, nodes);
        check.Sizes(outputs);
        if (check._defects.Count == 0)
        {
            check.Names(inputs.Select(input => input.Name), "input");
            check.Inputs();
            check.Names(outputs.Select(output => output.Name), "output");
            check.Nodes();
            check.Outputs(outputs);
        }

        return [.. check._defects];
    }

    private void Sizes(ImmutableArray<GraphOutput> outputs)
    {
        if (_nodes.Length > Limits.Nodes)
        {
            _defects.Add($"{_nodes.Length} nodes are above the limit of {Limits.Nodes}");
        }

        if (_inputs.Length > Limits.Values || _parameters.Length > Limits.Values || outputs.Length > Limits.Values)
        {
            _defects.Add($"more inputs, parameters or outputs than the limit of {Limits.Values}");
        }

        if (outputs.IsEmpty)
        {
            _defects.Add("the graph has no output");
        }
    }

    private void Names(IEnumerable<string> names, string what)
    {
        HashSet<string> seen = [];
        foreach (string name in names)
        {
            if (Encoding.UTF8.GetByteCount(name) > Limits.NameBytes)
            {
                _defects.Add($"the name of an {what} is longer than {Limits.NameBytes} bytes");
            }

            if (!seen.Add(name))
            {
                _defects.Add($"{what} '{name}' occurs twice");
            }
        }
    }

    private void Inputs()
    {
        foreach (GraphInput input in _inputs)
        {
            Stored(input.Type, $"input '{input.Name}'");
        }
    }

    // What is stored, or laid out to be read, must fit in one array. A view alone may be larger.
    private void Stored(TensorType type, string who)
    {
        if (!type.DType.IsKnown())
        {
            _defects.Add($"{who}: {(int)type.DType} is no element type");
        }
        else if (type.Bytes > Limits.TensorBytes)
        {
            _defects.Add($"{who}: {type} is larger than the limit of {Limits.TensorBytes} bytes");
        }
    }

    private void Nodes()
    {
        for (int index = 0; index < _nodes.Length; index++)
        {
            Node node = _nodes[index];
            string who = $"node {index} '{node.Name}' ({node.Op.Name})";
            if (node.Inputs.Length > Limits.Values)
            {
                _defects.Add($"{who}: {node.Inputs.Length} inputs are above the limit of {Limits.Values}");
                continue;
            }

            string? broken = node.Inputs.Select(input => Broken(input, index)).FirstOrDefault(text => text is not null);
            if (broken is not null)
            {
                _defects.Add($"{who}: {broken}");
                continue;
            }

            if (node.Op is View && IsView(node.Inputs.FirstOrDefault()))
            {
                _defects.Add($"{who}: a view refers to a view; maps are composed");
                continue;
            }

            if (!Types(node, who) || node.Op is View)
            {
                continue;
            }

            foreach (TensorType type in node.Inputs.Select(TypeOf).Concat(node.Outputs))
            {
                Stored(type, who);
            }
        }
    }

    private bool Types(Node node, string who)
    {
        try
        {
            ImmutableArray<TensorType> inferred = node.Op.Infer([.. node.Inputs.Select(TypeOf)]);
            if (inferred.SequenceEqual(node.Outputs))
            {
                return true;
            }

            _defects.Add($"{who}: its outputs are {string.Join(", ", inferred)}, not {string.Join(", ", node.Outputs)}");
        }
        catch (ArgumentException refusal)
        {
            _defects.Add($"{who}: {refusal.Message}");
        }

        return false;
    }

    private void Outputs(ImmutableArray<GraphOutput> outputs)
    {
        foreach (GraphOutput output in outputs)
        {
            if (Broken(output.Value, _nodes.Length) is string broken)
            {
                _defects.Add($"output '{output.Name}': {broken}");
            }
            else
            {
                Stored(TypeOf(output.Value), $"output '{output.Name}'");
            }
        }
    }

    private bool IsView(ValueRef value) => value.Kind == ValueKind.Node && _nodes[value.Index].Op is View;

    private string? Broken(ValueRef value, int before)
    {
        (int count, int slots) = value.Kind switch
        {
            ValueKind.Node => (before, value.Index >= 0 && value.Index < before ? _nodes[value.Index].Outputs.Length : 1),
            ValueKind.Parameter => (_parameters.Length, 1),
            ValueKind.Input => (_inputs.Length, 1),
            _ => (0, 1),
        };
        return value.Index < 0 || value.Index >= count || value.Slot < 0 || value.Slot >= slots
            ? $"refers to {value.Kind} {value.Index} slot {value.Slot}, which is not there or not earlier"
            : null;
    }

    private TensorType TypeOf(ValueRef value) => value.Kind switch
    {
        ValueKind.Node => _nodes[value.Index].Outputs[value.Slot],
        ValueKind.Parameter => _parameters[value.Index].Value.Type,
        _ => _inputs[value.Index].Type,
    };
}
