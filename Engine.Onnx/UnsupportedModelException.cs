using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>A well-formed model that needs something this importer does not have.</summary>
public sealed class UnsupportedModelException : Exception
{
    /// <summary>A refusal for the given reasons.</summary>
    public UnsupportedModelException(ImmutableArray<string> defects)
        : base(DefectList.Text("the model is not supported", defects)) => Defects = defects;

    /// <summary>A refusal for one reason.</summary>
    public UnsupportedModelException(string defect)
        : this([defect])
    {
    }

    /// <summary>Every operator, attribute, opset, domain and element type that is missing, one message each.</summary>
    public ImmutableArray<string> Defects { get; }

    /// <summary>Whether all of it is out of this library's scope, as <c>docs/onnx-support.md</c> lists it, and not only missing.</summary>
    public bool IsOutOfScope { get; init; }
}
