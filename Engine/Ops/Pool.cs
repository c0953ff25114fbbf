using System;
using System.Collections.Immutable;

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
        : base(name, 1, [.. window.Attributes, .. attributes]) => Window = window;

    /// <summary>The window.</summary>
    public Window Window { get; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && Takes(inputs[0].DType), "takes one input of an element type that it has", inputs);
        Shape x = inputs[0].Shape;
        Require(x.Rank >= 3 && Window.Fits(x.Rank - 2), "X [N, C, spatial..] that fits the window", inputs);
        return [new TensorType(inputs[0].DType, Window.OutputShape(x[0], x[1]))];
    }

    /// <inheritdoc/>
    public override long MaxReads(ReadOnlySpan<TensorType> inputs, int output) => Window.Taps;

    private protected abstract bool Takes(DType type);

    /// <summary>Calls back once for each output element with the indices in X of its taps that do not lie in the padding, in order.</summary>
    private protected void ForEachWindow(ElementReader x, long start, int count, WindowVisitor visit)
    {
        Shape shape = x.Type(0).Shape;
        long plane = shape.Product(2, shape.Rank);
        long outputPlane = Window.OutputShape(1, 1).Elements;
        long[] position = new long[Window.Axes];
        long[] sources = new long[Math.Min(Window.Taps, plane)];
        for (int i = 0; i < count; i++)
        {
            WindowTaps taps = new(Window, shape, position);
            taps.MoveTo((start + i) % outputPlane);
            long channel = (start + i) / outputPlane * plane;
            int inside = 0;
            long counted = 0;
            for (long tap = 0; tap < Window.Taps; tap++)
            {
                long source = taps.Source(tap, out bool isCounted);
                counted += isCounted ? 1 : 0;
                if (source >= 0)
                {
                    sources[inside++] = channel + source;
                }
            }

            visit(i, sources.AsSpan(0, inside), counted);
        }
    }

    /// <summary>Sees one window.</summary>
    /// <param name="index">Which element of the range.</param>
    /// <param name="sources">Indices in X, in order.</param>
    /// <param name="counted">Number of taps that lie in X or its declared padding.</param>
    private protected delegate void WindowVisitor(int index, ReadOnlySpan<long> sources, long counted);
}
