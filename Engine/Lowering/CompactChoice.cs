using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

//
//  compact/2: what of a graph is committed
//
//  An output that may be recomputed at all is decided after all that reads it, by the first rule that holds. Reads are the elements that one
//  of its elements pulls.
//
//  Once     it is pulled no more often, by all that reads it, than it has elements, and no reader pulls more than one of them in a check, or
//           few operations' worth: recomputed. Its reader is committed in its place, and no check grows by more than the work it takes over: a
//           product under the residual sum, under an activation, under the copy that lays it; not a convolution under the mean of its plane.
//  Cheap    at most 8 reads: recomputed, unless committing it frees dearer values beneath it, of as many bytes: nothing else would pull them.
//  Short    at most 256 reads, for one node, and not pulled inside another short one: recomputed. Hashing an element costs as much as some
//           fifty multiply-adds; attention scores cost little more than that to compute again.
//  Else     committed.
//
//  Then, output after output in the order of the graph, Lowerer commits of what the output's node itself reads: what is cheap or short while
//  a check exceeds the target, anything while it exceeds the limits, the costliest first.
//
//  docs/protocol.md, section 6, says all of it in full.
//

/// <summary>Chooses, for policy compact/2, what is recomputed inside checks. A function of the graph alone.</summary>
internal sealed class CompactChoice
{
    private const long CheapReads = 8;
    private const long ShortReads = 256;

    // Operations that several elements pulled by one check may take together.
    private const long OnceOperations = 1 << 14;

    // Values looked at beneath a cheap one.
    private const int ConeValues = 32;

    private readonly Graph _graph;
    private readonly HashSet<ValueRef> _outputs;
    private readonly Choice[][] _choices;

    // For each value of a node: the nodes that read it, and how many elements of it all committed elements together pull.
    private readonly SortedSet<int>[][] _readers;
    private readonly long[][] _pulls;

    // How many elements of it one output that reads it pulls in one check, at most; of several such outputs, the one that pulls most.
    private readonly long[][] _most;

    // Values that are pulled inside a short one.
    private readonly bool[][] _inside;

    private CompactChoice(Graph graph)
    {
        _graph = graph;
        _outputs = [.. graph.Outputs.Select(output => output.Value)];
        _choices = Each<Choice>(_ => default);
        _readers = Each(_ => new SortedSet<int>());
        _pulls = Each(_ => 0L);
        _most = Each(_ => 0L);
        _inside = Each(_ => false);
    }

    private enum Choice
    {
        Committed,
        Once,
        Cheap,
        Short,
    }

    /// <summary>The first choice for every output, before checks are bounded: recomputed because it is pulled once, recomputed for another
    /// reason (true), or committed (null).</summary>
    /// <param name="graph">The graph in its layout.</param>
    internal static bool?[][] Of(Graph graph)
    {
        CompactChoice choice = new(graph);
        choice.Run();
        return [.. choice._choices.Select(row => row.Select(one => one == Choice.Committed ? null : (bool?)(one != Choice.Once)).ToArray())];
    }

    private void Run()
    {
        for (int index = 0; index < _graph.Nodes.Length; index++)
        {
            foreach (ValueRef input in Sources(index))
            {
                _readers[input.Index][input.Slot].Add(index);
            }
        }

        for (int index = _graph.Nodes.Length - 1; index >= 0; index--)
        {
            Node node = _graph.Nodes[index];
            if (node.Op is View)
            {
                continue;
            }

            foreach (int slot in node.Op.EvaluationOrder(node.Outputs.Length).Reverse())
            {
                Footprint[] reads = [.. node.Op.Footprints(Types(node), slot, Footprint.Element(node.Outputs[slot].Shape))];
                _choices[index][slot] = CanBeRecomputed(index, slot) ? Choose(index, slot, Sum(reads)) : Choice.Committed;
                Pull(index, slot, reads);
            }
        }
    }

    private Choice Choose(int index, int slot, long reads)
    {
        long elements = _graph.Nodes[index].Outputs[slot].Elements;
        bool isFew = _most[index][slot] <= 1 || Saturating.Multiply(_most[index][slot], reads) <= OnceOperations;
        if (_pulls[index][slot] <= elements && isFew)
        {
            return Choice.Once;
        }

        if (reads <= CheapReads)
        {
            return Frees(index, slot) ? Choice.Committed : Choice.Cheap;
        }

        return reads <= ShortReads && _readers[index][slot].Count == 1 && !_inside[index][slot] ? Choice.Short : Choice.Committed;
    }

