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

    /// <summary>Most leaves that checking one committed element may open: 1 MiB, a second on a slow link.</summary>
    public const long CheckLeaves = 1024;

    /// <summary>Most elements computed or pulled in checking one committed element: a millisecond on the definition.</summary>
    public const long CheckOperations = 1 << 20;

    /// <summary>Longest chain of recomputed values under one committed element.</summary>
    public const int CheckDepth = 16;

    /// <summary>Most pairs of value and footprint that are looked at to bound the check of one output; beyond, the bound counts as exceeded.
    /// So validating a statement takes work in proportion to its records. The widest output of the open models takes 24.</summary>
    public const int CheckVisits = 64;

    /// <summary>Bytes of a leaf of a tensor's tree: 256 f32, one block of a dot product.</summary>
    public const int LeafBytes = 1024;

    /// <summary>Most inputs or outputs of one record. Concat of a few hundred values is the widest in exported models.</summary>
    public const int RecordValues = 4096;

    /// <summary>Most inputs of a record whose outputs are recomputed: such a record is looked at again under every value that reads it. Concat, which
    /// alone takes more than nine, is committed anyway.</summary>
    public const int RecomputedInputs = 16;

    /// <summary>Most outputs of a committed graph: each has up to 64 elements that every challenge checks.</summary>
    public const int GraphOutputs = 1024;

    /// <summary>Most elements that one challenge draws: 459 find 1 % of wrong elements with 99 %; 65,536 find 1 in 10,000 with 99.9 %.</summary>
    public const int Samples = 1 << 16;

    /// <summary>Largest length in bytes of a leaf that is not a tensor's: a record of 4,096 inputs of rank 8 has 300,000.</summary>
    public const int ListLeafBytes = 1 << 20;

    /// <summary>Largest number of leaves that one proof opens: a check opens 1,024 leaves, a challenge has some 500 of them.</summary>
    public const int OpenedLeaves = 1 << 20;
}
