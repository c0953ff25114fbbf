using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>Where a statement counts.</summary>
/// <param name="Namespace">The host protocol's name; "test" allows fault injection.</param>
/// <param name="ChainId">The chain, 0 for none.</param>
/// <param name="Contract">The verifying contract's address, 40 hexadecimal digits in lower case; zeros for none.</param>
public sealed record Domain(string Namespace, ulong ChainId, string Contract)
{
    /// <summary>Bytes of a contract's address.</summary>
    public const int ContractBytes = 20;

    /// <summary>The domain in which faults may be injected.</summary>
    public static Domain Test { get; } = new("test", 0, new string('0', 2 * ContractBytes));

    /// <summary>Writes the fields.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Text(Namespace);
        writer.U64(ChainId);
        writer.Raw(Convert.FromHexString(Contract));
    }

    /// <summary>Reads the fields.</summary>
    public static Domain Read(ref CanonicalReader reader) =>
        new(reader.Text(Limits.NameBytes), reader.U64(), Convert.ToHexStringLower(reader.Raw(ContractBytes)));
}
