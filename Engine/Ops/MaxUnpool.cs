using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  MaxUnpool: the elements of X put where MaxPool found them, zeros elsewhere
//
//  Shapes   X [N, C, spatial..] any type, I i64 of the same shape (row-major indices in Y over all axes) -> Y [N, C, image..]
//  Reads    the indices of the element's plane (n, c), all; then the element of X whose index it is, if there is one
//  Order    of several indices that name one element the last counts; an index outside its own plane names none
//  Rounding none: the bits are X's; what no index names is 0 (all bits)
//  NaN      X's, already canonical
//  Source   docs/numerics.md, section Selection; ONNX MaxUnpool-22
//

/// <summary>The elements of X put where MaxPool found them, zeros elsewhere.</summary>
/// <param name="image">Extents of Y's spatial axes.</param>
public sealed class MaxUnpool(ImmutableArray<long> image) : Op("MaxUnpool", 1, new OpAttribute("image", image))
{
    private const int Block = 512;

    /// <summary>Extents of Y's spatial axes.</summary>
    public ImmutableArray<long> Image { get; } = OpAttribute.Extents("image", image);

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 2 && inputs[0].Shape.Rank == Image.Length + 2 && inputs[1] == new TensorType(DType.I64, inputs[0].Shape),
            $"takes X with {Image.Length} spatial axes, and i64 indices of its shape",
            inputs);
        return [inputs[0] with { Shape = new Shape([.. inputs[0].Shape.Extents[..2], .. Image]) }];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        long image = new Shape(Image.AsSpan()).Elements;
        Shape shape = x.Type(0).Shape;
        long plane = shape.Product(2, shape.Rank);
        int size = y.Type.Size();
        Span<long> block = stackalloc long[Block];
        for (int i = 0; i < y.Count;)
        {
            (long channel, long within) = Math.DivRem(start + i, image);
            int run = (int)Math.Min(image - within, y.Count - i);
            long[] sources = new long[run];
            Array.Fill(sources, -1);
            for (long done = 0; done < plane; done += Block)
            {
                Span<long> part = block[..(int)Math.Min(Block, plane - done)];
                x.Load(1, (channel * plane) + done, part);
                for (int j = 0; j < part.Length; j++)
                {
                    // An index far outside may wrap; it is no nearer then.
                    ulong at = unchecked((ulong)part[j] - (ulong)(start + i));
                    if (at < (ulong)run)
                    {
                        sources[(int)at] = (channel * plane) + done + j;
                    }
                }
            }

            for (int j = 0; j < run; j++)
            {
                Span<byte> element = y.Bytes.Slice((i + j) * size, size);
                if (sources[j] < 0)
                {
                    element.Clear();
                }
                else
                {
                    x.Read(0, sources[j], element);
                }
            }

            i += run;
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Shape x = reads.Shape(0);
        long[] one = new long[x.Rank];
        Array.Fill(one, 1);
        reads.Add(0, new Footprint(new Footprint(1, reads.Box).Elements, [.. one]));
        reads.Add(1, [reads.Box[0], reads.Box[1], .. x.Extents[2..]]);
    }
}
