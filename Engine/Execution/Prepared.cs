using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Planning;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Execution;

/// <summary>A graph's program with the memory it runs in: what does not change from run to run.</summary>
internal sealed class Prepared
{
    internal Prepared(Graph graph, IBackend backend, IReadOnlySet<ValueRef> visible)
    {
        Visible = visible.ToImmutableHashSet();
        Program = backend.Load(graph, Visible);
        LastNodes = [.. Program.Stages.Select(stage => stage.Nodes[^1])];
        if (!Ascends(LastNodes) || !Program.Stages.All(stage => Ascends(stage.Nodes.AsSpan())))
        {
            throw Error.StageOrder(backend.Name);
        }

        Device = Program is IDeviceProgram device ? new DeviceValues(device) : null;
        Plan = Planner.Plan(graph, Program.Stages);
        byte[][] buffers = [.. Plan.Buffers.Select(bytes => GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true))];
        List<(ValueRef, int)> outputs = [];
        Values = new (ValueRef, Tensor?, bool)[Program.Stages.Length][];
        for (int parameter = 0; parameter < graph.Parameters.Length; parameter++)
        {
            Program.Bind(new ValueRef(ValueKind.Parameter, parameter), graph.Parameters[parameter].Value.Bytes);
        }

        for (int stage = 0; stage < Program.Stages.Length; stage++)
        {
            List<(ValueRef, Tensor?, bool)> values = [];
            foreach (int node in Program.Stages[stage].Nodes)
            {
                for (int slot = 0; slot < graph.Nodes[node].Outputs.Length; slot++)
                {
                    ValueRef value = new(ValueKind.Node, node, slot);
                    TensorType type = graph.TypeOf(value);
                    int place = Plan.Places[node][slot];
                    Tensor? tensor = place < 0 ? null : new Tensor(type, buffers[place].AsMemory(0, (int)type.Bytes));
                    if (tensor is not null)
                    {
                        Program.Bind(value, tensor.Bytes);
                    }
                    else if (place == Plan.IsOutput)
                    {
                        outputs.Add((value, (int)type.Bytes));
                    }

                    if (Visible.Contains(value))
                    {
                        bool hidden = place == Plan.IsHidden;
                        values.Add(hidden && Device is null ? throw Error.HiddenFromSight(backend.Name, graph.Nodes[node].Name) : (value, tensor, hidden));
                    }
                }
            }

            Values[stage] = [.. values];
        }

        Outputs = [.. outputs.OrderBy(output => output.Item1.Index).ThenBy(output => output.Item1.Slot)];
    }

    /// <summary>What the caller may see of the run, as the set was then: the caller's own may change.</summary>
    internal ImmutableHashSet<ValueRef> Visible { get; }

    internal IProgram Program { get; }

    /// <summary>The values that the program has on a device; null where it has none.</summary>
    internal DeviceValues? Device { get; }

    internal Plan Plan { get; }

    /// <summary>The last node of each stage: what a run asks for often, in one place.</summary>
    internal int[] LastNodes { get; }

    /// <summary>The values that get memory of their own at each run, and how much, in the order of the graph.</summary>
    internal ImmutableArray<(ValueRef Value, int Bytes)> Outputs { get; }

    /// <summary>For each stage, the visible values it fills; without a tensor where the memory is new at each run, or they are on the device.</summary>
    internal (ValueRef Value, Tensor? Tensor, bool OnDevice)[][] Values { get; }

    private static bool Ascends(ReadOnlySpan<int> nodes)
    {
        for (int i = 1; i < nodes.Length; i++)
        {
            if (nodes[i] <= nodes[i - 1])
            {
                return false;
            }
        }

        return true;
    }
}
