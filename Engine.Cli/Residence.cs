using System;
using System.Globalization;
using System.IO;

namespace VerifiableCompute.Engine.Cli;

/// <summary>What the process has of the machine's memory.</summary>
internal static class Residence
{
    private const string Status = "/proc/self/status";

    /// <summary>Most bytes resident so far, code and mapped files included; null where the system does not say.</summary>
    internal static long? Peak()
    {
        foreach (string line in File.Exists(Status) ? File.ReadLines(Status) : [])
        {
            if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
            {
                return 1024 * long.Parse(line.AsSpan(6, line.Length - 6 - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
