using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>An operation: what it means for one contiguous row-major range of one of its outputs. Execution is a loop over ranges;
/// checking is one turn of that loop. Immutable. The set of operations is closed.</summary>
public abstract class Op
{
    private protected Op(string name, int version, params ImmutableArray<OpAttribute> attributes)
    {
        Name = name;
        Version = version;
        Attributes = attributes.IsDefault ? [] : attributes;
    }

    /// <summary>The name that enters records: MatMul, Conv …</summary>
    public string Name { get; }

    /// <summary>Version of the meaning. A bit that changes is a new version beside the old one.</summary>
    public int Version { get; }

    /// <summary>Every attribute, in the op's fixed order, defaults filled in.</summary>
    public ImmutableArray<OpAttribute> Attributes { get; }

    /// <summary>Index of the first auxiliary output. Outputs before it are ordinary: the op's results. The others are what these are made
    /// of (a row's maximum, the folds of blocks …): values like any other, stated so that one element of every output reads little.
    /// Auxiliary outputs are evaluated first, then the ordinary ones, each in ascending order; an evaluation may read the outputs
    /// before its own in that order, and of its own the elements of earlier steps (<see cref="StepElements"/>).</summary>
    public virtual int AuxiliaryFrom => 1;

    /// <summary>The shape rule: types of all outputs for the given input types.</summary>
    /// <exception cref="ArgumentException">The inputs do not fit; the message names op, rule and types.</exception>
    public abstract ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs);

    /// <summary>The definition: evaluates elements start … start + y.Count − 1 of an output, pulling what it needs through the reader.
    /// Total on every bit pattern of the inputs.</summary>
    /// <param name="x">The inputs, the own outputs that come earlier in the order of evaluation, and what is stored of this one.</param>
    /// <param name="output">Which output.</param>
    /// <param name="start">Row-major index of the first element.</param>
    /// <param name="y">Where the elements go.</param>
    public abstract void Evaluate(ElementReader x, int output, long start, ElementWriter y);

    /// <summary>How many consecutive elements make a step of an output whose elements read earlier elements of that same output: those of a
    /// step read only what lies in the steps before it, through the reader, which shows what is stored already. 0 where no element reads
    /// its own output. A running sum over the last axis has steps of one element, a recurrent state steps of all its units.</summary>
    /// <param name="inputs">Types of the inputs.</param>
    /// <param name="output">Which output.</param>
    public virtual long StepElements(ReadOnlySpan<TensorType> inputs, int output) => 0;

    /// <summary>True where the values of some inputs decide which elements of others are read.</summary>
    public virtual bool IsSteered => false;

    /// <summary>What evaluating some boxes of an output can pull, whatever the values: a footprint for each slot, the inputs and then the own
    /// outputs.</summary>
    /// <param name="inputs">Types of the inputs.</param>
    /// <param name="output">Which output.</param>
    /// <param name="of">The boxes of that output.</param>
    /// <exception cref="ArgumentException">The inputs do not fit, or the footprint is not one of the output.</exception>
    public ImmutableArray<Footprint> Footprints(ReadOnlySpan<TensorType> inputs, int output, Footprint of)
    {
        ImmutableArray<TensorType> outputs = Infer(inputs);
        Footprint held = of.Within(outputs[output].Shape);
        Reads reads = new(inputs, outputs, output, held.Box);
        if (held.Count > 0)
        {
            Read(reads);
        }

        return reads.Of(held.Count);
    }

    /// <summary>Indices of the outputs in the order of evaluation.</summary>
    /// <param name="outputs">Number of outputs.</param>
    public ImmutableArray<int> EvaluationOrder(int outputs)
        => [.. Enumerable.Range(AuxiliaryFrom, outputs - AuxiliaryFrom), .. Enumerable.Range(0, AuxiliaryFrom)];

    /// <summary>As written in messages: <c>Conv/1(strides=1,1 …)</c>.</summary>
    public override string ToString() => Attributes.IsEmpty
        ? $"{Name}/{Version}"
        : $"{Name}/{Version}({string.Join(' ', Attributes.Select(attribute => attribute.ToString()))})";

    /// <summary>Names what evaluating one box of an output reads of each slot.</summary>
    private protected abstract void Read(Reads reads);

    private protected ArgumentException Refuse(string rule, ReadOnlySpan<TensorType> inputs)
        => Error.OpInputs($"{Name}/{Version}", rule, inputs);

    private protected void Require(bool holds, string rule, ReadOnlySpan<TensorType> inputs)
    {
        if (!holds)
        {
            throw Refuse(rule, inputs);
        }
    }
}
