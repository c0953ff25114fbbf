using System;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Why a node cannot be imported. Ends its lowering; the importer notes it and goes on with the nodes that do not need it.</summary>
internal sealed class NodeRefusal : Exception
{
    private NodeRefusal(string defect, Action<DefectList> note)
        : base(defect) => Note = note;

    /// <summary>Puts it on a list.</summary>
    internal Action<DefectList> Note { get; }

    /// <summary>The model is wrong.</summary>
    internal static NodeRefusal Invalid(string defect) => new(defect, list => list.Invalid(defect));

    /// <summary>It needs more than is supported.</summary>
    internal static NodeRefusal Unsupported(string defect) => new(defect, list => list.Unsupported(defect));

    /// <summary>It runs, but not under a commitment.</summary>
    internal static NodeRefusal NotCommittable(string defect) => new(defect, list => list.NotCommittable(defect));
}
