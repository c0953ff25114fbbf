namespace VerifiableCompute.Engine.Cli;

/// <summary>What a verb tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>All is well.</summary>
    internal const int Ok = 0;

    /// <summary>Something was shown to be wrong: a test failed, a hash differs.</summary>
    internal const int Invalid = 1;

    /// <summary>Malformed, incomplete or not supported.</summary>
    internal const int Unverifiable = 2;

    /// <summary>The command line is wrong.</summary>
    internal const int Usage = 64;

    /// <summary>A failure of the machine or of this program.</summary>
    internal const int Internal = 70;

    /// <summary>Ctrl-C.</summary>
    internal const int Cancelled = 130;
}
