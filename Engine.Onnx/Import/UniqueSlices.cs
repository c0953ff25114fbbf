using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>The different slices of a tensor along an axis (docs/numerics.md, section Selection).</summary>
/// <param name="Firsts">Where each occurs first.</param>
/// <param name="Inverse">For each slice of the tensor which one it is.</param>
/// <param name="Counts">How often each occurs.</param>
internal sealed record UniqueSlices(ImmutableArray<long> Firsts, ImmutableArray<long> Inverse, ImmutableArray<long> Counts)
{
    /// <summary>Finds them.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="sorted">In ascending order, the first elements compared first; otherwise in the order of their first occurrence.</param>
    internal static UniqueSlices Of(Tensor x, int axis, bool sorted)
    {
        Shape shape = x.Type.Shape;
        AffineView slices = AffineView.Identity(shape).Transpose([axis, .. Enumerable.Range(0, shape.Rank).Where(other => other != axis)]);
        long[] keys = new long[shape.Elements];
        OrderKeys.Load(new TensorReader([x]), 0, 0, keys);
        int count = (int)shape[axis];
        int width = count == 0 ? 0 : keys.Length / count;
        long[] laid = [.. Enumerable.Range(0, keys.Length).Select(index => keys[slices.SourceIndex(index)])];
        int Compare(int a, int b) => laid.AsSpan(a * width, width).SequenceCompareTo(laid.AsSpan(b * width, width));
        int[] order = [.. Enumerable.Range(0, count)];
        Array.Sort(order, (a, b) => Compare(a, b) is int difference and not 0 ? difference : a.CompareTo(b));

        List<List<int>> groups = [];
        foreach (int slice in order)
        {
            if (groups.Count == 0 || Compare(groups[^1][0], slice) != 0)
            {
                groups.Add([]);
            }

            groups[^1].Add(slice);
        }

        List<int>[] ordered = sorted ? [.. groups] : [.. groups.OrderBy(group => group[0])];
        long[] inverse = new long[count];
        for (int group = 0; group < ordered.Length; group++)
        {
            foreach (int slice in ordered[group])
            {
                inverse[slice] = group;
            }
        }

        return new([.. ordered.Select(group => (long)group[0])], [.. inverse], [.. ordered.Select(group => (long)group.Count)]);
    }
}
