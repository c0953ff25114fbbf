using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Makes drafts of a model's graph and of the bodies in it, and writes out the calls of local functions everywhere.</summary>
internal sealed class FunctionInliner
{
    private const int NameCost = 16;

    private readonly Dictionary<(string Domain, string Name, string Overload), Definition> _functions = [];
    private static readonly List<Given> None = [];

    private readonly DefectList _defects;
    private int _nodes;
    private int _calls;
    private long _text;
    private bool _full;

    private FunctionInliner(ModelProto model, DefectList defects)
    {
        _defects = defects;
        foreach (FunctionProto function in model.Functions)
        {
            if (!_functions.TryAdd((Domain(function.Domain), function.Name, function.Overload), new Definition(function)))
            {
                defects.Invalid($"function '{function.Name}' is defined twice");
            }
        }
    }

    /// <summary>The model's graph, all nodes in the file's order.</summary>
    internal static GraphDraft Run(ModelProto model, DefectList defects)
    {
        FunctionInliner inliner = new(model, defects);
        Scope outside = new(Opsets(model.OpsetImport), string.Empty, string.Empty, [], null, [], 0, 0);
        return inliner.Graph(model.Graph, outside, string.Empty);
    }

    /// <summary>The version of each domain; the highest where one is named twice.</summary>
    internal static ImmutableSortedDictionary<string, long> Opsets(IEnumerable<OperatorSetIdProto> imports)
    {
        ImmutableSortedDictionary<string, long>.Builder versions
            = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
        {
            string domain = Domain(import.Domain);
            versions[domain] = Math.Max(import.Version, versions.GetValueOrDefault(domain, long.MinValue));
        }

        return versions.ToImmutable();
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? string.Empty : domain;

    private GraphDraft Graph(GraphProto graph, Scope scope, string path)
    {
        GraphDraft draft = new(
            graph,
            path,
            [.. graph.Input.Select(input => (scope.Rename(input.Name), input))],
            [.. graph.Output.Select(output => (scope.Rename(output.Name), output))],
            [.. graph.Initializer.Select(initializer => (scope.Rename(initializer.Name), initializer))]);
        Add(graph.Node, scope, draft);
        return draft;
    }

    private void Add(IEnumerable<NodeProto> nodes, Scope scope, GraphDraft into)
    {
        foreach (NodeProto node in nodes)
        {
            if (IsFull(node, scope, into.Path))
            {
                return;
            }

            string shortName = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(name => name.Length > 0) ?? string.Empty;
            List<Given> attributes = node.Attribute.Count == 0 ? None : Resolve(node.Attribute, scope);
            NodeDraft draft = new(
                scope.NamePrefix + shortName,
                Domain(node.Domain),
                node.OpType,
                scope.Opsets.TryGetValue(Domain(node.Domain), out long version) ? version : null,
                [.. node.Input.Select(scope.Rename)],
                [.. node.Output.Select(scope.Rename)],
                attributes.Count == 0 ? [] : [.. attributes.Where(given => given.Proto.G is null).Select(given => (given.Name, given.Proto))],
                into.Path);
            if (_functions.TryGetValue((draft.Domain, node.OpType, node.Overload), out Definition? function))
            {
                Expand(draft, attributes, function, scope, into);
                continue;
            }

            _nodes++;
            ImmutableArray<(string Name, GraphDraft Graph)> bodies = attributes.Count == 0
                ? []
                : [.. attributes.Where(given => given.Proto.G is not null).Select(given => Body(draft, given)).OfType<(string, GraphDraft)>()];
            into.Nodes.Add(
                bodies.IsEmpty ? draft : draft with { Bodies = bodies, Captures = [.. bodies.SelectMany(body => body.Graph.Captures())] });
        }
    }

    // A body sees the names around it; what it defines is its own, also where a function's input or output has that name.
    private (string Name, GraphDraft Graph)? Body(NodeDraft node, Given given)
    {
        GraphProto graph = given.Proto.G;
        Scope around = given.Scope;
        if (around.Bodies >= OnnxLimits.BodyDepth)
        {
            _defects.Invalid($"{node.Who}: bodies are nested deeper than {OnnxLimits.BodyDepth}");
            return null;
        }

        IEnumerable<string> own = graph.Input.Concat(graph.Output).Select(value => value.Name).Concat(graph.Initializer.Select(value => value.Name));
        string path = $"{node.Path}{node.Name}/{given.Name}/";
        _text += path.Length + (around.Function is null ? 0 : own.Sum(name => (long)name.Length + around.ValuePrefix.Length + NameCost));
        Scope inside = around with { NamePrefix = string.Empty, Bodies = around.Bodies + 1 };
        if (around.Function is not null)
        {
            inside = inside with { Names = new Dictionary<string, string>(around.Names) };
            _text += NameCost * (long)around.Names.Count;
            foreach (string name in graph.Input.Select(value => value.Name)
                .Concat(graph.Initializer.Select(value => value.Name)).Concat(graph.Node.SelectMany(inner => inner.Output)))
            {
                inside.Names.Remove(name);
            }
        }

        return (given.Name, Graph(graph, inside, path));
    }

    // Calls multiply nodes and names: both are counted before they are made.
    private bool IsFull(NodeProto node, Scope scope, string path)
    {
        _text += path.Length;
        if (scope.Function is not null)
        {
            _text += node.Input.Concat(node.Output).Append(node.Name).Sum(name => (long)name.Length + scope.ValuePrefix.Length + NameCost)
                + (NameCost * (long)node.Attribute.Count);
        }

        bool full = _nodes + _calls >= OnnxLimits.Nodes || _text > OnnxLimits.ExpandedText;
        if (full && !_full)
        {
            _defects.Invalid(_text > OnnxLimits.ExpandedText
                ? $"the names of the written out functions and bodies have more than {OnnxLimits.ExpandedText} characters"
                : $"the model has more than {OnnxLimits.Nodes} nodes");
            _full = true;
        }

        return full;
    }

    private void Expand(NodeDraft call, List<Given> given, Definition function, Scope caller, GraphDraft into)
    {
        if (caller.Functions >= OnnxLimits.FunctionDepth)
        {
            _defects.Invalid($"{call.Who}: functions are nested deeper than {OnnxLimits.FunctionDepth}, or call themselves");
            return;
        }

        if (call.Inputs.Length > function.Proto.Input.Count || call.Outputs.Length > function.Proto.Output.Count)
        {
            _defects.Invalid($"{call.Who}: the function has {function.Proto.Input.Count} inputs and {function.Proto.Output.Count} outputs");
            return;
        }

        string prefix = $"{function.Proto.Name}#{_calls++}/";
        _text += (function.Proto.Input.Count + function.Proto.Output.Count + function.Attributes.Count) * (long)(NameCost + prefix.Length);
        Dictionary<string, Given> attributes = [];
        Scope scope = new(
            function.Opsets, prefix, prefix, Names(call, function.Proto, into), function, attributes, caller.Functions + 1, caller.Bodies);
        foreach ((string name, AttributeProto value) in function.Defaults)
        {
            attributes[name] = new Given(name, value, scope);
        }

        foreach (Given attribute in given)
        {
            attributes[attribute.Name] = attribute;
            if (!function.Attributes.Contains(attribute.Name))
            {
                _defects.Invalid($"{call.Who}: the function has no attribute '{attribute.Name}'");
            }
        }

        Add(function.Proto.Node, scope, into);
    }

    // What the caller calls the function's inputs and outputs. An output that is an input as it stands is handed on by a node.
    private Dictionary<string, string> Names(NodeDraft call, FunctionProto function, GraphDraft into)
    {
        Dictionary<string, string> names = [];
        for (int i = 0; i < function.Output.Count && i < call.Outputs.Length; i++)
        {
            if (call.Outputs[i].Length > 0)
            {
                names[function.Output[i]] = call.Outputs[i];
            }
        }

        for (int i = 0; i < function.Input.Count; i++)
        {
            string outer = i < call.Inputs.Length ? call.Inputs[i] : string.Empty;
            if (names.TryGetValue(function.Input[i], out string? output))
            {
                _nodes++;
                into.Nodes.Add(new NodeDraft(output, string.Empty, "Identity", OnnxLimits.LastOpset, [outer], [output], [], into.Path));
            }

            names[function.Input[i]] = outer;
        }

        return names;
    }

    private List<Given> Resolve(IEnumerable<AttributeProto> attributes, Scope scope)
    {
        List<Given> resolved = [];
        foreach (AttributeProto attribute in attributes)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                resolved.Add(new Given(attribute.Name, attribute, scope));
            }
            else if (scope.Attributes.TryGetValue(attribute.RefAttrName, out Given? given))
            {
                resolved.Add(given with { Name = attribute.Name });
            }
            else if (scope.Function is null)
            {
                _defects.Invalid($"attribute '{attribute.Name}' refers to '{attribute.RefAttrName}' outside a function");
            }
        }

