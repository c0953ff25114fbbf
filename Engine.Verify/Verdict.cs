using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Lowering;

namespace VerifiableCompute.Engine.Verify;

/// <summary>What a check says of its subject.</summary>
public enum VerdictKind
{
    /// <summary>Everything that was asked for holds.</summary>
    Valid = 0,

    /// <summary>Something that the prover promised is false.</summary>
    Invalid = 1,

    /// <summary>Nothing is shown either way: malformed, incomplete, not supported. Pays nobody and convicts nobody.</summary>
    Unverifiable = 2,
}

/// <summary>Why. The numbers are stable.</summary>
public enum Reason
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>A committed element is not what its definition makes of the values it reads.</summary>
    WrongElement = 1,

    /// <summary>A trace leaf differs from its record in element type, shape or presence.</summary>
    WrongShape = 2,

    /// <summary>A committed element is not in its canonical form.</summary>
    NonCanonicalValue = 3,

    /// <summary>An output leaf differs from the trace leaf that it names.</summary>
    WrongOutputBinding = 4,

    /// <summary>A file or message is not in its canonical form.</summary>
    Malformed = 100,

    /// <summary>The statement's graph is not valid.</summary>
    StatementNotValid = 101,

    /// <summary>One file was made for another than the one beside it.</summary>
    NotBound = 102,

    /// <summary>The receipt is not delivered: its trace table is missing or does not hash to its root.</summary>
    NotDelivered = 103,

    /// <summary>The challenge is not what its statement asks for.</summary>
    ChallengeNotValid = 104,

    /// <summary>An opening does not lead to its root.</summary>
    BadOpening = 105,

    /// <summary>Something that is needed is not opened.</summary>
    Incomplete = 106,

    /// <summary>Something is opened that is not needed.</summary>
    Surplus = 107,

    /// <summary>Checking would exceed a limit.</summary>
    TooCostly = 108,

    /// <summary>An accusation does not show what it says.</summary>
    AccusationDismissed = 109,

    /// <summary>The receipt's prover is not the one the statement names.</summary>
    WrongProver = 110,

    /// <summary>Stages do not make a run: their ranges do not follow each other, or one took in what no other commits to.</summary>
    StagesApart = 111,
}

/// <summary>The outcome of a check.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Reason">Why.</param>
/// <param name="StatementId">The statement it holds under; zero where none could be read.</param>
/// <param name="ReceiptId">Its subject; zero where none could be read.</param>
/// <param name="Element">The element it is about, if it is about one.</param>
/// <param name="Text">For people.</param>
public sealed record Verdict(VerdictKind Kind, Reason Reason, Digest StatementId, Digest ReceiptId, ElementRef? Element, string Text);
