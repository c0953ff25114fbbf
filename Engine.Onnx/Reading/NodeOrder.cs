using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Puts nodes in an order in which each comes after those it needs.</summary>
internal static class NodeOrder
{
    private const int ShownInCycle = 8;

    /// <summary>The nodes in order, those of the file's order first where there is a choice; null when there is a cycle, which is noted.</summary>
    internal static List<NodeDraft>? Sort(List<NodeDraft> nodes, DefectList defects)
    {
        Dictionary<string, int> definer = [];
        for (int index = 0; index < nodes.Count; index++)
        {
            foreach (string output in nodes[index].Outputs)
            {
                definer.TryAdd(output, index);
            }
        }

        definer.Remove(string.Empty);
        int[] missing = new int[nodes.Count];
        List<int>[] users = [.. nodes.Select(_ => new List<int>())];
        for (int index = 0; index < nodes.Count; index++)
        {
            foreach (string input in nodes[index].Needs)
            {
                if (definer.TryGetValue(input, out int needed))
                {
                    missing[index]++;
                    users[needed].Add(index);
                }
            }
        }

        PriorityQueue<int, int> ready = new();
        List<NodeDraft> sorted = [];
        for (int index = 0; index < nodes.Count; index++)
        {
            if (missing[index] == 0)
            {
                ready.Enqueue(index, index);
            }
        }

        while (ready.TryDequeue(out int index, out _))
        {
            sorted.Add(nodes[index]);
            foreach (int user in users[index])
            {
                if (--missing[user] == 0)
                {
                    ready.Enqueue(user, user);
                }
            }
        }

        if (sorted.Count < nodes.Count)
        {
            defects.Invalid($"the graph has a cycle: {Cycle(nodes, definer, missing)}");
            return null;
        }

        return sorted;
    }

    // From a node that waits, back through the first thing it waits for, until a node comes again.
    private static string Cycle(List<NodeDraft> nodes, Dictionary<string, int> definer, int[] missing)
    {
        List<int> path = [];
        Dictionary<int, int> seen = [];
        int at = Array.FindIndex(missing, count => count > 0);
        while (seen.TryAdd(at, path.Count))
        {
            path.Add(at);
            at = nodes[at].Needs.Select(input => definer.GetValueOrDefault(input, -1)).First(index => index >= 0 && missing[index] > 0);
        }

        ImmutableArray<string> cycle = [.. path.Skip(seen[at]).Append(at).Reverse().Select(index => nodes[index].Who)];
        return cycle.Length <= ShownInCycle
            ? string.Join(" -> ", cycle)
            : $"{string.Join(" -> ", cycle.Take(ShownInCycle))} -> … ({cycle.Length - 1} nodes)";
    }
}
