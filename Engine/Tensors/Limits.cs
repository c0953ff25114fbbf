namespace VerifiableCompute.Engine.Tensors;

/// <summary>Every maximum of the engine, each with its reason. What comes from outside is measured against these before memory or
/// work is spent on it.</summary>
public static class Limits
{
    /// <summary>Largest rank. ONNX models in the wild stay at 6; 8 leaves room for blocked layouts.</summary>
    public const int Rank = 8;

    /// <summary>Largest number of elements a shape may name (a view may repeat its source, so this exceeds what can be stored).</summary>
    public const long Elements = 1L << 40;

    /// <summary>Largest stored tensor in bytes: what one managed array holds.</summary>
    public const long TensorBytes = 0x7FFF_FFC7;

    /// <summary>Largest number of nodes of a graph. The largest exported LLMs have some 20,000.</summary>
    public const int Nodes = 1 << 20;

    /// <summary>Largest number of inputs or outputs of one node or graph, and of parameters of a graph.</summary>
    public const int Values = 1 << 20;

    /// <summary>Largest length of a name in UTF-8 bytes.</summary>
    public const int NameBytes = 4096;

    /// <summary>Largest length in bytes of a leaf that is not a tensor's: a record of <see cref="Values"/> inputs at 64 bytes each.</summary>
    public const int ListLeafBytes = 1 << 26;

    /// <summary>Largest number of leaves that one proof opens: a check opens 1,024 leaves, a challenge has some 500 of them.</summary>
    public const int OpenedLeaves = 1 << 20;
}
