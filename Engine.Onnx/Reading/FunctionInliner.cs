using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Writes out the calls of a model's local functions.</summary>
internal sealed class FunctionInliner
{
    private const int NameCost = 16;

    private readonly Dictionary<(string Domain, string Name, string Overload), Definition> _functions = [];
    private readonly List<NodeDraft> _drafts = [];
    private readonly DefectList _defects;
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

    /// <summary>All nodes, in the file's order.</summary>
    internal static List<NodeDraft> Run(ModelProto model, DefectList defects)
    {
        FunctionInliner inliner = new(model, defects);
        inliner.Add(model.Graph.Node, new Scope(Opsets(model.OpsetImport), string.Empty, [], null, [], 0));
        return inliner._drafts;
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

    private void Add(IEnumerable<NodeProto> nodes, Scope scope)
    {
        foreach (NodeProto node in nodes)
        {
            if (IsFull(node, scope))
            {
                return;
            }

            string shortName = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(name => name.Length > 0) ?? string.Empty;
            NodeDraft draft = new(
                scope.Prefix + shortName,
                Domain(node.Domain),
                node.OpType,
                scope.Opsets.TryGetValue(Domain(node.Domain), out long version) ? version : null,
                [.. node.Input.Select(scope.Rename)],
                [.. node.Output.Select(scope.Rename)],
                Resolve(node.Attribute, scope));
            if (_functions.TryGetValue((draft.Domain, node.OpType, node.Overload), out Definition? function))
            {
                Expand(draft, function, scope.Depth + 1);
            }
            else
            {
                _drafts.Add(draft);
            }
        }
    }

    // Calls multiply nodes and names: both are counted before they are made.
    private bool IsFull(NodeProto node, Scope scope)
    {
        if (scope.Function is not null)
        {
            _text += node.Input.Concat(node.Output).Append(node.Name).Sum(name => (long)name.Length + scope.Prefix.Length + NameCost)
                + (NameCost * (long)node.Attribute.Count);
        }

        bool full = _drafts.Count + _calls >= OnnxLimits.Nodes || _text > OnnxLimits.ExpandedText;
        if (full && !_full)
        {
            _defects.Invalid(_text > OnnxLimits.ExpandedText
                ? $"the names of the written out functions have more than {OnnxLimits.ExpandedText} characters"
                : $"the model has more than {OnnxLimits.Nodes} nodes");
            _full = true;
        }

        return full;
    }

    private void Expand(NodeDraft call, Definition function, int depth)
    {
        if (depth > OnnxLimits.FunctionDepth)
        {
            _defects.Invalid($"{call.Who}: functions are nested deeper than {OnnxLimits.FunctionDepth}, or call themselves");
            return;
        }

        if (call.Inputs.Length > function.Proto.Input.Count || call.Outputs.Length > function.Proto.Output.Count)
        {
            _defects.Invalid($"{call.Who}: the function has {function.Proto.Input.Count} inputs and {function.Proto.Output.Count} outputs");
            return;
        }

        Dictionary<string, AttributeProto> attributes = new(function.Defaults);
        foreach ((string name, AttributeProto value) in call.Attributes)
        {
            attributes[name] = value;
            if (!function.Attributes.Contains(name))
            {
                _defects.Invalid($"{call.Who}: the function has no attribute '{name}'");
            }
        }

        string prefix = $"{function.Proto.Name}#{_calls++}/";
        _text += (function.Proto.Input.Count + function.Proto.Output.Count + function.Attributes.Count) * (long)(NameCost + prefix.Length);
        Add(function.Proto.Node, new Scope(function.Opsets, prefix, Names(call, function.Proto), function, attributes, depth));
    }

    // What the caller calls the function's inputs and outputs. An output that is an input as it stands is handed on by a node.
    private Dictionary<string, string> Names(NodeDraft call, FunctionProto function)
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
                _drafts.Add(new NodeDraft(output, string.Empty, "Identity", OnnxLimits.LastOpset, [outer], [output], []));
            }

            names[function.Input[i]] = outer;
        }

        return names;
    }

    private List<(string Name, AttributeProto Value)> Resolve(IEnumerable<AttributeProto> attributes, Scope scope)
    {
        List<(string Name, AttributeProto Value)> resolved = [];
        foreach (AttributeProto attribute in attributes)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                resolved.Add((attribute.Name, attribute));
            }
            else if (scope.Attributes.TryGetValue(attribute.RefAttrName, out AttributeProto? given))
            {
                resolved.Add((attribute.Name, given));
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

    /// <summary>Where a node stands: in the model's graph, or in the body of a function that a node calls.</summary>
    private sealed record Scope(
        ImmutableSortedDictionary<string, long> Opsets,
        string Prefix,
        Dictionary<string, string> Names,
        Definition? Function,
        Dictionary<string, AttributeProto> Attributes,
        int Depth)
    {
        internal string Rename(string name)
        {
            if (name.Length == 0 || Function is null)
            {
                return name;
            }

            return Names.TryGetValue(name, out string? outer) ? outer : Prefix + name;
        }
    }
}
