using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Chooses boxes by score, leaving out those that overlap a better one (docs/numerics.md, section Selection).</summary>
/// <param name="IsCentred">A box is (x, y, width, height) about its centre; otherwise (y, x, y, x) of two opposite corners.</param>
/// <param name="Most">Most boxes of a class; none below 1.</param>
/// <param name="Overlap">How much of their union two boxes may share.</param>
/// <param name="Least">What a score must be above, or null.</param>
internal sealed record BoxChoice(bool IsCentred, long Most, float Overlap, float? Least)
{
    private const int Sides = 4;

    /// <summary>The chosen boxes as triples of batch, class and box: by batch, then class, then the best first.</summary>
    /// <param name="boxes">f32 [batch, n, 4].</param>
    /// <param name="scores">f32 [batch, classes, n].</param>
    /// <param name="spend">Told of work before it is done: so many pairs of boxes.</param>
    internal long[] Of(Tensor boxes, Tensor scores, Action<long> spend)
    {
        int count = (int)boxes.Type.Shape[1];
        List<long> chosen = [];
        for (int batch = 0; count > 0 && batch < boxes.Type.Shape[0]; batch++)
        {
            Box[] all = [.. Enumerable.Range(0, count).Select(box => BoxAt(boxes.As<float>(), ((batch * count) + box) * Sides))];
            for (int @class = 0; @class < scores.Type.Shape[1]; @class++)
            {
                long first = ((batch * scores.Type.Shape[1]) + @class) * count;
                foreach (int box in Best(all, scores.As<float>().Slice((int)first, count).ToArray(), spend))
                {
                    chosen.AddRange([batch, @class, box]);
                }
            }
        }

        return [.. chosen];
    }

    private List<int> Best(Box[] boxes, float[] scores, Action<long> spend)
    {
        IEnumerable<int> candidates = Enumerable.Range(0, scores.Length)
            .Where(box => Least is not float least || scores[box] > least)
            .OrderByDescending(box => OrderKeys.Of(scores[box]))
            .ThenBy(box => box);
        List<int> kept = [];
        foreach (int box in candidates)
        {
            if (kept.Count >= Most)
            {
                break;
            }

            spend(kept.Count);
            if (!kept.Exists(better => IsSuppressed(boxes[box], boxes[better])))
            {
                kept.Add(box);
            }
        }

        return kept;
    }

    private bool IsSuppressed(Box a, Box b)
    {
        float width = Smaller(a.Right, b.Right) - Larger(a.Left, b.Left);
        float height = Smaller(a.Bottom, b.Bottom) - Larger(a.Top, b.Top);
        float shared = width * height;
        float union = a.Area + b.Area - shared;
        return width > 0 && height > 0 && shared > 0 && a.Area > 0 && b.Area > 0 && union > 0 && shared / union > Overlap;
    }

    private Box BoxAt(ReadOnlySpan<float> sides, int first)
    {
        (float a, float b, float c, float d) = (sides[first], sides[first + 1], sides[first + 2], sides[first + 3]);
        return IsCentred
            ? new Box(a - (c / 2), b - (d / 2), a + (c / 2), b + (d / 2))
            : new Box(Smaller(b, d), Smaller(a, c), Larger(b, d), Larger(a, c));
    }

    private static float Smaller(float a, float b) => a < b ? a : b;

    private static float Larger(float a, float b) => a > b ? a : b;

    private readonly record struct Box(float Left, float Top, float Right, float Bottom)
    {
        internal float Area => (Right - Left) * (Bottom - Top);
    }
}
