using System;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Protocol;

/// <summary>How a run is to be challenged.</summary>
/// <param name="Samples">Fewest elements to draw, besides those that are always checked.</param>
/// <param name="Mix">Of 65,536 draws, how many are weighted by work rather than uniform over elements.</param>
/// <param name="BeaconId">The public source of randomness.</param>
/// <param name="Delay">Rounds of the beacon between anchoring a receipt and the first round that may challenge it.</param>
public sealed record ChallengePolicy(int Samples, int Mix, string BeaconId, ulong Delay)
{
    /// <summary>All draws weighted, as a share of <see cref="Mix"/>.</summary>
    public const int Whole = 65536;

    /// <summary>Writes the fields.</summary>
    public void Write(CanonicalWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.U32(Samples);
        writer.U32(Mix);
        writer.Text(BeaconId);
        writer.U64(Delay);
    }

    /// <summary>Reads the fields.</summary>
    public static ChallengePolicy Read(ref CanonicalReader reader)
    {
        int samples = reader.Int(Limits.Samples, "more samples than the limit");
        int mix = reader.Int(Whole, "a mix is at most 65,536");
        return new ChallengePolicy(samples, mix, reader.Text(Limits.NameBytes), reader.U64());
    }
}
