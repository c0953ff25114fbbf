namespace VerifiableCompute.Bench.Oracle;

/// <summary>What came of a row.</summary>
/// <param name="Row">Its name.</param>
/// <param name="Claim">What holds here: equal, equal elsewhere (their products saturate here), nothing.</param>
internal sealed record RowResult(string Row, string Claim)
{
    /// <summary>Cases.</summary>
    public int Cases { get; set; }

    /// <summary>Output elements compared between our fast backend and theirs.</summary>
    public long Elements { get; set; }

    /// <summary>Elements that differ.</summary>
    public long Differing { get; set; }

    /// <summary>Cases with a difference.</summary>
    public int DifferingCases { get; set; }

    /// <summary>Output elements compared between the definition and theirs.</summary>
    public long DefinitionElements { get; set; }

    /// <summary>Elements of those that differ.</summary>
    public long DefinitionDiffering { get; set; }

    /// <summary>Multiply-adds, or elements visited.</summary>
    public long Work { get; set; }

    /// <summary>The case of most work.</summary>
    public string Largest { get; set; } = string.Empty;

    /// <summary>Work of that case.</summary>
    public long LargestWork { get; set; } = -1;

    /// <summary>The differing case of least work, with its first element.</summary>
    public string? SmallestDifference { get; set; }

    /// <summary>Work of that case.</summary>
    public long SmallestDifferenceWork { get; set; } = long.MaxValue;

    /// <summary>Seconds of the row.</summary>
    public double Seconds { get; set; }

    /// <summary>Whether the row refutes its claim.</summary>
    public bool Fails => Claim == "equal" && Differing + DefinitionDiffering > 0;
}
