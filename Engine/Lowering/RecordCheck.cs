using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>What must hold for the records of a graph, one after another.</summary>
internal sealed class RecordCheck
{
    private readonly CostModel _model = new();
    private readonly List<GraphRecord> _records = [];
    private readonly Dictionary<(ValueKind Kind, int Index), TensorType> _given = [];
    private readonly HashSet<int> _outputs = [];
    private readonly HashSet<(int Node, int Slot)> _read = [];

    /// <summary>Checks the next record.</summary>
    /// <returns>What checking one element of each output may take.</returns>
    /// <exception cref="ArgumentException">The record is not valid; the message says why.</exception>
    internal ImmutableArray<CheckCost> Add(GraphRecord record)
    {
        int index = _records.Count;
        Require(index < Limits.Nodes, index, $"more than {Limits.Nodes} records");
        Inputs(record, index);
        string defect = record.Defect();
        Require(defect.Length == 0, index, defect);
        Outputs(record, index);
        _records.Add(record);
        _model.Add(record.Op, record.Inputs, record.OutputTypes, [.. record.Outputs.Select(output => output.Resolution)]);
        CheckCost[] costs = new CheckCost[record.Outputs.Length];
        for (int slot = 0; slot < costs.Length && !record.IsView; slot++)
        {
            costs[slot] = _model.Cost(index, slot);
            Require(costs[slot].IsWithinLimits, index, $"checking an element of output {slot} may take {costs[slot]}");
        }

        return [.. costs];
    }

    /// <summary>Checks what only holds for all records together.</summary>
    /// <exception cref="ArgumentException">It does not hold.</exception>
    internal void Finish()
    {
        int last = _records.Count - 1;
        Require(last >= 0 && _outputs.Count > 0, last, "the graph has no output");
        Require(_outputs.Max() == _outputs.Count - 1, last, "the graph outputs are not numbered from 0 without a gap");
        for (int index = 0; index <= last; index++)
        {
            bool isNeeded = _records[index].Outputs.Where((output, slot) => output.GraphOutput >= 0 || _read.Contains((index, slot))).Any();
            Require(isNeeded, index, "nothing needs it");
        }

        foreach (ValueKind kind in new[] { ValueKind.Parameter, ValueKind.Input })
        {
            int[] indices = [.. _given.Keys.Where(key => key.Kind == kind).Select(key => key.Index)];
            Require(kind == ValueKind.Input || indices.Length == 0 || indices.Max() == indices.Length - 1, last, "a parameter is not needed");
        }
    }

    private void Inputs(GraphRecord record, int index)
    {
        Require(record.Inputs.Length <= Limits.RecordValues, index, $"more than {Limits.RecordValues} inputs");
        foreach (RecordInput input in record.Inputs)
        {
            (ValueKind kind, int of, int slot) = input.Source;
            if (kind == ValueKind.Node)
            {
                Require(of >= 0 && of < index && slot >= 0 && slot < _records[of].Outputs.Length, index, "refers to a value that is not earlier");
                Require(_records[of].Outputs[slot].Type == input.Type, index, "gives another type to a value that it refers to");
                Require(!record.IsView || !_records[of].IsView, index, "a view of a view");
                _read.Add((of, slot));
                continue;
            }

            bool isNamed = kind is ValueKind.Parameter or ValueKind.Input && of >= 0 && of < Limits.Values && slot == 0;
            Require(isNamed, index, "refers to a value that cannot be");
            Require(!_given.TryGetValue((kind, of), out TensorType? known) || known == input.Type, index, "gives another type than an earlier record");
            _given[(kind, of)] = input.Type;
        }
    }

    private void Outputs(GraphRecord record, int index)
    {
        Require(record.Outputs.Length <= Limits.RecordValues, index, $"more than {Limits.RecordValues} outputs");
        for (int slot = 0; slot < record.Outputs.Length; slot++)
        {
            RecordOutput output = record.Outputs[slot];
            Require(record.IsView || output.Type.Bytes <= Limits.TensorBytes, index, $"output {slot} is too large");
            if (output.GraphOutput >= 0)
            {
                Require(output.GraphOutput < Limits.GraphOutputs, index, $"more than {Limits.GraphOutputs} graph outputs");
                Require(output.Resolution == Resolution.Committed, index, "a graph output is not committed");
                Require(_outputs.Add(output.GraphOutput), index, "a graph output occurs twice");
            }
        }
    }

    private static void Require(bool holds, int index, string rule)
    {
        if (!holds)
        {
            throw Error.Record(index, rule);
        }
    }
}