        return resolved;
    }

    /// <summary>A function, and what every call of it needs.</summary>
    private sealed class Definition
    {
        internal Definition(FunctionProto proto)
        {
            Proto = proto;
            Opsets = FunctionInliner.Opsets(proto.OpsetImport);
            foreach (AttributeProto attribute in proto.AttributeProto)
            {
                Defaults[attribute.Name] = attribute;
            }

            Attributes = [.. proto.Attribute, .. Defaults.Keys];
        }

        internal FunctionProto Proto { get; }

        internal ImmutableSortedDictionary<string, long> Opsets { get; }

        internal Dictionary<string, AttributeProto> Defaults { get; } = [];

        internal HashSet<string> Attributes { get; }
    }

    /// <summary>An attribute of a node, and where its names are looked up if it is a graph: where it was written.</summary>
    private sealed record Given(string Name, AttributeProto Proto, Scope Scope);

    /// <summary>Where a node stands: in the model's graph, in the body of a function that a node calls, or in a body inside one of these.</summary>
    /// <param name="Opsets">The opset of each domain.</param>
    /// <param name="NamePrefix">What comes before the names of nodes.</param>
    /// <param name="ValuePrefix">What comes before the names of a function's own values.</param>
    /// <param name="Names">What the caller calls a function's inputs and outputs.</param>
    /// <param name="Function">The function; null in the model's graph.</param>
    /// <param name="Attributes">The function's attributes in this call.</param>
    /// <param name="Functions">Functions around the node.</param>
    /// <param name="Bodies">Bodies around the node.</param>
    private sealed record Scope(
        ImmutableSortedDictionary<string, long> Opsets,
        string NamePrefix,
        string ValuePrefix,
        Dictionary<string, string> Names,
        Definition? Function,
        Dictionary<string, Given> Attributes,
        int Functions,
        int Bodies)
    {
        internal string Rename(string name)
        {
            if (name.Length == 0 || Function is null)
            {
                return name;
            }

            return Names.TryGetValue(name, out string? outer) ? outer : ValuePrefix + name;
        }
    }
}
