using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Pool: the family that makes one element of each window of one channel
//
//  Shapes   X [N, C, spatial..] -> Y [N, C, output..]
//  Reads    the window of X in its own channel, padding left out
//  Order    taps row-major
//  Rounding as the member says
//  NaN      as the member says
//  Source   docs/numerics.md, section Windows
//

/// <summary>The family that makes one element of each window of one channel.</summary>
public abstract class Pool : Op
{
    private protected Pool(string name, Window window, params ImmutableArray<OpAttribute> attributes)
        : base(name, 1, [.. window.Attributes, .. attributes]) => Window = window.Sensible();

    /// <summary>The window.</summary>
    public Window Window { get; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && Takes(inputs[0].DType), "takes one input of an element type that it has", inputs);
        Shape x = inputs[0].Shape;
        Require(x.Rank >= 3 && Window.Axes == x.Rank - 2, "X [N, C, spatial..] that fits the window", inputs);
        return [new TensorType(inputs[0].DType, Window.OutputShape(x[0], x[1]))];
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
        => reads.Add(0, Window.Footprint(reads.Box[..2], reads.Box.AsSpan()[2..], reads.Shape(0)));

    private protected abstract bool Takes(DType type);

    /// <summary>Calls back once for each output element with the indices in X of its taps that do not lie in the padding, in order.</summary>
    private protected void ForEachWindow(ElementReader x, long start, int count, WindowVisitor visit)
    {
        Shape shape = x.Type(0).Shape;
        long plane = shape.Product(2, shape.Rank);
        long outputPlane = Window.OutputShape(1, 1).Elements;
        (long First, long Count)[] taps = new (long, long)[Window.Axes];
        long[] position = new long[Window.Axes];
        List<long> sources = [];
        for (int i = 0; i < count; i++)
        {
            Window.MoveTo((start + i) % outputPlane, position);
            long counted = 1;
            long inside = 1;
            for (int axis = 0; axis < taps.Length; axis++)
            {
                long extent = shape[axis + 2];
                taps[axis] = Window.TapsWithin(axis, position[axis], 0, extent);
                inside *= taps[axis].Count;
                counted *= Window.TapsWithin(axis, position[axis], -Window.PadsBegin[axis], extent + Window.PadsEnd[axis]).Count;
            }

            sources.Clear();
            long channel = (start + i) / outputPlane * plane;
            for (long tap = 0; tap < inside; tap++)
            {
                sources.Add(channel + Source(tap, taps, position, shape));
            }

            visit(i, CollectionsMarshal.AsSpan(sources), counted);
        }
    }

    // The index in the plane of one of the taps that lie in it, row-major.
    private long Source(long tap, (long First, long Count)[] taps, long[] position, Shape shape)
    {
        long source = 0;
        long stride = 1;
        for (int axis = taps.Length - 1; axis >= 0; axis--)
        {
            (tap, long k) = Math.DivRem(tap, taps[axis].Count);
            source += (position[axis] + ((taps[axis].First + k) * Window.Dilations[axis])) * stride;
            stride *= shape[axis + 2];
        }

        return source;
    }

    /// <summary>Sees one window.</summary>
    /// <param name="index">Which element of the range.</param>
    /// <param name="sources">Indices in X, in order.</param>
    /// <param name="counted">Number of taps that lie in X or its declared padding.</param>
    private protected delegate void WindowVisitor(int index, ReadOnlySpan<long> sources, long counted);
}
