using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Planning;

/// <summary>A pure function from graph and stages to plan: last uses first, then buffers handed on to the best-fitting later value.</summary>
public static class Planner
{
    /// <summary>Plans a graph whose nodes run one by one.</summary>
    public static Plan Plan(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return Plan(graph, [.. Enumerable.Range(0, graph.Nodes.Length).Where(node => graph.Nodes[node].Op is not View).Select(Stage.Of)]);
    }

    /// <summary>Plans a graph whose nodes run in the given stages.</summary>
    public static Plan Plan(Graph graph, ImmutableArray<Stage> stages)
    {
        ArgumentNullException.ThrowIfNull(graph);
        int[][] lastUse = LastUses(graph, stages);
        HashSet<ValueRef> kept = [.. graph.Outputs.Select(output => graph.Resolve(output.Value).Source)];
        int[][] places = [.. graph.Nodes.Select(node => node.Outputs.Select(_ => Planning.Plan.IsView).ToArray())];
        List<long> buffers = [];
        List<int> free = [];
        List<(int Buffer, int Until, long Bytes)> live = [];
        long outputBytes = 0;
        long largestLive = 0;
        for (int index = 0; index < stages.Length; index++)
        {
            foreach ((int node, int slot) in stages[index].Nodes.SelectMany(node => graph.Nodes[node].Outputs.Select((_, slot) => (node, slot))))
            {
                ValueRef value = new(ValueKind.Node, node, slot);
                long bytes = graph.Nodes[node].Outputs[slot].Bytes;
                if (kept.Contains(value))
                {
                    places[node][slot] = Planning.Plan.IsOutput;
                    outputBytes += bytes;
                }
                else if (stages[index].Hidden.Contains(value))
                {
                    places[node][slot] = Planning.Plan.IsHidden;
                }
                else
                {
                    int over = Over(stages[index], value, places, live, lastUse, index);
                    places[node][slot] = over >= 0 ? over : Take(bytes, buffers, free);
                    live.Add((places[node][slot], Math.Max(lastUse[node][slot], index), bytes));
                }
            }

            largestLive = Math.Max(largestLive, live.Sum(entry => entry.Bytes) + outputBytes);
            free.AddRange(live.Where(entry => entry.Until <= index).Select(entry => entry.Buffer));
            live.RemoveAll(entry => entry.Until <= index);
        }

        outputBytes += graph.Outputs.Sum(output => graph.Resolve(output.Value).Map.IsContiguous ? 0 : graph.TypeOf(output.Value).Bytes);
        long parameterBytes = graph.Parameters.Select(parameter => parameter.Value).Distinct().Sum(value => value.Type.Bytes);
        return new Plan([.. buffers], [.. places.Select(place => place.ToImmutableArray())], outputBytes, parameterBytes, largestLive);
    }

    // The buffer of an operand that dies here and that the output may lie over; taken from the living. Otherwise −1.
    private static int Over(
        Stage stage, ValueRef output, int[][] places, List<(int Buffer, int Until, long Bytes)> live, int[][] lastUse, int index)
    {
        foreach ((ValueRef over, ValueRef operand) in stage.Over)
        {
            if (over == output && operand.Kind == ValueKind.Node && lastUse[operand.Index][operand.Slot] == index)
            {
                int buffer = places[operand.Index][operand.Slot];
                int entry = live.FindIndex(candidate => candidate.Buffer == buffer);
                if (buffer >= 0 && entry >= 0)
                {
                    live.RemoveAt(entry);
                    return buffer;
                }
            }
        }

        return -1;
    }

    // The smallest free buffer that is large enough; else the largest free one, grown; else a new one.
    private static int Take(long bytes, List<long> buffers, List<int> free)
    {
        int best = -1;
        foreach (int candidate in free)
        {
            bool fits = buffers[candidate] >= bytes;
            bool bestFits = best >= 0 && buffers[best] >= bytes;
            bool better = best < 0
                || (fits && (!bestFits || buffers[candidate] < buffers[best]))
                || (!fits && !bestFits && buffers[candidate] > buffers[best]);
            best = better ? candidate : best;
        }

        if (best < 0)
        {
            buffers.Add(bytes);
            return buffers.Count - 1;
        }

        free.Remove(best);
        buffers[best] = Math.Max(buffers[best], bytes);
        return best;
    }

    // The last stage that reads each output.
    private static int[][] LastUses(Graph graph, ImmutableArray<Stage> stages)
    {
        int[][] lastUse = [.. graph.Nodes.Select(node => new int[node.Outputs.Length])];
        for (int index = 0; index < stages.Length; index++)
        {
            foreach (ValueRef input in stages[index].Nodes.SelectMany(node => graph.Nodes[node].Inputs))
            {
                ValueRef source = graph.Resolve(input).Source;
                if (source.Kind == ValueKind.Node)
                {
                    lastUse[source.Index][source.Slot] = index;
                }
            }
        }

        return lastUse;
    }
}
