using System;
using System.Collections.Immutable;
using System.Linq;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Recurrent: the family of ops whose state at a step is made of one row of X and the state at the step before
//
//  Shapes   X [T, B, I], W [G*H, I], R [G*H, H], Wb [G*H], Rb [G*H], one real type; lengths [B] i32; initial h [B, H], (Lstm: initial c
//           [B, H], P? [3*H]) -> Y [T, B, H], Y_h [B, H], (Lstm: Y_c [B, H]), all of X's type; auxiliary: the state
//           [T, parts, B, H], f32 (f64 for f64)
//  Reads    state: see each op; it reads itself, in steps of B*H. Y: the length and one element of the state; Y_h, Y_c: one element of the
//           last step, or the initial one where T = 0
//  Order    a gate's total starts from (Wb + Rb) + 0; then the blocks of 256 of W·x, k ascending, then those of R·h, by the
//           dot-product formula; then clip, then the gate's function. Steps ascend
//  Rounding one per fma and per operation, in f32 (f64); the state is not rounded to a narrower type, Y, Y_h and Y_c are, once
//  NaN      IEEE 754. At a step that is not below the sequence's length h and c stay what they were and other parts are +0; Y is +0
//  Source   docs/numerics.md, section Recurrence; ONNX LSTM-22, GRU-22, RNN-22
//

/// <summary>The family of ops whose state at a step is made of one row of X and the state at the step before. Sequences run forward: a
/// reverse one is a view or a gather around the op.</summary>
public abstract class Recurrent : Op
{
    /// <summary>Slot of the bias that is added to W·x.</summary>
    public const int BiasW = 3;

    /// <summary>Slot of the bias that is added to R·h.</summary>
    public const int BiasR = 4;

    /// <summary>Slot of the sequences' lengths.</summary>
    public const int Lengths = 5;

    /// <summary>Slot of the initial h; a second part of the state that is carried from step to step has the slot after it.</summary>
    public const int Initial = 6;

    private protected Recurrent(
        string name, int gates, int parts, int carried, ImmutableArray<GateActivation> activations, int functions, float clip, params OpAttribute[] more)
        : base(
            name,
            1,
            [.. GateActivation.Attributes(GateActivation.Held(activations, functions)), OpAttribute.Of("clip", clip), .. more])
    {
        Gates = gates;
        Parts = parts;
        Carried = carried;
        Activations = activations;
        Clip = clip >= 0 ? clip : throw Error.AttributeOutOfRange("clip", BitConverter.SingleToUInt32Bits(clip), 0, 0x7F80_0000);
    }

    /// <summary>Gates whose weights W, R and the biases hold, H rows each.</summary>
    public int Gates { get; }

    /// <summary>Parts of the state at a step: what other elements of the step read, then h, last.</summary>
    public int Parts { get; }

    /// <summary>Parts that go from step to step: h, or h and c. There is an initial one of each, and an output with the last one.</summary>
    public int Carried { get; }

    /// <summary>The gates' functions.</summary>
    public ImmutableArray<GateActivation> Activations { get; }

    /// <summary>Bound of what a gate's function is put on; infinity for none.</summary>
    public float Clip { get; }

    /// <inheritdoc/>
    public override int AuxiliaryFrom => 1 + Carried;

    /// <summary>Slot of the weights of one more term, where it is there.</summary>
    private protected int Peephole => Initial + Carried;

    /// <summary>Whether a last input with weights of c may be given.</summary>
    private protected virtual bool HasPeephole => false;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        int least = Initial + Carried;
        Require(
            inputs.Length == least || (HasPeephole && inputs.Length == least + 1),
            $"takes X, W, R, two biases, lengths, {Carried} initial states{(HasPeephole ? " and optionally P" : string.Empty)}",
            inputs);
        DType type = inputs[0].DType;
        bool ranks = type.IsReal() && inputs[0].Shape.Rank == 3 && inputs[1].Shape.Rank == 2 && inputs[2].Shape.Rank == 2;
        Require(ranks, "X is a real [T, B, I], W [rows, I], R [rows, H]", inputs);
        (long steps, long batch, long width) = (inputs[0].Shape[0], inputs[0].Shape[1], inputs[0].Shape[2]);
        long units = inputs[2].Shape[1];
        bool rows = inputs[1].Shape[0] == inputs[2].Shape[0] && inputs[2].Shape[0] == (Int128)Gates * units;
        Require(rows && inputs[1].Shape[1] == width, $"W is [{Gates}*H, I] and R [{Gates}*H, H]", inputs);
        Shape bias = new(Gates * units);
        Shape state = new(batch, units);
        for (int slot = 1; slot < inputs.Length; slot++)
        {
            Shape wanted = slot switch
            {
                1 or 2 => inputs[slot].Shape,
                BiasW or BiasR => bias,
                Lengths => new Shape(batch),
                _ => slot < least ? state : new Shape(3 * units),
            };
            TensorType full = new(slot == Lengths ? DType.I32 : type, wanted);
            Require(inputs[slot] == full, $"input {slot} is {full}", inputs);
        }

