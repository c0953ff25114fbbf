using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

//
//  ArgMax: where the largest element of each row is, or the smallest
//
//  Shapes   X [rows.., n], a number type -> Y i64 [rows..] (another axis is moved last by a View);
//           auxiliary, where n is above 4,096, all i64 [rows.., blocks]: the best keys of blocks, level by level until a level has at most
//           4,096; then where these are, level by level
//  Reads    keys of a level: the block of 4,096 of X, or of the keys below; places: the same, and above the first level the place below that
//           is chosen; Y: as a place above the last level, or all of the row where there is none
//  Order    that of selection: -0 equals +0, NaN equals itself and is above everything; of equals the first, or the last. A row of nothing
//           gives -1
//  Rounding none. The key of an integer is the integer (u64: less 2^63), that of a real the i64 that its f64 bits are, -0 as +0, NaN as
//           2^63 - 1, the bits below the sign inverted where it is negative
//  NaN      above everything: the largest, and the smallest only of a row of NaN
//  Source   docs/numerics.md, section Selection; ONNX ArgMax-13, ArgMin-13, Hardmax-13
//

/// <summary>Where the largest element of each row is, or the smallest.</summary>
/// <param name="smallest">The smallest in place of the largest.</param>
/// <param name="last">Of equals the last in place of the first.</param>
public sealed class ArgMax(bool smallest, bool last)
    : Op("ArgMax", 1, OpAttribute.Of("smallest", smallest), OpAttribute.Of("last", last))
{
    private const int Chunk = 256;

    /// <summary>The smallest is looked for.</summary>
    public bool Smallest { get; } = smallest;

    /// <summary>Of equals the last is taken.</summary>
    public bool Last { get; } = last;

    /// <inheritdoc/>
    public override bool IsSteered => true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Infer(ReadOnlySpan<TensorType> inputs)
    {
        Require(
            inputs.Length == 1 && inputs[0].DType != DType.Bool && inputs[0].Shape.Rank >= 1, "takes numbers X of rank 1 or more", inputs);
        ReadOnlySpan<long> rows = inputs[0].Shape.Extents[..^1];
        ImmutableArray<TensorType>.Builder outputs = ImmutableArray.CreateBuilder<TensorType>();
        outputs.Add(new TensorType(DType.I64, new Shape(rows)));
        ImmutableArray<long> levels = BlockLevels.Of(inputs[0].Shape[^1]);
        foreach (long blocks in levels.AddRange(levels))
        {
            outputs.Add(new TensorType(DType.I64, new Shape([.. rows, blocks])));
        }

        return outputs.ToImmutable();
    }

    /// <inheritdoc/>
    public override void Evaluate(ElementReader x, int output, long start, ElementWriter y)
    {
        ArgumentNullException.ThrowIfNull(x);
        Step step = StepOf(output, x.Type(0).Shape[^1]);
        for (int i = 0; i < y.Count; i++)
        {
            (long row, long first, int count) = step.Keys.Block(start + i);
            (long key, long at) = Best(x, step.Keys.Slot, first, count);
            if (step.IsKey)
            {
                y.Set(i, key);
            }
            else
            {
                y.Set(i, at < 0 ? -1 : step.Places > 0 ? x.Load<long>(step.Places, at) : at - (row * step.Keys.Terms));
            }
        }
    }

    /// <inheritdoc/>
    private protected override void Read(Reads reads)
    {
        Step step = StepOf(reads.Output, reads.Shape(0)[^1]);
        int rank = reads.Shape(0).Rank;
        reads.Add(step.Keys.Slot, step.Keys.Footprint(reads, reads.Box[..(rank - 1)]));
        if (step.Places > 0)
        {
            reads.Add(step.Places, new Footprint(new Footprint(1, reads.Box).Elements, Footprint.Element(reads.Shape(step.Places)).Box));
        }
    }

    // Slot 0 is X, slot 1 + o is output o.
    private static Step StepOf(int output, long n)
    {
        int levels = BlockLevels.Of(n).Length;
        bool isKey = output >= 1 && output <= levels;
        int level = output == 0 ? levels : (output - 1) % levels;
        return new(BlockStep.Of(n, level, below: 1 + level), level == 0 || isKey ? 0 : 1 + levels + level, isKey);
    }

    // The best key of some, and where it lies in its slot; -1 where there are none.
    private (long Key, long At) Best(ElementReader x, int slot, long first, int count)
    {
        Span<long> block = stackalloc long[Chunk];
        long best = 0;
        long at = -1;
        for (int done = 0; done < count; done += Chunk)
        {
            Span<long> keys = block[..Math.Min(Chunk, count - done)];
            OrderKeys.Load(x, slot, first + done, keys);
            for (int k = 0; k < keys.Length; k++)
            {
                bool better = at < 0 || (Smallest ? keys[k] < best : keys[k] > best) || (Last && keys[k] == best);
                best = better ? keys[k] : best;
                at = better ? first + done + k : at;
            }
        }

        return (best, at);
    }

    // Keys: the block that is looked through. Places: the slot of the places of those keys, 0 where these are the elements of X.
    private readonly record struct Step(BlockStep Keys, int Places, bool IsKey);
}
