using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Makes a graph of a model for concrete inputs.</summary>
internal sealed class Importer
{
    private readonly ModelGraph _model;
    private readonly GraphBuilder _builder = new();
    private readonly DefectList _defects = new();
    private readonly Dictionary<string, ValueRef> _values = [];
    private readonly ConstantFolder _folder;

    private Importer(ModelGraph model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        _model = model;
        List<Tensor> given = [];
        foreach (OnnxValue input in model.Inputs)
        {
            if (inputs.TryGetValue(input.Name, out Tensor? value))
            {
                _values[input.Name] = _builder.Input(input.Name, value.Type);
                given.Add(value);
            }
        }

        foreach ((string name, Tensor value) in model.Initializers)
        {
            if (!_values.ContainsKey(name))
            {
                _values[name] = _builder.Parameter(name, value);
            }
        }

        _folder = new ConstantFolder(_builder, given);
    }

    /// <summary>The graph, and the names of the inputs whose values shaped it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Every required input, and those optional ones that replace their defaults; types already checked.</param>
    /// <exception cref="InvalidModelException">A node's operands do not fit.</exception>
    /// <exception cref="UnsupportedModelException">A node needs something that is not supported.</exception>
    internal static (Graph Graph, ImmutableArray<string> Demanded) Run(ModelGraph model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        Importer importer = new(model, inputs);
        HashSet<string> needed = importer.Needed();
        foreach (OnnxNode node in model.Nodes)
        {
            if (node.Outputs.Any(needed.Contains))
            {
                importer.Add(node);
            }
        }

        return importer.Finish();
    }

    private HashSet<string> Needed()
    {
        HashSet<string> needed = [.. _model.Outputs.Select(output => output.Name)];
        for (int index = _model.Nodes.Length - 1; index >= 0; index--)
        {
            if (_model.Nodes[index].Outputs.Any(needed.Contains))
            {
                needed.UnionWith(_model.Nodes[index].Inputs);
                needed.UnionWith(Gradients.Named(_model.Nodes[index]));
            }
        }

        needed.Remove(string.Empty);
        return needed;
    }

    private void Add(OnnxNode node)
    {
        ImmutableArray<ValueRef?>.Builder operands = ImmutableArray.CreateBuilder<ValueRef?>(node.Inputs.Length);
        foreach (string input in node.Inputs)
        {
            if (input.Length > 0 && !_values.ContainsKey(input))
            {
                // What it needs was refused already.
                return;
            }

            operands.Add(input.Length > 0 ? _values[input] : null);
        }

        try
        {
            ImmutableArray<ValueRef> results = node.Op.Lower(new NodeImport(node, operands.ToImmutable(), _builder, _folder)
            {
                Named = name => _values.TryGetValue(name, out ValueRef value) ? value : null,
            });
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i].Length > 0)
                {
                    _values[node.Outputs[i]] = results[i];
                }
            }
        }
        catch (NodeRefusal refusal) when (!refusal.IsInvalid)
        {
            _defects.Unsupported(refusal.Message);
        }
        catch (NodeRefusal refusal)
        {
            _defects.Invalid(refusal.Message);
        }
        catch (ArgumentException refusal)
        {
            _defects.Invalid($"{node.Who}: {refusal.Message}");
        }
        catch (OverflowException)
        {
            _defects.Invalid($"{node.Who}: an extent does not fit 64 bits");
        }
    }

    private (Graph Graph, ImmutableArray<string> Demanded) Finish()
    {
        foreach (OnnxValue output in _model.Outputs)
        {
            if (_values.TryGetValue(output.Name, out ValueRef value) && output.DType != DType.None
                && _builder.TypeOf(value).DType != output.DType)
            {
                _defects.Invalid(
                    $"output '{output.Name}' is declared {output.DType.Name()} but computed as {_builder.TypeOf(value).DType.Name()}");
            }
        }

        _defects.ThrowIfAny();
        Graph graph = Built();
        return (graph, [.. _folder.Demanded.Select(index => graph.Inputs[index].Name)]);
    }

    // Each node was taken; what no array holds, an output or an operand that a view repeats, is seen here.
    private Graph Built()
    {
        try
        {
            return _builder.Build([.. _model.Outputs.Select(output => new GraphOutput(output.Name, _values[output.Name]))]);
        }
        catch (ArgumentException refusal)
        {
            _defects.Invalid(refusal.Message);
            throw _defects.Refusal()!;
        }
    }
}
