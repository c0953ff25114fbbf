using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  RandomBits: 32 random bits an element, by Philox4x32-10
//
//  Shapes   seed [] u64, position [] u32 -> Y of the attribute's shape, u32
//  Reads    the seed and the position
//  Order    none: an element is a pure function of seed, stream, position and its row-major index
//  Rounding exact
//  NaN      there is none
//  Source   docs/numerics.md, section Random; Salmon, Moraes, Dror, Shaw, SC 2011
//

/// <summary>32 random bits an element.</summary>
/// <param name="shape">Shape of the output.</param>
/// <param name="stream">Stream id: see <see cref="Philox.Stream"/>.</param>
public sealed class RandomBits(Shape shape, uint stream)
    : Op("RandomBits", 1, OpAttribute.Of("shape", (shape ?? throw new ArgumentNullException(nameof(shape))).Extents), new OpAttribute("stream", stream))
{
    private const int WordsOfBlock = 4;

    /// <summary>Shape of the output.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>Stream id.</summary>
    public uint Stream { get; } = stream;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        TensorType seed = new(DType.U64, Shape.Scalar);
        TensorType position = new(DType.U32, Shape.Scalar);
        Require(inputs.Length == 2 && inputs[0] == seed && inputs[1] == position, $"takes a seed {seed} and a position {position}", inputs);
        return [new TensorType(DType.U32, Shape)];
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ulong seed = unchecked((ulong)x.Load<long>(0, 0));
        uint position = unchecked((uint)x.Load<long>(1, 0));
        Philox random = new(seed, Stream, position);
        (uint A, uint B, uint C, uint D) block = default;
        for (int i = 0; i < y.Count; i++)
        {
            long word = (start + i) % WordsOfBlock;
            if (i == 0 || word == 0)
            {
                block = random.Block((start + i) / WordsOfBlock);
            }

            y.Set(i, (long)(word switch
            {
                0 => block.A,
                1 => block.B,
                2 => block.C,
                _ => block.D,
            }));
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        reads.Add(0);
        reads.Add(1);
    }
}
