using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>What an attribute holds. The numbers are ONNX's.</summary>
internal enum AttributeKind
{
    Float = 1,
    Int = 2,
    Text = 3,
    Tensor = 4,
    Graph = 5,
    Floats = 6,
    Ints = 7,
    Texts = 8,
    Type = 13,
}

/// <summary>An attribute that an operator may have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Since">First opset that has it.</param>
/// <param name="Until">Last opset that has it.</param>
internal sealed record AttributeRule(string Name, AttributeKind Kind, int Since = 1, int Until = int.MaxValue)
{
    /// <summary>The texts that it may hold; default for any.</summary>
    internal ImmutableArray<string> Texts { get; init; }

    /// <summary>The only integer that is supported, or null for any.</summary>
    internal long? Only { get; init; }

    /// <summary>True when a node must have it.</summary>
    internal bool IsRequired { get; init; }

    /// <summary>True when the integer is an element type.</summary>
    internal bool IsElementType { get; init; }

    internal static AttributeRule Int(string name, int since = 1, int until = int.MaxValue) => new(name, AttributeKind.Int, since, until);

    internal static AttributeRule Ints(string name, int since = 1, int until = int.MaxValue) => new(name, AttributeKind.Ints, since, until);

    internal static AttributeRule Float(string name, int since = 1, int until = int.MaxValue)
        => new(name, AttributeKind.Float, since, until);

    internal static AttributeRule ElementType(string name, int since = 1, int until = int.MaxValue)
        => new(name, AttributeKind.Int, since, until) { IsElementType = true };

    internal static AttributeRule OneOf(string name, params ImmutableArray<string> texts)
        => new(name, AttributeKind.Text) { Texts = texts };

    internal static AttributeRule Graph(string name) => new(name, AttributeKind.Graph) { IsRequired = true };

    internal static AttributeRule Always(string name, long value, int since = 1, int until = int.MaxValue)
        => new(name, AttributeKind.Int, since, until) { Only = value };
}
