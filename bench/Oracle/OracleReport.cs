using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>Writes results/oracle.jsonl and results/oracle.md.</summary>
internal static class OracleReport
{
    /// <summary>Writes both files.</summary>
    /// <param name="results">The rows.</param>
    /// <param name="whole">Whether these are all rows; the table is only written then.</param>
    public static void Write(IReadOnlyList<RowResult> results, bool whole)
    {
        if (!whole)
        {
            return;
        }

        Directory.CreateDirectory(Folders.Results);
        List<string> lines = [JsonSerializer.Serialize(Machine.Here)];
        lines.AddRange(results.Select(result => JsonSerializer.Serialize(result)));
        File.WriteAllLines(Path.Combine(Folders.Results, "oracle.jsonl"), lines);
        File.WriteAllText(Path.Combine(Folders.Results, "oracle.md"), Markdown(results));
    }

    private static string Markdown(IReadOnlyList<RowResult> results)
    {
        StringBuilder text = new();
        Add(text, $"# Bits against ONNX Runtime\n\n{Machine.Here}\n\n");
        Add(text, $"Optimisation disabled there, 1 and 2 threads in turn. Random shapes and finite values, a pure function of the row's name.\n\n");
        Add(text, $"| row | claim | cases | elements | differ | definition: elements | differ | largest case |\n");
        Add(text, $"|---|---|--:|--:|--:|--:|--:|---|\n");
        foreach (RowResult row in results)
        {
            Add(text, $"| {row.Row} | {row.Claim} | {row.Cases:N0} | {row.Elements:N0} | {row.Differing:N0} ");
            Add(text, $"| {row.DefinitionElements:N0} | {row.DefinitionDiffering:N0} | {row.Largest} |\n");
        }

        foreach (RowResult row in results.Where(row => row.SmallestDifference is not null))
        {
            Add(text, $"\n{row.Row}: {row.DifferingCases:N0} of {row.Cases:N0} cases differ. Least: {row.SmallestDifference}\n");
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, FormattableString part) => text.Append(part.ToString(CultureInfo.InvariantCulture));
}
