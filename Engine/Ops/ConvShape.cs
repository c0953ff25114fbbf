using System;

using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Ops;

/// <summary>What an element of a convolution reads: the K = channels of the group × taps elements of X under its window, in the order
/// (channel within the group, taps row-major), and row m of W.</summary>
internal sealed class ConvShape
{
    private readonly Window _window;
    private readonly Shape _x;
    private readonly long _outputs;
    private readonly long _outputPlane;
    private readonly long _plane;
    private readonly long _groupChannels;
    private readonly long _outputsPerGroup;
    private readonly long[] _position;
    private readonly long[] _sources;

    /// <param name="window">The window.</param>
    /// <param name="x">Shape of X [N, C, spatial..].</param>
    /// <param name="w">Shape of W [M, C / groups, kernel..].</param>
    /// <param name="groups">Number of groups.</param>
    internal ConvShape(Window window, Shape x, Shape w, long groups)
    {
        _window = window;
        _x = x;
        _outputs = w[0];
        _plane = x.Product(2, x.Rank);
        _groupChannels = w[1];
        _outputsPerGroup = w[0] / groups;
        _outputPlane = window.OutputShape(1, 1).Elements;
        _position = new long[window.Axes];
        K = _groupChannels * window.Taps;
        _sources = K == 0 ? [] : new long[window.Taps];
    }

    /// <summary>Terms of one dot product.</summary>
    internal long K { get; }

    /// <summary>The shape of Y, or null where X [N, C, spatial..] and W [M, C / groups, kernel..] do not fit.</summary>
    internal static Shape? Infer(Window window, Shape x, Shape w, long groups)
    {
        bool fits = x.Rank >= 3 && w.Rank == x.Rank && window.Axes == x.Rank - 2
            && w.Extents[2..].SequenceEqual(window.Kernel.AsSpan())
            && Math.BigMul(w[1], groups, out long channels) == 0 && channels == x[1]
            && w[0] % groups == 0;
        return fits ? window.OutputShape(x[0], w[0]) : null;
    }

    /// <summary>Whether X and W are u8 or i8 codes, with one zero point for X and one for each row of W.</summary>
    internal static bool IsCodes(TensorType x, TensorType zeroX, TensorType w, TensorType zerosW)
        => x.DType is DType.U8 or DType.I8 && zeroX == new TensorType(x.DType, Shape.Scalar)
        && w.DType is DType.U8 or DType.I8 && zerosW == new TensorType(w.DType, new Shape(w.Shape[0]));

    /// <summary>What a box [n, m, output..] of Y reads of X (slot 0) and W: the channels of the groups that m kernels can belong to, under the
    /// windows; and m kernels.</summary>
    internal static void Read(Reads reads, Window window, long groups, int slotW)
    {
        Shape w = reads.Shape(slotW);
        long m = reads.Box[1];
        long perGroup = w[0] / groups;
        long touched = Math.Min(groups, ((m + perGroup - 2) / perGroup) + 1);
        reads.Add(0, window.Footprint([reads.Box[0], touched * w[1]], reads.Box.AsSpan()[2..], reads.Shape(0)));
        reads.Add(slotW, [m, .. w.Extents[1..]]);
    }

    /// <summary>Output channel of element <paramref name="index"/> of Y.</summary>
    internal long Channel(long index) => index / _outputPlane % _outputs;

    /// <summary>Fills the terms of X for element <paramref name="index"/> of Y; padding has the given value.</summary>
    internal void Fill<T>(ElementReader x, long index, T padding, Span<T> patch)
        where T : unmanaged
    {
        WindowTaps taps = new(_window, _x, _position);
        taps.MoveTo(index % _outputPlane);
        taps.Sources(_sources);

        long batch = index / (_outputPlane * _outputs);
        long firstChannel = Channel(index) / _outputsPerGroup * _groupChannels;
        for (int k = 0; k < patch.Length;)
        {
            long plane = ((batch * _x[1]) + firstChannel + (k / _sources.Length)) * _plane;
            int tap = k % _sources.Length;
            int run = Run(tap);
            if (run == 0)
            {
                patch[k++] = padding;
                continue;
            }

            x.Load(0, plane + _sources[tap], patch.Slice(k, run));
            k += run;
        }
    }

    // Consecutive taps from here that lie next to each other in X; 0 in the padding.
    private int Run(int tap)
    {
        if (_sources[tap] < 0)
        {
            return 0;
        }

        int run = 1;
        while (tap + run < _sources.Length && _sources[tap + run] == _sources[tap] + run)
        {
            run++;
        }

        return run;
    }

    /// <summary>Σ (x − zeroX)·(w − zeroW) over the terms of element <paramref name="index"/> of Y, wrapping.</summary>
    internal long Sum(ElementReader x, long index, long zeroX, int slotW, long zeroW, long[] patch)
    {
        Fill(x, index, zeroX, patch.AsSpan());
        long first = Channel(index) * K;
        Span<long> block = stackalloc long[Dots.Block];
        long total = 0;
        for (int k = 0; k < patch.Length; k += Dots.Block)
        {
            int count = Math.Min(Dots.Block, patch.Length - k);
            x.Load(slotW, first + k, block[..count]);
            for (int i = 0; i < count; i++)
            {
                total = unchecked(total + ((patch[k + i] - zeroX) * (block[i] - zeroW)));
            }
        }

        return total;
    }
}
