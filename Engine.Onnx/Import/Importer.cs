using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Makes a graph of a model for concrete inputs.</summary>
internal sealed class Importer
{
    private const int NameCost = 16;

    private readonly ModelGraph _model;
    private readonly GraphBuilder _builder = new();
    private readonly Scope _scope = new(null);
    private readonly ConstantFolder _folder;
    private readonly Dictionary<OnnxBody, ImmutableArray<(string Name, Item Value)>> _initializers = [];
    private readonly Dictionary<long, Item> _indices = [];
    private DefectList _defects = new();
    private long _nodes;
    private long _text;

    private Importer(ModelGraph model, IReadOnlyDictionary<string, Tensor> inputs, IBackend? backend, CancellationToken cancellation)
    {
        _model = model;
        List<Tensor> given = [];
        foreach (OnnxValue input in model.Body.Inputs)
        {
            if (inputs.TryGetValue(input.Name, out Tensor? value))
            {
                _scope.Set(input.Name, new Item.Tensor(_builder.Input(input.Name, value.Type)));
                given.Add(value);
            }
        }

        foreach ((string name, Item value) in Initializers(model.Body))
        {
            if (_scope.Find(name) is null)
            {
                _scope.Set(name, value);
            }
        }

        _folder = new ConstantFolder(_builder, given, backend, cancellation);
    }

    /// <summary>The graph, and the names of the inputs whose values shaped it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Every required input, and those optional ones that replace their defaults; types already checked.</param>
    /// <param name="backend">What computes values that shapes and branches need, for a plain run; null for a statement.</param>
    /// <param name="cancellation">Ends a plain run.</param>
    /// <exception cref="InvalidModelException">A node's operands do not fit.</exception>
    /// <exception cref="UnsupportedModelException">A node needs something that is not supported.</exception>
    /// <exception cref="Lowering.NotCommittableException">Without a backend: a shape or a branch needs a value that is too much work.</exception>
    internal static (Graph Graph, ImmutableArray<string> Demanded) Run(
        ModelGraph model, IReadOnlyDictionary<string, Tensor> inputs, IBackend? backend, CancellationToken cancellation)
    {
        Importer importer = new(model, inputs, backend, cancellation);
        foreach (OnnxNode node in model.Body.Live)
        {
            importer.Add(node, importer._scope);
        }

        return importer.Finish();
    }

    /// <summary>Imports nodes of a body.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="scope">What names stand for.</param>
    /// <param name="path">Where they stand, for their names.</param>
    /// <param name="owner">The node that has the body.</param>
    /// <param name="values">Inputs and outputs of the body, which count as names: they are kept for each iteration.</param>
    internal void Import(ImmutableArray<OnnxNode> nodes, Scope scope, string path, NodeImport owner, int values = 0)
    {
        Expect(nodes, 1, owner);
        _nodes += nodes.Length + 1;
        _text += nodes.Sum(node => (long)node.Name.Length + path.Length + NameCost) + ((long)values * NameCost);
        if (_text > OnnxLimits.ExpandedText)
        {
            throw owner.Unsupported($"the names in the unrolled bodies have more than {OnnxLimits.ExpandedText} characters");
        }

        foreach (OnnxNode node in nodes)
        {
            Add(node with { Name = path + node.Name, Path = path }, scope);
        }
    }

    /// <summary>Refuses to import nodes so often that the graph cannot have them.</summary>
    internal void Expect(ImmutableArray<OnnxNode> nodes, long times, NodeImport owner)
    {
        if (_nodes + ((Int128)times * (nodes.Length + 1)) > OnnxLimits.UnrolledNodes)
        {
            throw owner.Unsupported($"the unrolled bodies have more than {OnnxLimits.UnrolledNodes} nodes");
        }
    }

    /// <summary>Does what may fail without harm: a refusal is not noted.</summary>
    internal ImmutableArray<Item>? Try(Func<ImmutableArray<Item>?> attempt)
    {
        DefectList noted = _defects;
        _defects = new DefectList();
        try
        {
            return attempt();
        }
        catch (NodeRefusal)
        {
            return null;
        }
        finally
        {
            _defects = noted;
        }
    }

