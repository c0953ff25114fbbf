using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>Upper bounds of what checks take, from ops, types and resolutions alone: lowering chooses by them, and whoever validates a
/// statement computes them again.</summary>
internal sealed class CostModel
{
    private readonly List<Entry> _entries = [];

    /// <summary>Adds the next node.</summary>
    internal void Add(Op op, ImmutableArray<RecordInput> inputs, ImmutableArray<TensorType> outputs, Resolution[] resolutions) =>
        _entries.Add(new Entry(op, inputs, [.. inputs.Select(input => input.Type)], outputs, resolutions));

    /// <summary>Commits an output that was to be recomputed.</summary>
    internal void Commit(int node, int slot) => _entries[node].Resolutions[slot] = Resolution.Committed;

    /// <summary>How an output stands.</summary>
    internal Resolution ResolutionOf(int node, int slot) => _entries[node].Resolutions[slot];

    /// <summary>The value that holds an input's elements, and the map to them.</summary>
    internal Source Resolve(RecordInput input) =>
        input.Source.Kind == ValueKind.Node && _entries[input.Source.Index] is { Op: View view, Inputs: [RecordInput held] }
            ? new Source(held.Source, held.Type, view.Map)
            : new Source(input.Source, input.Type, AffineView.Identity(input.Type.Shape));

    /// <summary>What checking one element of an output takes. A function of the nodes up to it alone. Recursion is as deep as values are
    /// recomputed, so every recomputed value must have been found within the limits before.</summary>
    internal CheckCost Cost(int node, int slot)
    {
        Shape shape = _entries[node].Outputs[slot].Shape;
        if (shape.Elements == 0)
        {
            return default;
        }

        (long operations, int depth) = Evaluation(node, slot, []);
        return new CheckCost(Leaves(node, slot, Footprint.Element(shape), []), operations, depth);
    }

    /// <summary>The recomputed values that a node reads directly, those that cost most first.</summary>
    internal IEnumerable<(int Node, int Slot)> RecomputedUnder(int node) =>
        _entries[node].Inputs.Select(input => Resolve(input).Value)
            .Where(source => source.Kind == ValueKind.Node)
            .Select(source => (source.Index, source.Slot))
            .Distinct()
            .Where(source => ResolutionOf(source.Index, source.Slot) == Resolution.Recomputed)
            .OrderByDescending(source => Cost(source.Index, source.Slot).Operations);

    // Elements computed and pulled for one element of an output, every recomputed one as often as it is pulled; and how deep they nest.
    private (long Operations, int Depth) Evaluation(int node, int slot, Dictionary<(int Node, int Slot), (long Operations, int Depth)> known)
    {
        if (known.TryGetValue((node, slot), out (long Operations, int Depth) before))
        {
            return before;
        }

        long operations = 1;
        int depth = 0;
        foreach ((Footprint read, Source from) in ReadsOf(node, slot, Footprint.Element(_entries[node].Outputs[slot].Shape)))
        {
            (long below, int under) = IsRecomputed(from) ? Evaluation(from.Value.Index, from.Value.Slot, known) : default;
            operations = Saturating.Add(operations, Saturating.Multiply(read.Elements, Saturating.Add(1, below)));
            depth = Math.Max(depth, under);
        }

        known[(node, slot)] = (operations, depth + 1);
        return (operations, depth + 1);
    }

    // Leaves that hold what evaluating a footprint of an output pulls, every path counted.
    private long Leaves(int node, int slot, Footprint footprint, Dictionary<(int Node, int Slot, string Footprint), long> known)
    {
        (int, int, string) key = (node, slot, footprint.ToString());
        if (known.TryGetValue(key, out long before))
        {
            return before;
        }

        if (known.Count >= Limits.CheckVisits)
        {
            return long.MaxValue;
        }

        long leaves = 0;
        foreach ((Footprint read, Source from) in ReadsOf(node, slot, footprint))
        {
            leaves = Saturating.Add(leaves, IsRecomputed(from)
                ? Leaves(from.Value.Index, from.Value.Slot, LeafBound.Through(read, from.Map, from.Type.Shape), known)
                : LeafBound.Leaves(read, from.Map, from.Type));
        }

        known[key] = leaves;
        return leaves;
    }

    private IEnumerable<(Footprint Read, Source From)> ReadsOf(int node, int slot, Footprint footprint)
    {
        Entry entry = _entries[node];
        ImmutableArray<Footprint> reads = entry.Op.Footprints(entry.InputTypes.AsSpan(), slot, footprint);
        for (int i = 0; i < reads.Length; i++)
        {
            if (reads[i].Count > 0)
            {
                yield return (reads[i], i < entry.Inputs.Length ? Resolve(entry.Inputs[i]) : Own(entry, node, i - entry.Inputs.Length));
            }
        }
    }

    private bool IsRecomputed(Source source) =>
        source.Value.Kind == ValueKind.Node && ResolutionOf(source.Value.Index, source.Value.Slot) == Resolution.Recomputed;

    private static Source Own(Entry entry, int node, int slot) =>
        new(new ValueRef(ValueKind.Node, node, slot), entry.Outputs[slot], AffineView.Identity(entry.Outputs[slot].Shape));

    /// <summary>The value that holds elements, and the map to them.</summary>
    internal readonly record struct Source(ValueRef Value, TensorType Type, AffineView Map);

    private sealed record Entry(
        Op Op,
        ImmutableArray<RecordInput> Inputs,
        ImmutableArray<TensorType> InputTypes,
        ImmutableArray<TensorType> Outputs,
        Resolution[] Resolutions);
}
