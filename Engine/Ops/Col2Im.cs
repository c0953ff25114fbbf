using System;
using System.Collections.Immutable;
using System.Numerics;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  Col2Im: windows laid out as columns, added up to the image they were taken from
//
//  Shapes   X [N, C * taps, windows] number -> Y [N, C, image..]; row c * taps + t of X holds tap t of every window of channel c
//  Reads    the elements of X whose tap lies at the element of Y: at most one window for each tap
//  Order    sequential from +0 over the taps, row-major; tap t of window i lies along each axis at i * stride - pad + t * dilation
//  Rounding one per sum; f16 and bf16 are widened, the total is rounded once to storage; integers wrap
//  NaN      IEEE 754; where no tap lies the sum is +0
//  Source   docs/numerics.md, section Windows; ONNX Col2Im-18
//

/// <summary>Windows laid out as columns, added up to the image they were taken from.</summary>
/// <param name="window">The windows, over the image.</param>
/// <param name="image">Extents of the image's spatial axes.</param>
public sealed class Col2Im(Window window, ImmutableArray<long> image)
    : Op("Col2Im", 1, [.. window.Attributes, new OpAttribute("image", image)])
{
    /// <summary>The windows, over the image.</summary>
    public Window Window { get; } = window.Sensible();

    /// <summary>Extents of the image's spatial axes.</summary>
    public ImmutableArray<long> Image { get; } = OpAttribute.Extents("image", image).Length == window.Axes ? image : throw Error.WindowLists();

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(inputs.Length == 1 && inputs[0].DType != DType.Bool && inputs[0].Shape.Rank == 3, "takes numbers X [N, C * taps, windows]", inputs);
        Shape x = inputs[0].Shape;
        Require(
            Window.Taps <= Limits.CheckOperations && x[1] % Window.Taps == 0 && x[2] == Window.OutputShape(1, 1).Elements,
            $"rows are a multiple of {Window.Taps} taps, at most {Limits.CheckOperations}, columns are the windows",
            inputs);
        return [inputs[0] with { Shape = new Shape([x[0], x[1] / Window.Taps, .. Image]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (y.Type.IsInteger())
        {
            Evaluate<long>(x, start, y);
        }
        else if (y.Type == DType.F64)
        {
            Evaluate<double>(x, start, y);
        }
        else
        {
            Evaluate<float>(x, start, y);
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        long count = new Footprint(1, reads.Box).Elements;
        for (int axis = 0; axis < Window.Axes; axis++)
        {
            // Taps a whole number of strides apart: no others can lie at one element.
            long apart = Window.Strides[axis] / (long)BigInteger.GreatestCommonDivisor(Window.Strides[axis], Window.Dilations[axis]);
            count = Footprint.Multiply(count, ((Window.Kernel[axis] - 1) / apart) + 1);
        }

        reads.Add(0, new Footprint(count, [1, 1, 1]));
    }

    private void Evaluate<T>(ElementReader x, long start, ElementWriter y)
        where T : unmanaged, INumber<T>
    {
        Shape image = new(Image.AsSpan());
        Span<long> position = stackalloc long[Image.Length];
        Span<long> tap = stackalloc long[Image.Length];
        for (int i = 0; i < y.Count; i++)
        {
            (long channel, long rest) = Math.DivRem(start + i, image.Elements);
            for (int axis = Image.Length - 1; axis >= 0; axis--)
            {
                (rest, position[axis]) = Math.DivRem(rest, Image[axis]);
                tap[axis] = FirstTap(axis, position[axis]);
            }

            T total = T.Zero;
            while (tap[0] < Window.Kernel[0])
            {
                if (TryFind(position, tap, out long row, out long column))
                {
                    total = unchecked(total + x.Load<T>(0, (((channel * Window.Taps) + row) * x.Type(0).Shape[2]) + column));
                }

                Advance(tap, position);
            }

            y.Store(i, total);
        }
    }

    // The tap after this one; taps that no window puts here are passed over as far as an axis shows it.
    private void Advance(Span<long> tap, ReadOnlySpan<long> position)
    {
        for (int axis = tap.Length - 1; axis >= 0; axis--)
        {
            do
            {
                tap[axis]++;
            }
            while (tap[axis] < Window.Kernel[axis] && !Lies(axis, position[axis], tap[axis], out _));

            if (tap[axis] < Window.Kernel[axis] || axis == 0)
            {
                return;
            }

            tap[axis] = FirstTap(axis, position[axis]);
        }
    }

    private long FirstTap(int axis, long position)
    {
        long tap = 0;
        while (tap < Window.Kernel[axis] && !Lies(axis, position, tap, out _))
        {
            tap++;
        }

        return tap;
    }

    private bool TryFind(ReadOnlySpan<long> position, ReadOnlySpan<long> tap, out long row, out long column)
    {
        (row, column) = (0, 0);
        for (int axis = 0; axis < tap.Length; axis++)
        {
            if (tap[axis] >= Window.Kernel[axis] || !Lies(axis, position[axis], tap[axis], out long window))
            {
                return false;
            }

            row = (row * Window.Kernel[axis]) + tap[axis];
            column = (column * Window.Output[axis]) + window;
        }

        return true;
    }

    private bool Lies(int axis, long position, long tap, out long window)
    {
        long distance = position + Window.PadsBegin[axis] - (tap * Window.Dilations[axis]);
        (window, long rest) = Math.DivRem(distance, Window.Strides[axis]);
        return distance >= 0 && rest == 0 && window < Window.Output[axis];
    }
}
