using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>What ONNX has and this library is not meant to have, each with its reason. <c>docs/onnx-support.md</c> shows it.</summary>
internal static class OutOfScope
{
    private const string Texts = "texts are no tensors";
    private const string Learning = "classical machine learning on texts, maps and trees";

    /// <summary>Operators, after their domain unless that is ONNX's own; a name that ends in a dot is a whole domain.</summary>
    internal static ImmutableSortedDictionary<string, string> Operators { get; } = new Dictionary<string, string>
    {
        ["ImageDecoder"] = "decoders of image formats differ in bits; decode before the model",
        ["RegexFullMatch"] = Texts,
        ["StringConcat"] = Texts,
        ["StringNormalizer"] = Texts,
        ["StringSplit"] = Texts,
        ["TfIdfVectorizer"] = Texts,
        ["ai.onnx.ml."] = Learning,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Element types.</summary>
    internal static ImmutableArray<(string Types, string Reason)> ElementTypes { get; } =
    [
        ("string", Texts),
        ("complex64, complex128", "no operator makes or takes them; DFT and STFT use a last axis of 2"),
        ("float8 (all), float4e2m1", "not settled in ONNX; weights can be stored as bf16 or as i8 with scales"),
        ("int4, uint4, int2, uint2", "storage of less than a byte; weights can be stored as i8 with scales"),
    ];

    /// <summary>Other things.</summary>
    internal static ImmutableArray<(string What, string Reason)> Others { get; } =
    [
        (
            "sequence, optional, map as an input or output of the model",
            "a statement's inputs and outputs are tensors; inside a model sequences and optionals are resolved"),
        ("sparse tensors", "no operator takes them; store them dense"),
    ];

    /// <summary>Why an operator is out of scope; null where it is not.</summary>
    internal static string? Reason(string fullOperator) => Operators
        .Where(entry => entry.Key == fullOperator || (entry.Key.EndsWith('.') && fullOperator.StartsWith(entry.Key, StringComparison.Ordinal)))
        .Select(entry => entry.Value).FirstOrDefault();
}