    /// <summary>The weights of a body, the same however often it is imported.</summary>
    internal ImmutableArray<(string Name, Item Value)> Initializers(OnnxBody body)
    {
        if (!_initializers.TryGetValue(body, out ImmutableArray<(string Name, Item Value)> known))
        {
            known = [.. body.Initializers
                .Where(entry => body != _model.Body || _scope.Find(entry.Key) is null)
                .Select(entry => (entry.Key, (Item)new Item.Tensor(_builder.Parameter(entry.Key, entry.Value))))];
            _initializers.Add(body, known);
        }

        return known;
    }

    /// <summary>The literal of a number.</summary>
    internal Item Index(long index)
    {
        if (!_indices.TryGetValue(index, out Item? known))
        {
            known = new Item.Tensor(_builder.Parameter($"{index}", Tensor.Of(DType.I64, Shape.Scalar, index)));
            _indices.Add(index, known);
        }

        return known;
    }

    private void Add(OnnxNode node, Scope scope)
    {
        ImmutableArray<Item?>.Builder operands = ImmutableArray.CreateBuilder<Item?>(node.Inputs.Length);
        foreach (string input in node.Inputs)
        {
            Item? item = input.Length > 0 ? scope.Find(input) : null;
            if (input.Length > 0 && item is null)
            {
                // What it needs was refused already.
                return;
            }

            operands.Add(item);
        }

        try
        {
            if (Results(node, operands.MoveToImmutable(), scope) is not ImmutableArray<Item> results)
            {
                return;
            }

            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i].Length > 0)
                {
                    scope.Set(node.Outputs[i], results[i]);
                }
            }
        }
        catch (NodeRefusal refusal)
        {
            refusal.Note(_defects);
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

    private ImmutableArray<Item>? Results(OnnxNode node, ImmutableArray<Item?> operands, Scope scope)
    {
        ImmutableArray<ValueRef?> tensors = [.. operands.Select(operand => (operand as Item.Tensor)?.Value)];
        NodeImport import = new(node, tensors, _builder, _folder) { Named = name => (scope.Find(name) as Item.Tensor)?.Value };
        if (node.Op.Resolve is { } resolve)
        {
            return resolve(new FlowImport(node, operands, import, this, scope));
        }

        int other = operands.IndexOf(operands.FirstOrDefault(operand => operand is not null and not Item.Tensor));
        return other >= 0 && operands[other] is Item item
            ? throw import.Invalid($"input {other} is {FlowImport.Text(item)}, not a tensor")
            : [.. node.Op.Lower(import).Select(value => new Item.Tensor(value))];
    }

    // A node that was refused matters only where an output needs it: what a branch that is not taken needs does not.
    private (Graph Graph, ImmutableArray<string> Demanded) Finish()
    {
        bool isWhole = true;
        List<GraphOutput> outputs = [];
        foreach (OnnxValue output in _model.Body.Outputs)
        {
            switch (_scope.Find(output.Name))
            {
                case Item.Tensor tensor when output.DType != DType.None && _builder.TypeOf(tensor.Value).DType != output.DType:
                    _defects.Invalid(
                        $"output '{output.Name}' is declared {output.DType.Name()} but computed as {_builder.TypeOf(tensor.Value).DType.Name()}");
                    isWhole = false;
                    break;
                case Item.Tensor tensor:
                    outputs.Add(new GraphOutput(output.Name, tensor.Value));
                    break;
                case Item other:
                    _defects.Unsupported($"output '{output.Name}' is {FlowImport.Text(other)}, not a tensor");
                    isWhole = false;
                    break;
                default:
                    isWhole = false;
                    break;
            }
        }

        if (!isWhole)
        {
            _defects.ThrowIfAny();
        }

        Graph graph = Built([.. outputs]);
        return (graph, [.. _folder.Demanded.Select(index => graph.Inputs[index].Name)]);
    }

    // Each node was taken; what no array holds, an output or an operand that a view repeats, is seen here.
    private Graph Built(ImmutableArray<GraphOutput> outputs)
    {
        try
        {
            return _builder.Build(outputs);
        }
        catch (ArgumentException refusal)
        {
            _defects.Invalid(refusal.Message);
            throw _defects.Refusal()!;
        }
    }
}
