using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Onnx.Schema;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Writes out the calls of a model's local functions.</summary>
internal sealed class FunctionInliner
{
    private readonly Dictionary<(string Domain, string Name, string Overload), FunctionProto> _functions = [];
    private readonly List<NodeDraft> _drafts = [];
    private readonly DefectList _defects;
    private int _calls;
    private bool _full;

    private FunctionInliner(ModelProto model, DefectList defects)
    {
        _defects = defects;
        foreach (FunctionProto function in model.Functions)
        {
            if (!_functions.TryAdd((Domain(function.Domain), function.Name, function.Overload), function))
            {
                defects.Invalid($"function '{function.Name}' is defined twice");
            }
        }
    }

    /// <summary>All nodes, in the file's order.</summary>
    internal static List<NodeDraft> Run(ModelProto model, DefectList defects)
    {
        FunctionInliner inliner = new(model, defects);
        Scope scope = new(Opsets(model.OpsetImport), string.Empty, [], Call: null, Function: null, 0);
        inliner.Add(model.Graph.Node, scope);
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
            if (_drafts.Count + _calls >= OnnxLimits.Nodes)
            {
                if (!_full)
                {
                    _defects.Invalid($"the model has more than {OnnxLimits.Nodes} nodes");
                }

                _full = true;
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
            if (_functions.TryGetValue((draft.Domain, node.OpType, node.Overload), out FunctionProto? function))
            {
                Expand(draft, function, scope.Depth + 1);
            }
            else
            {
                _drafts.Add(draft);
            }
        }
    }

    private void Expand(NodeDraft call, FunctionProto function, int depth)
    {
        if (depth > OnnxLimits.FunctionDepth)
        {
            _defects.Invalid($"{call.Who}: functions are nested deeper than {OnnxLimits.FunctionDepth}, or call themselves");
            return;
        }

        if (call.Inputs.Length > function.Input.Count || call.Outputs.Length > function.Output.Count)
        {
            _defects.Invalid($"{call.Who}: the function has {function.Input.Count} inputs and {function.Output.Count} outputs");
            return;
        }

        foreach (AttributeProto attribute in call.Attributes)
        {
            if (!function.Attribute.Contains(attribute.Name) && function.AttributeProto.All(other => other.Name != attribute.Name))
            {
                _defects.Invalid($"{call.Who}: the function has no attribute '{attribute.Name}'");
            }
        }

        Dictionary<string, string> names = [];
        for (int i = 0; i < function.Output.Count; i++)
        {
            names[function.Output[i]] = i < call.Outputs.Length && call.Outputs[i].Length > 0
                ? call.Outputs[i]
                : $"{call.Name}/{_calls}/{function.Output[i]}";
        }

        // An output that is an input as it stands takes the caller's name of the input, so the caller's output needs a node.
        for (int i = 0; i < function.Input.Count; i++)
        {
            string outer = i < call.Inputs.Length ? call.Inputs[i] : string.Empty;
            if (names.TryGetValue(function.Input[i], out string? output))
            {
                _drafts.Add(new NodeDraft(output, string.Empty, "Identity", OnnxLimits.LastOpset, [outer], [output], []));
            }

            names[function.Input[i]] = outer;
        }

        Scope scope = new(Opsets(function.OpsetImport), $"{call.Name}/{_calls}/", names, call, function, depth);
        _calls++;
        Add(function.Node, scope);
    }

    private List<AttributeProto> Resolve(IEnumerable<AttributeProto> attributes, Scope scope)
    {
        List<AttributeProto> resolved = [];
        foreach (AttributeProto attribute in attributes)
        {
            if (attribute.RefAttrName.Length == 0)
            {
                resolved.Add(attribute);
                continue;
            }

            AttributeProto? given = scope.Call?.Attributes.FirstOrDefault(other => other.Name == attribute.RefAttrName)
                ?? scope.Function?.AttributeProto.FirstOrDefault(other => other.Name == attribute.RefAttrName);
            if (given is not null)
            {
                AttributeProto renamed = given.Clone();
                renamed.Name = attribute.Name;
                resolved.Add(renamed);
            }
            else if (scope.Function is null)
            {
                _defects.Invalid($"attribute '{attribute.Name}' refers to '{attribute.RefAttrName}' outside a function");
            }
        }

        return resolved;
    }

    // Where a node stands: in the model's graph, or in the body of a function that a node calls.
    private sealed record Scope(
        ImmutableSortedDictionary<string, long> Opsets,
        string Prefix,
        Dictionary<string, string> Names,
        NodeDraft? Call,
        FunctionProto? Function,
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