        TensorType last = new(type, state);
        DType wide = type == DType.F64 ? DType.F64 : DType.F32;
        return
        [
            new TensorType(type, new Shape(steps, batch, units)),
            .. Enumerable.Repeat(last, Carried),
            new TensorType(wide, new Shape(steps, Parts, batch, units)),
        ];
    }

    /// <inheritdoc/>
    public override long StepElements(ReadOnlySpan<TensorType> inputs, int output)
        => output == AuxiliaryFrom ? Math.Max(1, inputs[Initial].Shape.Elements) : 0;

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Type(0).DType == DType.F64)
        {
            Evaluate<double>(x, output, start, y);
        }
        else
        {
            Evaluate<float>(x, output, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        ImmutableArray<long> box = reads.Box;
        int state = reads.Inputs + AuxiliaryFrom;
        if (reads.Output == 0)
        {
            reads.Add(Lengths, box[1]);
            reads.Add(state, box[0], 1, box[1], box[2]);
        }
        else if (reads.Output < AuxiliaryFrom)
        {
            if (reads.Shape(0)[0] == 0)
            {
                reads.Add(Initial + reads.Output - 1, box);
            }
            else
            {
                reads.Add(state, [1, 1, .. box]);
            }
        }
        else
        {
            reads.Add(0, box[0], box[2], reads.Shape(0)[2]);
            reads.Add(Lengths, box[2]);
            for (int part = 0; part < Carried; part++)
            {
                reads.Add(Initial + part, box[2], part == 0 ? reads.Shape(2)[1] : box[3]);
            }

            ReadState(reads, box, state);
        }
    }

    /// <summary>Names what a box of the state reads of W, R, the biases, weights of c, and itself.</summary>
    /// <param name="reads">Where it is named.</param>
    /// <param name="box">Steps, parts, sequences and units of the box.</param>
    /// <param name="state">Slot of the state.</param>
    private protected abstract void ReadState(Reads reads, ImmutableArray<long> box, int state);

    /// <summary>Rows of W and R and elements of the biases: those of a number of gates.</summary>
    private protected static void ReadGates(Reads reads, long gates, long units)
    {
        for (int slot = 1; slot <= BiasR; slot++)
        {
            ImmutableArray<long> rows = slot <= 2 ? [units, reads.Shape(slot)[1]] : [units];
            reads.Add(slot, new Footprint(gates, rows));
        }
    }

    /// <summary>One element of the state at a step that its sequence has.</summary>
    private protected abstract T Element<T>(RecurrentStep<T> step, ReadOnlySpan<Gate<T>> gates, RecurrentPlace at)
        where T : unmanaged, IFloatingPointIeee754<T>;

    private void Evaluate<T>(ElementReader x, int output, long start, ElementWriter y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        RecurrentStep<T> step = new(x, Parts, Carried);
        Gate<T>[] gates = [.. Activations.Select(gate => new Gate<T>(gate, Clip))];
        for (int i = 0; i < y.Count; i++)
        {
            (long rest, long unit) = Math.DivRem(start + i, step.Units);
            (rest, long row) = Math.DivRem(rest, step.Batch);
            if (output == 0)
            {
                y.Store(i, step.Runs(rest, row) ? step.State(new(rest, Parts - 1, row, unit)) : T.Zero);
            }
            else if (output < AuxiliaryFrom)
            {
                y.Store(i, step.Before(new(step.Steps, 0, row, unit), output - 1));
            }
            else
            {
                (long time, long part) = Math.DivRem(rest, Parts);
                RecurrentPlace at = new(time, (int)part, row, unit);
                y.Store(i, step.Runs(time, row) ? Element(step, gates, at) : step.Kept(at));
            }
        }
    }
}
