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
    // Values visited for one bound, each with one footprint. Beyond, more must be committed: deciding must stay cheap too.
    private const int Visits = 4096;

    private readonly List<Entry> _entries = [];

    /// <summary>Adds the next node.</summary>
    internal void Add(Op op, ImmutableArray<RecordInput> inputs, ImmutableArray<TensorType> outputs, Resolution[] resolutions) =>
        _entries.Add(new Entry(op, inputs, [.. inputs.Select(input => input.Type)], outputs, resolutions));

    /// <summary>Commits an output that was to be recomputed.</summary>
    internal void Commit(int node, int slot) => _entries[node].Resolutions[slot] = Resolution.Committed;

    /// <summary>How an output stands.</summary>
    internal Resolution ResolutionOf(int node, int slot) => _entries[node].Resolutions[slot];

    /// <summary>The value that holds an input's elements, and the map to them.</summary>
    internal (ValueRef Source, TensorType Type, AffineView Map) Resolve(RecordInput input) =>
        input.Source.Kind == ValueKind.Node && _entries[input.Source.Index] is { Op: View view, Inputs: [RecordInput held] }
            ? (held.Source, held.Type, view.Map)
            : (input.Source, input.Type, AffineView.Identity(input.Type.Shape));

    /// <summary>What checking one element of an output takes. A function of the nodes up to it alone. Recursion is as deep as values are
    /// recomputed, so every recomputed value must have been found within the limits before.</summary>
    internal CheckCost Cost(int node, int slot)
    {
        Shape shape = _entries[node].Outputs[slot].Shape;
        Footprint element = new(1, [.. Enumerable.Repeat(1L, shape.Rank)]);
        return shape.Elements == 0 ? default : Visit(node, slot, element, []);
    }

    /// <summary>The recomputed values that a node reads directly, own outputs included, those that cost most first.</summary>
    internal IEnumerable<(int Node, int Slot)> RecomputedUnder(int node) =>
        _entries[node].Inputs.Select(input => Resolve(input).Source)
            .Where(source => source.Kind == ValueKind.Node)
            .Select(source => (source.Index, source.Slot))
            .Distinct()
            .Where(source => ResolutionOf(source.Index, source.Slot) == Resolution.Recomputed)
            .OrderByDescending(source => Cost(source.Index, source.Slot).Operations);

    private CheckCost Visit(int node, int slot, Footprint footprint, Dictionary<(int Node, int Slot, string Footprint), CheckCost> known)
    {
        if (known.TryGetValue((node, slot, footprint.ToString()), out CheckCost before))
        {
            return before;
        }

        if (known.Count >= Visits)
        {
            return CheckCost.TooMuch;
        }

        Entry entry = _entries[node];
        CheckCost cost = new(0, footprint.Elements, 0);
        ImmutableArray<Footprint> reads = entry.Op.Footprints(entry.InputTypes, slot, footprint);
        for (int i = 0; i < reads.Length; i++)
        {
            cost = cost.Plus(i < entry.Inputs.Length
                ? Read(reads[i], Resolve(entry.Inputs[i]), known)
                : Read(reads[i], Own(entry, node, i - entry.Inputs.Length), known));
        }

        cost = cost with { Depth = Math.Min(cost.Depth, int.MaxValue - 1) + 1 };
        known[(node, slot, footprint.ToString())] = cost;
        return cost;
    }

    private CheckCost Read(
        Footprint read,
        (ValueRef Source, TensorType Type, AffineView Map) from,
        Dictionary<(int Node, int Slot, string Footprint), CheckCost> known)
    {
        if (read.Count == 0)
        {
            return default;
        }

        CheckCost pulled = new(0, read.Elements, 0);
        bool isRecomputed = from.Source.Kind == ValueKind.Node
            && ResolutionOf(from.Source.Index, from.Source.Slot) == Resolution.Recomputed;
        return pulled.Plus(isRecomputed
            ? Visit(from.Source.Index, from.Source.Slot, LeafBound.Through(read, from.Map, from.Type.Shape), known)
            : new CheckCost(LeafBound.Leaves(read, from.Map, from.Type), 0, 0));
    }

    private static (ValueRef Source, TensorType Type, AffineView Map) Own(Entry entry, int node, int slot) =>
        (new ValueRef(ValueKind.Node, node, slot), entry.Outputs[slot], AffineView.Identity(entry.Outputs[slot].Shape));

    private sealed record Entry(
        Op Op,
        ImmutableArray<RecordInput> Inputs,
        ImmutableArray<TensorType> InputTypes,
        ImmutableArray<TensorType> Outputs,
        Resolution[] Resolutions);
}
