using System.Globalization;
using System.Text;

using VerifiableCompute.Bench.Charts;
using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Makes Markdown and charts of what sections wrote.</summary>
internal static class Tables
{
    /// <summary>One row, for the terminal and the table.</summary>
    public static string Line(Row row)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"| {row.Case} | {row.Threads} | ");
        foreach (Side side in row.Sides)
        {
            string name = ReferenceEquals(side, row.Ours) ? string.Empty : $"{side.Who} ";
            string ratio = ReferenceEquals(side, row.Ours) ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", {side.Ratio:0.00}×");
            text.Append(CultureInfo.InvariantCulture, $"{name}{Numbers.Short(row.Speed(side))} ± {side.Spread:P0}{ratio} | ");
        }

        return text.Append(row.Unit).ToString();
    }

    /// <summary>Writes <c>results/compare.md</c> from the lines of all sections that there are.</summary>
    public static void Write(IReadOnlyList<Section> sections)
    {
        StringBuilder text = new();
        text.Append("# Beside others\n\n");
        text.Append("One command: `bench/compare.sh`; every section runs alone (`bench/compare.sh gemm`) and writes `compare/SECTION.jsonl`.\n");
        text.Append("Sides run in turn in one process; times are medians, ± half the distance of the quartiles. A ratio (×) is the other's time divided\n");
        text.Append("by ours, median over the rounds: above 1 ours is faster. One thread: the thread's own time; two: the clock on the wall.\n\n");
        (Section Section, SectionResult Result)[] found =
        [
            .. from section in sections
               let result = SectionResult.Read(PathOf(section))
               where result is not null
               select (section, result),
        ];
        text.Append("## Goals\n\n| section | what | goal | now | verdict |\n|---|---|---|---|---|\n");
        foreach ((Section section, SectionResult result) in found)
        {
            foreach (Goal goal in result.Goals)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {section.Name} | {goal.What} | {goal.Target} | {goal.Now} | {goal.Verdict} |\n");
            }
        }

        foreach ((string file, string title) in ChartFiles.Write(found.ToDictionary(pair => pair.Section.Name, pair => pair.Result)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n![{title}](charts/{file})\n");
        }

        foreach ((Section section, SectionResult result) in found)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n\n{section.Text}\n\n{result.Machine}\n");
            foreach (IGrouping<string, Row> group in result.Rows.GroupBy(row => row.Group))
            {
                Append(text, group);
            }

            foreach (IGrouping<string, Figure> group in result.Figures.GroupBy(figure => figure.Group))
            {
                Append(text, group);
            }
        }

        File.WriteAllText(Path.Combine(Folders.Results, "compare.md"), text.ToString());
    }

    /// <summary>Where a section's lines are.</summary>
    public static string PathOf(Section section) => Path.Combine(Folders.Results, "compare", $"{section.Name}.jsonl");

    private static void Append(StringBuilder text, IGrouping<string, Row> group)
    {
        string[] others = [.. group.SelectMany(row => row.Sides.Skip(1)).Select(side => side.Who).Distinct()];
        string unit = group.First().Unit;
        text.Append(CultureInfo.InvariantCulture, $"\n### {group.Key} ({unit})\n\n| case | threads | ours | ");
        foreach (string other in others)
        {
            text.Append(CultureInfo.InvariantCulture, $"{other} | × | ");
        }

        text.Append("\n|---|--:|--:|").Insert(text.Length, "--:|--:|", others.Length).Append('\n');
        foreach (Row row in group)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Case} | {row.Threads} | {Speed(row, row.Ours)} |");
            foreach (string other in others)
            {
                Side? side = row.Sides.FirstOrDefault(side => side.Who == other);
                text.Append(side is null ? " – | |" : string.Create(CultureInfo.InvariantCulture, $" {Speed(row, side)} | {side.Ratio:0.00} |"));
            }

            text.Append('\n');
        }
    }

    /// <summary>Appends a table of figures, a line for each case.</summary>
    public static void Append(StringBuilder text, IGrouping<string, Figure> group)
    {
        (string Name, string Unit)[] names = [.. group.Select(figure => (figure.Name, figure.Unit)).Distinct()];
        text.Append(CultureInfo.InvariantCulture, $"\n### {group.Key}\n\n| of |");
        foreach ((string name, string unit) in names)
        {
            text.Append(CultureInfo.InvariantCulture, $" {name}{(unit.Length > 0 ? $", {unit}" : string.Empty)} |");
        }

        text.Append("\n|---|").Insert(text.Length, "--:|", names.Length).Append('\n');
        foreach (IGrouping<string, Figure> of in group.GroupBy(figure => figure.Case))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {of.Key} |");
            foreach ((string name, _) in names)
            {
                Figure? figure = of.FirstOrDefault(figure => figure.Name == name);
                text.Append(CultureInfo.InvariantCulture, $" {(figure is null ? string.Empty : Numbers.Short(figure.Value))} |");
            }

            text.Append('\n');
        }
    }

    private static string Speed(Row row, Side side)
        => string.Create(CultureInfo.InvariantCulture, $"{Numbers.Short(row.Speed(side))} ± {side.Spread:P0}").Replace(" %", " %", StringComparison.Ordinal);
}
