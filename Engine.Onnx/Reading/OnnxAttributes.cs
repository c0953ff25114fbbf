using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;

using Google.Protobuf;

using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>The attributes of a node, checked against the rules of its operator.</summary>
internal sealed class OnnxAttributes
{
    private readonly Dictionary<string, object> _values = [];

    internal static OnnxAttributes Empty { get; } = new();

    internal bool Has(string name) => _values.ContainsKey(name);

    internal long Int(string name, long otherwise) => _values.TryGetValue(name, out object? value) ? (long)value : otherwise;

    internal long? Int(string name) => _values.TryGetValue(name, out object? value) ? (long)value : null;

    internal bool Flag(string name, bool otherwise = false) => Int(name, otherwise ? 1 : 0) != 0;

    internal float Float(string name, float otherwise) => _values.TryGetValue(name, out object? value) ? (float)value : otherwise;

    internal float? Float(string name) => _values.TryGetValue(name, out object? value) ? (float)value : null;

    internal string Text(string name, string otherwise) => _values.TryGetValue(name, out object? value) ? (string)value : otherwise;

    internal ImmutableArray<long>? Ints(string name)
        => _values.TryGetValue(name, out object? value) ? (ImmutableArray<long>)value : null;

    internal ImmutableArray<float>? Floats(string name)
        => _values.TryGetValue(name, out object? value) ? (ImmutableArray<float>)value : null;

    /// <summary>The graph that an attribute is; the reader has seen to it that a required one is there.</summary>
    internal OnnxBody Body(string name) => (OnnxBody)_values[name];

    /// <summary>Every graph among the attributes.</summary>
    internal IEnumerable<OnnxBody> Bodies => _values.Values.OfType<OnnxBody>();

    internal Tensor? Tensor(string name) => _values.TryGetValue(name, out object? value) ? (Tensor)value : null;

    /// <summary>Reads the attributes of a node and notes everything that the rules do not allow.</summary>
    /// <param name="given">The attributes but for graphs.</param>
    /// <param name="bodies">Those that are graphs.</param>
    /// <param name="rules">What the operator may have.</param>
    /// <param name="version">Opset in force.</param>
    /// <param name="who">The node, for messages.</param>
    /// <param name="external">Where tensors in other files come from.</param>
    /// <param name="known">Tensors and lists read before: nodes of a local function share theirs, however often it is called.</param>
    /// <param name="defects">Where defects go.</param>
    internal static OnnxAttributes Read(
        IEnumerable<(string Name, AttributeProto Value)> given,
        IEnumerable<(string Name, OnnxBody Body)> bodies,
        ImmutableArray<AttributeRule> rules,
        long version,
        string who,
        ExternalData? external,
        Dictionary<AttributeProto, object> known,
        DefectList defects)
    {
        OnnxAttributes attributes = new();
        HashSet<string> seen = [];
        foreach ((string name, AttributeProto proto) in given)
        {
            AttributeRule? rule = rules.FirstOrDefault(rule => rule.Name == name && rule.Since <= version && version <= rule.Until);
            if (!seen.Add(name))
            {
                defects.Invalid($"{who}: attribute '{name}' occurs twice");
            }
            else if (rule is null)
            {
                defects.Unsupported($"{who}: attribute '{name}' is not supported in opset {version}");
            }
            else if (KindOf(proto) is int kind && kind != (int)rule.Kind)
            {
                defects.Invalid($"{who}: attribute '{name}' is of kind {KindName(kind)}, not {KindName((int)rule.Kind)}");
            }
            else if ((known.GetValueOrDefault(proto) ?? Value(proto, rule, $"{who}: attribute '{name}'", external, defects)) is object value)
            {
                attributes._values.Add(name, value);
                if (rule.Kind is not (AttributeKind.Int or AttributeKind.Float or AttributeKind.Text))
                {
                    known[proto] = value;
                }
            }
        }

        foreach ((string name, OnnxBody body) in bodies)
        {
            AttributeRule? rule = rules.FirstOrDefault(rule => rule.Name == name && rule.Since <= version && version <= rule.Until);
            if (!seen.Add(name))
            {
                defects.Invalid($"{who}: attribute '{name}' occurs twice");
            }
            else if (rule is null)
            {
                defects.Unsupported($"{who}: attribute '{name}' is not supported in opset {version}");
            }
            else if (rule.Kind != AttributeKind.Graph)
            {
                defects.Invalid($"{who}: attribute '{name}' is of kind Graph, not {rule.Kind}");
            }
            else
            {
                attributes._values.Add(name, body);
            }
        }

        foreach (AttributeRule rule in rules)
        {
            if (rule.IsRequired && rule.Since <= version && version <= rule.Until && !seen.Contains(rule.Name))
            {
                defects.Invalid($"{who}: attribute '{rule.Name}' is missing");
            }
        }

        return attributes;
    }

    // Files older than IR version 2 leave the kind to be guessed.
    private static int KindOf(AttributeProto proto)
    {
        if (proto.HasType && proto.Type != 0)
        {
            return proto.Type;
        }

        AttributeKind kind = proto switch
        {
            { HasF: true } => AttributeKind.Float,
            { HasI: true } => AttributeKind.Int,
            { HasS: true } => AttributeKind.Text,
            { T: not null } => AttributeKind.Tensor,
            { Tp: not null } => AttributeKind.Type,
            { Floats.Count: > 0 } => AttributeKind.Floats,
            { Strings.Count: > 0 } => AttributeKind.Texts,
            _ => AttributeKind.Ints,
        };
        return (int)kind;
    }

    private static string KindName(int kind)
        => Enum.IsDefined((AttributeKind)kind) ? ((AttributeKind)kind).ToString() : $"{kind}";

    private static object? Value(AttributeProto proto, AttributeRule rule, string who, ExternalData? external, DefectList defects)
    {
        switch (rule.Kind)
        {
            case AttributeKind.Float:
                return proto.F;
            case AttributeKind.Int:
                return Int(proto.I, rule, who, defects);
            case AttributeKind.Text:
                return Text(proto.S, rule, who, defects);
            case AttributeKind.Tensor when proto.T is not null:
                return TensorDecoder.Read(proto.T, who, external, defects);
            case AttributeKind.Floats:
                return ImmutableArray.CreateRange(proto.Floats);
            case AttributeKind.Ints:
                return ImmutableArray.CreateRange(proto.Ints);
            case AttributeKind.Texts:
                return ImmutableArray.CreateRange(proto.Strings.Select(text => text.ToStringUtf8()));
            case AttributeKind.Type when proto.Tp is not null:
                return proto.Tp;
            default:
                defects.Invalid($"{who} has no value");
                return null;
        }
    }

    private static long? Int(long value, AttributeRule rule, string who, DefectList defects)
    {
        if (rule.Only is long only && value != only)
        {
            defects.Unsupported($"{who} = {value} is not supported");
            return null;
        }

        bool known = !rule.IsElementType
            || (value is >= int.MinValue and <= int.MaxValue && ElementTypes.Read((int)value, who, defects) != DType.None);
        return known ? value : null;
    }

    private static string? Text(ByteString bytes, AttributeRule rule, string who, DefectList defects)
    {
        if (bytes.Length > OnnxLimits.TextBytes)
        {
            defects.Invalid($"{who} is longer than {OnnxLimits.TextBytes} bytes");
            return null;
        }

        string text = Encoding.UTF8.GetString(bytes.Span);
        if (!rule.Texts.IsDefault && !rule.Texts.Contains(text))
        {
            defects.Unsupported($"{who} = '{text}' is not supported");
            return null;
        }

        return text;
    }
}
