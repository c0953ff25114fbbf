using VerifiableCompute.Bench.Compare;

namespace VerifiableCompute.Bench.Charts;

/// <summary>The charts that results are shown by.</summary>
internal static class ChartFiles
{
    /// <summary>Writes the charts that there are results for.</summary>
    /// <returns>File and title of each.</returns>
    public static IEnumerable<(string File, string Title)> Write(IReadOnlyDictionary<string, SectionResult> results)
    {
        return [];
    }
}
