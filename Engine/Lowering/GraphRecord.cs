using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Lowering;

/// <summary>How an output of a record stands in a trace.</summary>
public enum Resolution
{
    /// <summary>Its bytes are under the trace root.</summary>
    Committed = 1,

    /// <summary>A check computes what it needs of it again.</summary>
    Recomputed = 2,

    /// <summary>It is a view: its elements are another value's.</summary>
    View = 3,
}

/// <summary>An input of a record: the value it is, and that value's type.</summary>
public sealed record RecordInput(ValueRef Source, TensorType Type);

/// <summary>An output of a record.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Resolution">How it stands in a trace.</param>
/// <param name="GraphOutput">Which graph output it is; −1: none.</param>
public sealed record RecordOutput(TensorType Type, Resolution Resolution, int GraphOutput = -1);

/// <summary>One node of a committed graph, complete enough that a referee who holds it alone can check one element of it.</summary>
/// <param name="Op">What it does, attributes included.</param>
/// <param name="Inputs">Its operands, all earlier.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="ElementsBefore">Committed elements of all earlier records.</param>
/// <param name="WorkBefore">Scalar operations that checking each committed element of all earlier records once may take.</param>
public sealed record GraphRecord(
    Op Op, ImmutableArray<RecordInput> Inputs, ImmutableArray<RecordOutput> Outputs, UInt128 ElementsBefore, UInt128 WorkBefore)
{
    /// <summary>Whether it is a view.</summary>
    public bool IsView => Op is View;

    /// <summary>Types of the inputs.</summary>
    public ImmutableArray<TensorType> InputTypes => [.. Inputs.Select(input => input.Type)];

    /// <summary>Types of the outputs.</summary>
    public ImmutableArray<TensorType> OutputTypes => [.. Outputs.Select(output => output.Type)];

    /// <summary>What is wrong with the record alone; empty: it is sound. Its outputs are what its op makes of its inputs, and stand as they can.</summary>
    public string Defect()
    {
        try
        {
            if (!Op.Infer(InputTypes.AsSpan()).SequenceEqual(OutputTypes))
            {
                return "its outputs are not what its op makes of its inputs";
            }
        }
        catch (ArgumentException refusal)
        {
            return refusal.Message;
        }

        int slot = Enumerable.Range(0, Outputs.Length).FirstOrDefault(slot => !CanBe(slot, Outputs[slot].Resolution), -1);
        return slot < 0 ? string.Empty : $"output {slot} cannot be {Outputs[slot].Resolution}";
    }

    /// <summary>Whether it is the record of a node: the same op on the same values.</summary>
    internal bool IsOf(Node node) =>
        (node.Op.Name, node.Op.Version) == (Op.Name, Op.Version)
        && node.Op.Attributes.Length == Op.Attributes.Length
        && node.Op.Attributes.Zip(Op.Attributes).All(pair => pair.First.Values.SequenceEqual(pair.Second.Values))
        && node.Inputs.SequenceEqual(Inputs.Select(input => input.Source))
        && node.Outputs.SequenceEqual(OutputTypes);

    /// <summary>Whether an output can stand so. What is recomputed is evaluated as often as it is pulled, so it must not have many inputs.</summary>
    private bool CanBe(int slot, Resolution resolution) => resolution switch
    {
        Resolution.View => IsView,
        Resolution.Recomputed => !IsView && slot < Op.AuxiliaryFrom && Inputs.Length <= Limits.RecomputedInputs
            && Op.StepElements(InputTypes.AsSpan(), slot) == 0,
        _ => !IsView,
    };
}
