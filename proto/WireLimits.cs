using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Protobuf;

namespace VerifiableCompute.Wire;

/// <summary>Every maximum of a message, each with its reason. A message is measured against these before anything is made of it; what is
/// larger travels as a file.</summary>
public static class WireLimits
{
    /// <summary>Largest statement, receipt or proof in bytes. The 20,000 records of the largest exported LLMs take some 10 MB; a challenge
    /// of 500 elements opens some 100 MB.</summary>
    public const int MessageBytes = 1 << 28;

    /// <summary>Largest challenge in bytes: an anchor and a name of 4,096 bytes each, and 150 more.</summary>
    public const int ChallengeBytes = 1 << 14;

    /// <summary>Largest fraud proof in bytes. Anyone may post one. 1,024 leaves have 1 MiB and their siblings as much; the rest is room for
    /// records.</summary>
    public const int FraudProofBytes = 1 << 25;

    /// <summary>Deepest nesting of messages. The schemas, in which no message contains its own kind, have 4.</summary>
    public const int Depth = 8;

    /// <summary>Most messages, texts and byte strings in a message of the largest kind, and in proportion in others: some 200 bytes of memory
    /// each. A record has about 15, an opened leaf some ten siblings.</summary>
    public const int Items = 1 << 22;

    /// <summary>Most bytes of integers in variable-length form in a message of the largest kind, and in proportion in others; each may grow
    /// eightfold. A record has some 100.</summary>
    public const int VarintBytes = 1 << 25;

    /// <summary>What is measured before anything is made of a message.</summary>
    /// <param name="bytes">Largest message of its kind in bytes.</param>
    internal static ScanLimits Scan(int bytes) =>
        new("the message", Depth, bytes / (MessageBytes / Items), bytes / (MessageBytes / VarintBytes), Limits.NameBytes);
}
