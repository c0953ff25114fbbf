namespace VerifiableCompute.Engine.Commitments;

/// <summary>What a tree commits to. Each kind hashes under tags of its own, so that no leaf, parent or root of one kind is one of
/// another. The numbers are part of the format.</summary>
public enum TreeKind
{
    /// <summary>The row-major bytes of one tensor; the only kind whose leaves are of 1 KiB and whose size is in bytes.</summary>
    Tensor = 1,

    /// <summary>The parameters of a graph, one leaf each.</summary>
    Parameters,

    /// <summary>The inputs of a run, one leaf each.</summary>
    Inputs,

    /// <summary>The records of a graph, one leaf each.</summary>
    Graph,

    /// <summary>The committed outputs of each record, one leaf per record.</summary>
    Trace,

    /// <summary>The graph's outputs, one leaf each.</summary>
    Outputs,
}
