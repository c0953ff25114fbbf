using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

using VerifiableCompute.Engine.Graphs;

namespace VerifiableCompute.Engine.Cli.Plans;

/// <summary>The ranges of a plan's stages, from where they may be given.</summary>
internal static class StageRanges
{
    /// <summary>Where each stage ends, from a text of cuts: <c>57,120</c> makes three stages.</summary>
    /// <exception cref="ArgumentException">They are not numbers that ascend.</exception>
    internal static ImmutableArray<int> OfCuts(string text, int nodes)
    {
        ImmutableArray<int> ends =
        [
            .. text.Split(',').Select(cut => int.TryParse(cut, NumberStyles.None, CultureInfo.InvariantCulture, out int position) ? position : -1),
            nodes,
        ];
        return ends.Zip(ends.Skip(1)).All(pair => 0 < pair.First && pair.First < pair.Second)
            ? ends
            : throw new ArgumentException($"--cuts are numbers of nodes that ascend, above 0 and below {nodes}, with commas between");
    }

    /// <summary>Where each stage ends, from what <c>vcompute plan --output</c> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is not such a plan, or one of another graph.</exception>
    internal static ImmutableArray<int> OfPlan(string path, int nodes)
    {
        try
        {
            using JsonDocument plan = JsonDocument.Parse(Files.Read(path));
            int[] ends = [.. plan.RootElement.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("end").GetInt32())];
            bool ascend = ends.Prepend(0).Zip(ends).All(pair => pair.First < pair.Second);
            return ascend && ends.Length > 0 && ends[^1] == nodes ? [.. ends] : throw new InvalidDataException($"'{path}' is a plan of another graph");
        }
        catch (Exception mistake) when (mistake is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"'{path}' is no plan: {mistake.Message}", mistake);
        }
    }

    /// <summary>The range of one of the stages.</summary>
    /// <param name="text">Which one: <c>2/3</c>.</param>
    /// <param name="ends">Where the stages end.</param>
    /// <param name="cuts">Where they may.</param>
    /// <exception cref="ArgumentException">There is no such stage, or it cannot be cut there; the message says where else.</exception>
    internal static (int First, int End) Of(string text, ImmutableArray<int> ends, Cuts cuts)
    {
        string[] parts = text.Split('/');
        bool isStage = parts.Length == 2 & int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int stage)
            & int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int count);
        if (!isStage || count != ends.Length || stage < 1 || stage > count)
        {
            throw new ArgumentException($"--stage '{text}' is not I/{ends.Length} with I from 1 to {ends.Length}: there are so many stages");
        }

        (int first, int end) = (stage == 1 ? 0 : ends[stage - 2], ends[stage - 1]);
        foreach (int cut in new[] { first, end })
        {
            if (cut > 0 && cuts.Positions.BinarySearch(cut) is int place and < 0)
            {
                string near = string.Join(" or ", cuts.Positions.Skip(int.Max(~place - 1, 0)).Take(2));
                throw new ArgumentException($"the graph cannot be cut at {cut}; nearby at {near}");
            }
        }

        return (first, end);
    }
}
