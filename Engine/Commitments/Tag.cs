using System;
using System.Security.Cryptography;
using System.Text;

namespace VerifiableCompute.Engine.Commitments;

/// <summary>What separates the uses of a hash function: "VerifiableCompute/1 KIND ROLE" in ASCII, in lower case. SHA-256 hashes the
/// name's block before the data, which leaves data aligned to blocks; BLAKE3 has the name as its context string.</summary>
public sealed class Tag
{
    private const int Roles = 4;

    private static readonly Tag[] All = MakeAll();

    private readonly byte[] _block;

    private Tag(string name)
    {
        Name = name;
        byte[] once = SHA256.HashData(Encoding.ASCII.GetBytes(name));
        _block = [.. once, .. once];
        Key = Blake3.ContextKey(name);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>SHA256(name) twice: the 64 bytes that SHA-256 hashes first.</summary>
    public ReadOnlySpan<byte> Block => _block;

    /// <summary>The key that BLAKE3's derive_key makes of the name.</summary>
    public Digest Key { get; }

    /// <summary>The tag of a use.</summary>
    /// <param name="kind">The kind of tree.</param>
    /// <param name="role">What is hashed.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such kind or role.</exception>
    public static Tag Of(TreeKind kind, TagRole role)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((int)kind, (int)TreeKind.Tensor, nameof(kind));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)kind, (int)TreeKind.Outputs, nameof(kind));
        ArgumentOutOfRangeException.ThrowIfNegative((int)role, nameof(role));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)role, Roles, nameof(role));
        return All[(((int)kind - 1) * Roles) + (int)role];
    }

    private static Tag[] MakeAll()
    {
        string[] kinds = ["tensor", "parameters", "inputs", "graph", "trace", "outputs"];
        string[] roles = ["leaf", "node", "root", "tree"];
        Tag[] tags = new Tag[kinds.Length * Roles];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = new Tag($"VerifiableCompute/1 {kinds[i / Roles]} {roles[i % Roles]}");
        }

        return tags;
    }
}