    // Whether values that are not cheap would be pulled for this one only if it was committed, and have as many bytes: those that nothing reads
    // but this value and cheap ones beneath it, each counted once. A short one does not count for a value that one node reads: it can be recomputed
    // there too. Statistics that the node makes beside it read what it reads, so nothing beneath is pulled once whatever becomes of it.
    private bool Frees(int index, int slot)
    {
        if (_graph.Nodes[index].Outputs.Length > _graph.Nodes[index].Op.AuxiliaryFrom)
        {
            return false;
        }

        long least = _readers[index][slot].Count > 1 ? CheapReads : ShortReads;
        HashSet<int> cone = [index];
        HashSet<int> dear = [];
        Stack<int> open = new([index]);
        long freed = 0;
        while (open.Count > 0 && cone.Count < ConeValues)
        {
            foreach (ValueRef below in Sources(open.Pop()).Distinct())
            {
                Node node = _graph.Nodes[below.Index];
                if (node.Outputs.Length > 1 || cone.Contains(below.Index) || !CanBeRecomputed(below.Index, 0)
                    || !_readers[below.Index][0].IsSubsetOf(cone))
                {
                    continue;
                }

                long reads = Sum(node.Op.Footprints(Types(node), 0, Footprint.Element(node.Outputs[0].Shape)));
                freed = Saturating.Add(freed, reads > least && dear.Add(below.Index) ? node.Outputs[0].Bytes : 0);
                if (reads <= CheapReads)
                {
                    cone.Add(below.Index);
                    open.Push(below.Index);
                }
            }
        }

        return freed > 0 && freed >= _graph.Nodes[index].Outputs[slot].Bytes;
    }

    // What an output reads is pulled: once for each of its elements where it is committed, else as often as these are pulled.
    private void Pull(int index, int slot, Footprint[] reads)
    {
        Node node = _graph.Nodes[index];
        bool isCommitted = _choices[index][slot] == Choice.Committed;
        bool isInside = !isCommitted && (_choices[index][slot] == Choice.Short || _inside[index][slot]);
        long times = isCommitted ? node.Outputs[slot].Elements : _pulls[index][slot];
        long most = isCommitted ? 1 : _most[index][slot];
        Dictionary<ValueRef, long> together = [];
        for (int i = 0; i < reads.Length; i++)
        {
            ValueRef source = i < node.Inputs.Length
                ? _graph.Resolve(node.Inputs[i]).Source
                : new ValueRef(ValueKind.Node, index, i - node.Inputs.Length);
            if (reads[i].Count == 0 || source.Kind != ValueKind.Node)
            {
                continue;
            }

            // Of a concatenation each element pulls one of one input.
            long pulled = node.Op is Concat ? Share(times, node, i) : Saturating.Multiply(times, reads[i].Elements);
            _pulls[source.Index][source.Slot] = Saturating.Add(_pulls[source.Index][source.Slot], pulled);
            together[source] = Saturating.Add(together.GetValueOrDefault(source), Saturating.Multiply(most, reads[i].Elements));
            _most[source.Index][source.Slot] = Math.Max(_most[source.Index][source.Slot], together[source]);
            _inside[source.Index][source.Slot] |= isInside;
        }
    }

    private long Share(long times, Node node, int input) =>
        (long)((Int128)times * _graph.TypeOf(node.Inputs[input]).Elements / Math.Max(1, node.Outputs[0].Elements));

    // A copy stays where it is: it was made so that what is read together lies together.
    private bool CanBeRecomputed(int index, int slot)
    {
        Node node = _graph.Nodes[index];
        return node.Op is not (View or Copy or Concat) && slot < node.Op.AuxiliaryFrom && node.Inputs.Length <= Limits.RecomputedInputs
            && node.Op.StepElements(Types(node), slot) == 0 && !_outputs.Contains(new ValueRef(ValueKind.Node, index, slot));
    }

    private IEnumerable<ValueRef> Sources(int index) => _graph.Nodes[index].Op is View
        ? []
        : _graph.Nodes[index].Inputs.Select(input => _graph.Resolve(input).Source).Where(source => source.Kind == ValueKind.Node);

    private TensorType[] Types(Node node) => [.. node.Inputs.Select(_graph.TypeOf)];

    private static long Sum(IEnumerable<Footprint> reads) => reads.Aggregate(0L, (sum, read) => Saturating.Add(sum, read.Elements));

    private T[][] Each<T>(Func<TensorType, T> make) => [.. _graph.Nodes.Select(node => node.Outputs.Select(make).ToArray())];
}
