using System;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Why a node cannot be imported. Ends its lowering; the importer notes it and goes on with the nodes that do not need it.</summary>
internal sealed class NodeRefusal : Exception
{
    private NodeRefusal(string defect, bool isInvalid)
        : base(defect) => IsInvalid = isInvalid;

    /// <summary>Whether the model is wrong, or only more than is supported.</summary>
    internal bool IsInvalid { get; }

    internal static NodeRefusal Invalid(string defect) => new(defect, isInvalid: true);

    internal static NodeRefusal Unsupported(string defect) => new(defect, isInvalid: false);
}
