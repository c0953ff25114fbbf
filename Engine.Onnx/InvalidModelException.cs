using System;
using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>A model file that is not a model: truncated, inconsistent, cyclic, or reaching outside its folder.</summary>
public sealed class InvalidModelException : Exception
{
    /// <summary>A refusal for the given reasons.</summary>
    public InvalidModelException(ImmutableArray<string> defects)
        : base(DefectList.Text("the model is not valid", defects)) => Defects = defects;

    /// <summary>A refusal for one reason.</summary>
    public InvalidModelException(string defect)
        : this([defect])
    {
    }

    /// <summary>Everything that is wrong, one message each.</summary>
    public ImmutableArray<string> Defects { get; }
}
