using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>Makes a graph committable: a pure function of graph and policy, with a version of its own. First layouts (<see cref="LayoutPass"/>),
/// then what is committed.</summary>
public static class Lowerer
{
    /// <summary>Version of the choices made here. Another choice is another version; records made by an older one stay valid.</summary>
    public const int Version = 1;

    // compact/1: what pulls no more elements than this for one of its own is computed again rather than committed.
    private const long CheapReads = 8;

    // compact/2: a check that recomputes what could be committed keeps within this.
    private const int TargetOperations = 1 << 16;
    private const int TargetLeaves = 384;

    /// <summary>Lowers a graph.</summary>
    /// <exception cref="NotCommittableException">Checking an element of a node would cost too much whatever is committed; names the node.</exception>
    public static LoweredGraph Lower(Graph graph, Policy policy)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph laid = LayoutPass.Run(graph);
        CostModel model = new();
        int[][] outputs = OutputNumbers(laid);
        bool?[][]? choices = policy == Policy.Compact2 ? CompactChoice.Of(laid) : null;
        for (int index = 0; index < laid.Nodes.Length; index++)
        {
            Node node = laid.Nodes[index];
            Resolution[] resolutions = [.. node.Outputs.Select((_, slot) => choices is null || node.Op is View
                ? FirstChoice(node, slot, laid, outputs[index][slot] >= 0, policy)
                : choices[index][slot] is null ? Resolution.Committed : Resolution.Recomputed)];
            model.Add(node.Op, InputsOf(node, laid), node.Outputs, resolutions);
            for (int slot = 0; slot < resolutions.Length && node.Op is not View; slot++)
            {
                if (choices is not null)
                {
                    Aim(model, index, slot, choices);
                }

                Bound(model, index, slot, node);
            }
        }

        try
        {
            return new LoweredGraph(laid, CommittedGraph.Sum(laid.Nodes.Select((node, index) => new GraphRecord(
                node.Op,
                InputsOf(node, laid),
                [.. node.Outputs.Select((type, slot) => new RecordOutput(type, model.ResolutionOf(index, slot), outputs[index][slot]))],
                0,
                0))));
        }
        catch (ArgumentException refusal)
        {
            throw new NotCommittableException(refusal.Message, refusal);
        }
    }

    // Commits what the node of an output reads and rules 2 and 3 recompute, the costliest first, until its check is within the target or none is left.
    private static void Aim(CostModel model, int index, int slot, bool?[][] choices)
    {
        while (model.Cost(index, slot) is { Operations: > TargetOperations } or { Leaves: > TargetLeaves })
        {
            (int Node, int Slot)? next = model.RecomputedUnder(index)
                .Where(value => choices[value.Node][value.Slot] == true).Select(value => ((int, int)?)value).FirstOrDefault();
            if (next is null)
            {
                return;
            }

            model.Commit(next.Value.Node, next.Value.Slot);
        }
    }

    // Commits what the node of an output reads, the costliest first, until its check is within the limits.
    private static void Bound(CostModel model, int index, int slot, Node node)
    {
        while (!model.Cost(index, slot).IsWithinLimits)
        {
            (int Node, int Slot)? next = model.RecomputedUnder(index).Select(value => ((int, int)?)value).FirstOrDefault();
            if (next is null)
            {
                throw new NotCommittableException(
                    $"node '{node.Name}' ({node.Op.Name}): checking one element of output {slot} may take {model.Cost(index, slot)}");
            }

            model.Commit(next.Value.Node, next.Value.Slot);
        }
    }

    private static Resolution FirstChoice(Node node, int slot, Graph graph, bool isGraphOutput, Policy policy)
    {
        if (node.Op is View)
        {
            return Resolution.View;
        }

        bool isCopy = node.Op is Copy or Concat || node.Op.IsSteered || node.Inputs.Length > Limits.RecomputedInputs;
        if (policy == Policy.Atomic || isGraphOutput || isCopy || slot >= node.Op.AuxiliaryFrom)
        {
            return Resolution.Committed;
        }

        long reads = 0;
        TensorType[] types = [.. node.Inputs.Select(graph.TypeOf)];
        if (node.Op.StepElements(types, slot) > 0)
        {
            return Resolution.Committed;
        }

        Footprint element = Footprint.Element(node.Outputs[slot].Shape);
        foreach (Footprint read in node.Op.Footprints(types, slot, element))
        {
            reads = Saturating.Add(reads, read.Elements);
        }

        return reads <= CheapReads ? Resolution.Recomputed : Resolution.Committed;
    }

    private static ImmutableArray<RecordInput> InputsOf(Node node, Graph graph) =>
        [.. node.Inputs.Select(input => new RecordInput(input, graph.TypeOf(input)))];

    private static int[][] OutputNumbers(Graph graph)
    {
        int[][] numbers = [.. graph.Nodes.Select(node => Enumerable.Repeat(-1, node.Outputs.Length).ToArray())];
        for (int i = 0; i < graph.Outputs.Length; i++)
        {
            ValueRef value = graph.Outputs[i].Value;
            numbers[value.Index][value.Slot] = i;
        }

        return numbers;
    }
}
