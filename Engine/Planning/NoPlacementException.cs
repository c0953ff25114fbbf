using System;

namespace VerifiableCompute.Engine.Planning;

/// <summary>The hosts cannot run the graph: their memory is too small however it is cut, or an op has no host, or hosts have no link. Or to know it would
/// take longer than planning may.</summary>
public sealed class NoPlacementException : Exception
{
    /// <summary>A refusal without a text.</summary>
    public NoPlacementException()
    {
    }

    /// <summary>A refusal with its text.</summary>
    public NoPlacementException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its text and cause.</summary>
    public NoPlacementException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Bytes that the fullest device lacks in the placement that lacks the fewest; 0 where memory is not what is missing.</summary>
    public long ExcessBytes { get; init; }
}
