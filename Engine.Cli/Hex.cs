using System;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Protocol;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Digests on the command line.</summary>
internal static class Hex
{
    /// <summary>A digest from 64 hexadecimal digits; zero where none are given.</summary>
    /// <exception cref="ArgumentException">They are not 64 hexadecimal digits.</exception>
    internal static Digest Digest(string? text, string option)
    {
        if (text is null)
        {
            return default;
        }

        try
        {
            return new Digest(Convert.FromHexString(text));
        }
        catch (Exception mistake) when (mistake is FormatException or ArgumentException)
        {
            throw new ArgumentException($"{option} is 64 hexadecimal digits");
        }
    }

    /// <summary>A prover's key: two digits for the scheme and 64 for the key; none where not given.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static ProverKey Key(string? text)
    {
        if (text is null or "0")
        {
            return ProverKey.None;
        }

        bool isKey = text.Length == 66 && text[..2] is "01" or "02";
        return isKey
            ? new ProverKey(text[1] == '1' ? KeyScheme.Secp256k1 : KeyScheme.Ed25519, Digest(text[2..], "--prover"))
            : throw new ArgumentException("--prover is 01 (secp256k1) or 02 (Ed25519) and 64 hexadecimal digits");
    }
}
