using System;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>A graph runs, but not under commitment: checking one element of the named node would cost more than a verifier may be asked for.</summary>
public sealed class NotCommittableException : Exception
{
    /// <summary>A refusal without a text.</summary>
    public NotCommittableException()
    {
    }

    /// <summary>A refusal with its text.</summary>
    public NotCommittableException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its text and cause.</summary>
    public NotCommittableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
