using VerifiableCompute.Engine.Commitments;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>How a key signs.</summary>
public enum KeyScheme
{
    /// <summary>No key: in a statement anyone may prove, in a receipt nobody signs.</summary>
    None = 0,

    /// <summary>ECDSA over secp256k1; the key is 12 zero bytes and the address.</summary>
    Secp256k1 = 1,

    /// <summary>Ed25519; the key is the public key.</summary>
    Ed25519 = 2,
}

/// <summary>A prover's key.</summary>
public readonly record struct ProverKey(KeyScheme Scheme, Digest Key)
{
    /// <summary>No key.</summary>
    public static ProverKey None => default;

    /// <summary>Writes scheme and key: 33 bytes.</summary>
    public void Write(CanonicalWriter writer)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        writer.U8((int)Scheme);
        writer.Raw(Key.Span);
    }

    /// <summary>Reads scheme and key; without a scheme the key is zero.</summary>
    public static ProverKey Read(ref CanonicalReader reader)
    {
        KeyScheme scheme = (KeyScheme)reader.U8();
        Digest key = reader.Digest();
        reader.Require(scheme is KeyScheme.Secp256k1 or KeyScheme.Ed25519 || (scheme == KeyScheme.None && key == default), "no key");
        return new ProverKey(scheme, key);
    }
}
