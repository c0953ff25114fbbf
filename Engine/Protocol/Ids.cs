using System;
using System.Security.Cryptography;
using System.Text;

using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Ids and derived randomness: SHA-256 of a tag block and the bytes, under every suite.</summary>
public static class Ids
{
    /// <summary>SHA256(T ‖ bytes), where T is SHA256(name) twice and name is "VerifiableCompute/1 " and what is named.</summary>
    public static Digest Of(string what, ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Digest.Bytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("VerifiableCompute/1 " + what), digest);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(digest);
        hash.AppendData(digest);
        hash.AppendData(bytes);
        hash.GetHashAndReset(digest);
        return new Digest(digest);
    }
}
