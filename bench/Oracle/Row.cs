namespace VerifiableCompute.Bench.Oracle;

/// <summary>What a row says about equal bits.</summary>
internal enum Claim
{
    /// <summary>Every bit is ONNX Runtime's.</summary>
    Equal,

    /// <summary>Every bit is ONNX Runtime's where its u8·i8 products do not saturate at 16 bits (see <see cref="Saturation"/>).</summary>
    EqualWithoutSaturation,

    /// <summary>The same of its i8·i8 products.</summary>
    EqualWithoutSignedSaturation,

    /// <summary>Nothing is claimed; the count is reported.</summary>
    None,
}

/// <summary>One line of the oracle's table: random cases of one operation.</summary>
/// <param name="Name">Its name; the cases are a pure function of it.</param>
/// <param name="Claim">What is claimed.</param>
/// <param name="Make">Makes one case.</param>
/// <param name="MinimumCases">At least this many cases, and at least <see cref="OracleRun.MinimumElements"/> elements.</param>
internal sealed record Row(string Name, Claim Claim, Func<Draw, Case> Make, int MinimumCases = 200);
