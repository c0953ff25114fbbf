namespace VerifiableCompute.Engine.Commitments;

/// <summary>Which hash function the trees of a statement use; one for all of them. The numbers are part of the format.</summary>
public enum Suite
{
    /// <summary>SHA-256 (FIPS 180-4), which chains verify cheaply.</summary>
    Sha256 = 1,

    /// <summary>BLAKE3 in derive_key mode, which is several times faster.</summary>
    Blake3 = 2,
}
