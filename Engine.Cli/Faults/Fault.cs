using System;
using System.Globalization;

namespace VerifiableCompute.Engine.Cli.Faults;

/// <summary>How a cheating prover cheats: a test instrument.</summary>
internal enum FaultKind
{
    /// <summary>One bit of one committed element is flipped before it is hashed and read.</summary>
    Flip,

    /// <summary>Weights are rounded to bf16.</summary>
    Bf16,

    /// <summary>A node passes an input through, as far as it fits.</summary>
    Skip,
}

/// <summary>A fault as given on the command line: flip[:SEED], bf16 or skip:NODE.</summary>
internal sealed record Fault(FaultKind Kind, ulong Seed, string Node)
{
    /// <summary>Reads a fault.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static Fault Parse(string text)
    {
        string[] parts = text.Split(':', 2);
        return (parts[0], parts.Length) switch
        {
            ("flip", 1) => new Fault(FaultKind.Flip, 0, string.Empty),
            ("flip", 2) when ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                => new Fault(FaultKind.Flip, seed, string.Empty),
            ("bf16", 1) => new Fault(FaultKind.Bf16, 0, string.Empty),
            ("skip", 2) => new Fault(FaultKind.Skip, 0, parts[1]),
            _ => throw new ArgumentException($"'{text}' is no fault: flip, flip:SEED, bf16 or skip:NODE"),
        };
    }
}
