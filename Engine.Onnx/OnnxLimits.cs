using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>Every maximum of the importer, each with its reason. A file is measured against these before memory or work is spent on
/// it.</summary>
public static class OnnxLimits
{
    /// <summary>Largest model or tensor file in bytes: what one managed array holds. Larger weights live in external files.</summary>
    public const long FileBytes = 0x7FFF_FFC7;

    /// <summary>Bytes from which on a file is mapped and not read: below, a copy costs less than the care that a mapped file needs.</summary>
    public const long MappedBytes = 1 << 20;

    /// <summary>Deepest nesting of messages. A subgraph costs three levels; models in the wild stay under 20.</summary>
    public const int Depth = 64;

    /// <summary>Most messages and strings in a file: some 200 bytes of memory each. The largest exported LLMs have under 10^6.</summary>
    public const int Items = 1 << 21;

    /// <summary>Most bytes of integers in variable-length form, each of which may grow eightfold in memory.</summary>
    public const long VarintBytes = 1L << 26;

    /// <summary>Longest name or text attribute in bytes.</summary>
    public const int TextBytes = 4096;

    /// <summary>Most nodes once local functions are written out: as many as a graph may have.</summary>
    public const int Nodes = 1 << 20;

    /// <summary>Most nodes that bodies come to once loops are unrolled; an iteration counts as one more. The largest exported LLMs have some
    /// 20,000 nodes; a loop of 2,000 steps over a cell of 100 fits.</summary>
    public const int UnrolledNodes = 1 << 18;

    /// <summary>Most characters of the names in local functions and bodies once these are written out, and of nodes once loops are
    /// unrolled; each name counts 16 more.</summary>
    public const long ExpandedText = 1L << 26;

    /// <summary>Deepest nesting of local functions.</summary>
    public const int FunctionDepth = 32;

    /// <summary>Deepest nesting of bodies (of If, Loop, Scan), those in local functions included. Exporters stay under 5.</summary>
    public const int BodyDepth = 32;

    /// <summary>Most messages that one refusal lists; the rest is counted.</summary>
    public const int Defects = 1000;

    /// <summary>Elements of the longest row whose softmax or norm is one op; longer ones are made of several.</summary>
    internal const long WholeRow = 1 << 16;

    /// <summary>First opset whose operators are known.</summary>
    public const int FirstOpset = 6;

    /// <summary>Last opset whose operators are known. 26 and 27 changed none of the supported ones but Range.</summary>
    public const int LastOpset = 27;

    /// <summary>Last version of the file format that is known.</summary>
    public const int LastIrVersion = 13;

    /// <summary>Most elements that one value may have when its value is needed to find a shape. Shapes, axes and pads have a few.</summary>
    public const long FoldElements = 1L << 20;

    /// <summary>Most element reads that finding the values needed by the shapes of one model may cost.</summary>
    public const long FoldWork = 1L << 28;

    /// <summary>Most elements of a table that the importer computes: sampling taps, windows, filters. Real ones stay under 2^21.</summary>
    public const int TableElements = 1 << 22;

    /// <summary>Most graphs of one model that are kept for reuse; the oldest goes first.</summary>
    public const int Specializations = 16;

    /// <summary>What is measured before anything is made of a file.</summary>
    internal static ScanLimits Scan => new("the file", Depth, Items, VarintBytes, TextBytes);
}
