using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;

namespace VerifiableCompute.Engine.Planning;

/// <summary>A pure function from graph to plan: last uses first, then buffers handed on to the best-fitting later value.</summary>
public static class Planner
{
    /// <summary>Plans a graph.</summary>
    public static Plan Plan(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        int[][] lastUse = LastUses(graph, out HashSet<ValueRef> kept);
        List<long> buffers = [];
        List<int> free = [];
        List<(int Buffer, int Until, long Bytes)> live = [];
        ImmutableArray<int>[] places = new ImmutableArray<int>[graph.Nodes.Length];
        long outputBytes = 0;
        long largestLive = 0;
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            Node node = graph.Nodes[index];
            int[] place = new int[node.Outputs.Length];
            for (int slot = 0; slot < place.Length; slot++)
            {
                long bytes = node.Outputs[slot].Bytes;
                if (node.Op is View)
                {
                    place[slot] = Planning.Plan.IsView;
                }
                else if (kept.Contains(new ValueRef(ValueKind.Node, index, slot)))
                {
                    place[slot] = Planning.Plan.IsOutput;
                    outputBytes += bytes;
                }
                else
                {
                    place[slot] = Take(bytes, buffers, free);
                    live.Add((place[slot], Math.Max(lastUse[index][slot], index), bytes));
                }
            }

            places[index] = [.. place];
            largestLive = Math.Max(largestLive, live.Sum(entry => entry.Bytes) + outputBytes);
            free.AddRange(live.Where(entry => entry.Until <= index).Select(entry => entry.Buffer));
            live.RemoveAll(entry => entry.Until <= index);
        }

        outputBytes += graph.Outputs.Sum(output => graph.Resolve(output.Value).Map.IsContiguous ? 0 : graph.TypeOf(output.Value).Bytes);
        long parameterBytes = graph.Parameters.Select(parameter => parameter.Value).Distinct().Sum(value => value.Type.Bytes);
        return new Plan([.. buffers], [.. places], outputBytes, parameterBytes, largestLive);
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

    private static int[][] LastUses(Graph graph, out HashSet<ValueRef> kept)
    {
        int[][] lastUse = [.. graph.Nodes.Select(node => new int[node.Outputs.Length])];
        for (int index = 0; index < graph.Nodes.Length; index++)
        {
            foreach (ValueRef input in graph.Nodes[index].Op is View ? [] : graph.Nodes[index].Inputs)
            {
                ValueRef source = graph.Resolve(input).Source;
                if (source.Kind == ValueKind.Node)
                {
                    lastUse[source.Index][source.Slot] = index;
                }
            }
        }

        kept = [];
        foreach (GraphOutput output in graph.Outputs)
        {
            kept.Add(graph.Resolve(output.Value).Source);
        }

        return lastUse;
    }
}
