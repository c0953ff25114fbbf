using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Definitions with one planted mistake each. They exist to be caught: inputs that cannot tell them from the definition would not
/// catch a kernel that makes the same mistake.</summary>
internal static class Mutants
{
    /// <summary>A dot product that may be computed wrongly in one way.</summary>
    internal delegate float DotVariant(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start);

    /// <summary>A sum that may be computed wrongly in one way.</summary>
    internal delegate float SumVariant(ReadOnlySpan<float> x);

    /// <summary>A code that may be computed wrongly in one way.</summary>
    internal delegate int CodeVariant(float x, float scale, int zero);

    /// <summary>The dot product as defined.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
        => Blocked(a, b, alpha, start, 256, fused: true);

    /// <summary>A product and a sum where the definition has one fma.</summary>
    public static float MultiplyThenAdd(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
        => Blocked(a, b, alpha, start, 256, fused: false);

    /// <summary>Blocks of 128.</summary>
    public static float Block128(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
        => Blocked(a, b, alpha, start, 128, fused: true);

    /// <summary>One chain over all of k.</summary>
    public static float OneChain(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
        => Blocked(a, b, alpha, start, int.MaxValue, fused: true);

    /// <summary>The bias added after everything else.</summary>
    public static float BiasLast(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
        => Blocked(a, b, alpha, 0f, 256, fused: true) + start;

    /// <summary>k in descending order.</summary>
    public static float Descending(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
    {
        float[] left = a.ToArray();
        float[] right = b.ToArray();
        Array.Reverse(left);
        Array.Reverse(right);
        return Dot(left, right, alpha, start);
    }

    /// <summary>alpha times the block rounded before it is added.</summary>
    public static float AlphaRounded(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
    {
        float total = start;
        for (int k = 0; k < a.Length; k += 256)
        {
            int count = Math.Min(256, a.Length - k);
            total += alpha * Blocked(a.Slice(k, count), b.Slice(k, count), 1f, 0f, 256, fused: true);
        }

        return total;
    }

    /// <summary>Sums in f64, rounded at the end.</summary>
    public static float InDouble(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++)
        {
            sum += (double)a[k] * b[k];
        }

        return (float)((alpha * sum) + start);
    }

    /// <summary>Four partial sums a block, as a vector along k makes them.</summary>
    public static float VectorAlongDepth(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
    {
        float[] parts = new float[4];
        for (int k = 0; k < a.Length; k++)
        {
            parts[k % 4] = float.FusedMultiplyAdd(a[k], b[k], parts[k % 4]);
        }

        return float.FusedMultiplyAdd(alpha, (parts[0] + parts[1]) + (parts[2] + parts[3]), start);
    }

    /// <summary>Subnormals flushed to zero.</summary>
    public static float Flushed(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start)
    {
        static float Flush(float x) => float.IsSubnormal(x) ? 0f : x;
        float s = 0;
        for (int k = 0; k < a.Length; k++)
        {
            s = Flush(float.FusedMultiplyAdd(Flush(a[k]), Flush(b[k]), s));
        }

        return float.FusedMultiplyAdd(alpha, s, start);
    }

    /// <summary>The fold as defined.</summary>
    public static float Fold(ReadOnlySpan<float> x)
    {
        float[] copy = x.ToArray();
        return Folds.Sum<float>(copy.Length, (start, terms) => copy.AsSpan((int)start, terms.Length).CopyTo(terms));
    }

    /// <summary>One after another.</summary>
    public static float Sequential(ReadOnlySpan<float> x)
    {
        float sum = 0;
        foreach (float term in x)
        {
            sum += term;
        }

        return sum;
    }

    /// <summary>Eight lanes.</summary>
    public static float EightLanes(ReadOnlySpan<float> x) => Laned(x, 8, int.MaxValue, neighbours: false);

    /// <summary>No blocks of 4,096.</summary>
    public static float Unblocked(ReadOnlySpan<float> x) => Laned(x, 32, int.MaxValue, neighbours: false);

    /// <summary>Lanes folded with their neighbours (v[2i] + v[2i + 1]).</summary>
    public static float NeighbourFold(ReadOnlySpan<float> x) => Laned(x, 32, 4096, neighbours: true);

    /// <summary>A code as defined.</summary>
    public static int Code(float x, float scale, int zero) => Saturated(Math.Round((double)(x / scale), MidpointRounding.ToEven), zero);

    /// <summary>The reciprocal of the scale instead of a division.</summary>
    public static int ByReciprocal(float x, float scale, int zero)
        => Saturated(Math.Round((double)(x * (1f / scale)), MidpointRounding.ToEven), zero);

    /// <summary>Halves away from zero.</summary>
    public static int HalfAway(float x, float scale, int zero)
        => Saturated(Math.Round((double)(x / scale), MidpointRounding.AwayFromZero), zero);

    /// <summary>The zero point added before rounding.</summary>
    public static int ZeroBeforeRounding(float x, float scale, int zero)
        => (int)Math.Clamp(Math.Round((double)((x / scale) + zero), MidpointRounding.ToEven), 0, 255);

    /// <summary>Truncation.</summary>
    public static int Truncated(float x, float scale, int zero) => Saturated(Math.Truncate((double)(x / scale)), zero);

    private static int Saturated(double nearest, int zero) => (int)Math.Clamp(nearest, 0 - zero, 255 - zero) + zero;

    private static float Blocked(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float alpha, float start, int block, bool fused)
    {
        float total = start;
        for (int k = 0; k < a.Length;)
        {
            float s = 0;
            for (int end = Math.Min(a.Length, block == int.MaxValue ? a.Length : k + block); k < end; k++)
            {
                s = fused ? float.FusedMultiplyAdd(a[k], b[k], s) : s + (a[k] * b[k]);
            }

            total = float.FusedMultiplyAdd(alpha, s, total);
        }

        return total;
    }

    private static float Laned(ReadOnlySpan<float> x, int count, int block, bool neighbours)
    {
        float total = 0;
        for (int start = 0; start < x.Length;)
        {
            float[] lanes = new float[count];
            int end = block == int.MaxValue ? x.Length : Math.Min(x.Length, start + block);
            for (int i = start; i < end; i++)
            {
                lanes[(i - start) % count] += x[i];
            }

            start = end;
            for (int half = count / 2; half > 0; half /= 2)
            {
                float[] folded = new float[half];
                for (int i = 0; i < half; i++)
                {
                    folded[i] = neighbours ? lanes[2 * i] + lanes[(2 * i) + 1] : lanes[i] + lanes[i + half];
                }

                lanes = folded;
            }

            total += lanes[0];
        }

        return total;
    }
}
