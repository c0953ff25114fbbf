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
        Buffers buffers = new();
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
                    int until = Math.Max(lastUse[node][slot], index);
                    int over = Operands(stages[index], value, lastUse, index).Select(operand => places[operand.Index][operand.Slot])
                        .FirstOrDefault(buffer => buffers.TryHoldOver(buffer, bytes, until), -1);
                    places[node][slot] = over >= 0 ? over : buffers.Hold(bytes, until);
                }
            }

            largestLive = Math.Max(largestLive, buffers.LiveBytes + outputBytes);
            buffers.End(index);
        }

        outputBytes += graph.Outputs.Sum(output => graph.Resolve(output.Value).Map.IsContiguous ? 0 : graph.TypeOf(output.Value).Bytes);
        long parameterBytes = graph.Parameters.Select(parameter => parameter.Value).Distinct().Sum(value => value.Type.Bytes);
        return new Plan([.. buffers.Sizes], [.. places.Select(place => place.ToImmutableArray())], outputBytes, parameterBytes, largestLive);
    }

    // The operands that die here and that the output may lie over.
    private static IEnumerable<ValueRef> Operands(Stage stage, ValueRef output, int[][] lastUse, int index) => stage.Over
        .Where(over => over.Output == output && over.Operand.Kind == ValueKind.Node && lastUse[over.Operand.Index][over.Operand.Slot] == index)
        .Select(over => over.Operand);

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
