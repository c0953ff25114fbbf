using System;

namespace VerifiableCompute.Engine.Backends;

/// <summary>A device failed. The bits are the same everywhere, so a host may run the work elsewhere.</summary>
public class BackendException : Exception
{
    /// <summary>A failure without a text.</summary>
    public BackendException()
    {
    }

    /// <summary>A failure with its text.</summary>
    public BackendException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its text and cause.</summary>
    public BackendException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
