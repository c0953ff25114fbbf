using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

using VerifiableCompute.Bench.Compare;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>What the probes of a device found, shown as it comes.</summary>
/// <param name="head">What was measured on what: lines of the report's head.</param>
internal sealed class Findings(IReadOnlyList<(string Name, string Text)> head)
{
    private static readonly JsonSerializerOptions Compact = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<(Probe Probe, string Text)> _notes = [];
    private readonly List<(Probe Probe, Figure Figure)> _figures = [];
    private readonly List<Goal> _goals = [];
    private readonly List<string> _wrong = [];

    /// <summary>Whether something gave other bits than it must, or did not run.</summary>
    public bool IsWrong => _wrong.Count > 0;

    /// <summary>A sentence.</summary>
    public void Note(Probe probe, string text)
    {
        _notes.Add((probe, text));
        Console.WriteLine($"{probe.Name}: {text}");
    }

    /// <summary>Something that must not be.</summary>
    public void Wrong(Probe probe, string text)
    {
        _wrong.Add($"{probe.Name}: {text}");
        Note(probe, $"WRONG: {text}");
    }

    /// <summary>A figure.</summary>
    public void Add(Probe probe, Figure figure)
    {
        _figures.Add((probe, figure));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{probe.Name}: {figure.Group}, {figure.Case}: {figure.Name} {Numbers.Short(figure.Value)} {figure.Unit}"));
    }

    /// <summary>A goal.</summary>
    public void Add(Probe probe, Goal goal)
    {
        _goals.Add(goal);
        Console.WriteLine($"{probe.Name}: goal: {goal.What}, {goal.Target}: {goal.Now}: {goal.Verdict}");
    }

    /// <summary>Writes what there is so far, as Markdown and as JSON lines.</summary>
    /// <param name="path">Without an extension.</param>
    /// <param name="probes">In their order.</param>
    public void Write(string path, IReadOnlyList<Probe> probes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".md", Text(probes));
        List<string> lines = [JsonSerializer.Serialize(head.ToDictionary(line => line.Name, line => line.Text), Compact)];
        lines.AddRange(_wrong.Select(text => JsonSerializer.Serialize(new { Wrong = text }, Compact)));
        lines.AddRange(_notes.Select(note => JsonSerializer.Serialize(new { Section = note.Probe.Name, Note = note.Text }, Compact)));
        lines.AddRange(_figures.Select(found => JsonSerializer.Serialize(new { Section = found.Probe.Name, found.Figure }, Compact)));
        lines.AddRange(_goals.Select(goal => JsonSerializer.Serialize(new { Goal = goal }, Compact)));
        File.WriteAllLines(path + ".jsonl", lines);
    }

    private string Text(IReadOnlyList<Probe> probes)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {head[0].Text}\n\nOne command: `bench/gpu-check.sh`. ");
        text.Append("Times are medians of batches of launches that are waited for together, after a warm-up.\n\n");
        text.Append("| | |\n|---|---|\n");
        foreach ((string name, string value) in head)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
        }

        text.Append("\n## Goals\n\n| what | goal | now | verdict |\n|---|---|---|---|\n");
        string bits = IsWrong ? string.Join("; ", _wrong) + " | missed" : "no difference | met";
        text.Append(CultureInfo.InvariantCulture, $"| bits | those of the definition | {bits} |\n");
        foreach (Goal goal in _goals)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {goal.What} | {goal.Target} | {goal.Now} | {goal.Verdict} |\n");
        }

        foreach (Probe probe in probes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {probe.Title}\n");
            foreach ((_, string note) in _notes.Where(note => note.Probe == probe))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n- {note}");
            }

            text.Append('\n');
            foreach (IGrouping<string, Figure> group in _figures.Where(found => found.Probe == probe)
                .Select(found => found.Figure).GroupBy(figure => figure.Group))
            {
                Tables.Append(text, group);
            }
        }

        return text.ToString();
    }
}
