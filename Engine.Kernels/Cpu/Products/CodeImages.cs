using System;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Images of codes as windows read them: u8, the channels of a pixel side by side, padded with the zero point. So what a window reads of one
//  row of pixels lies together, and neighbouring windows are a constant number of bytes apart.
//
//    X [N, C, D, H, W]     ->     [N][part][D + pads][H + pads][W + pads][channels of the part]
//

/// <summary>The padded form of X.</summary>
internal sealed unsafe class CodeImages
{
    /// <summary>Bytes to be had behind the last image: vectors read past it.</summary>
    private const int Slack = 64;

    private readonly WindowLoops _loops;
    private readonly long _parts;
    private readonly long[] _extent = new long[3];
    private byte* _data;

    /// <param name="loops">The window.</param>
    /// <param name="shape">Shape of X.</param>
    /// <param name="parts">Parts of the channels that are laid out apart: groups.</param>
    internal CodeImages(WindowLoops loops, Shape shape, long parts)
    {
        _loops = loops;
        _parts = parts;
        Channels = shape[1] / parts;
        IsFlat = loops.AllTaps == 1;
        for (int axis = 0; axis < 3; axis++)
        {
            _extent[axis] = ((loops.Output[axis] - 1) * loops.Stride[axis]) + ((loops.Taps[axis] - 1) * loops.Dilation[axis]) + 1;
            IsFlat &= loops.Pad[axis] == 0 && loops.Stride[axis] == 1 && loops.Output[axis] == loops.Extent[axis];
        }
    }

    /// <summary>Channels of a part.</summary>
    internal long Channels { get; }

    /// <summary>True when every window is one pixel, in order.</summary>
    internal bool IsFlat { get; }

    private long Bytes => _extent[0] * _extent[1] * _extent[2] * Channels;

    /// <summary>First pixel of the first window of a row of outputs.</summary>
    internal byte* Row(long image, long part, long row)
    {
        (long d, long h) = Math.DivRem(row, _loops.Output[1]);
        return _data + (((image * _parts) + part) * Bytes)
            + (((d * _loops.Stride[0] * _extent[1]) + (h * _loops.Stride[1])) * _extent[2] * Channels);
    }

    /// <summary>Distance of a tap from the first pixel of its window.</summary>
    internal long Tap(long kd, long kh, long kw)
        => ((((kd * _loops.Dilation[0] * _extent[1]) + (kh * _loops.Dilation[1])) * _extent[2]) + (kw * _loops.Dilation[2])) * Channels;

    /// <summary>Lays out X.</summary>
    /// <param name="run">The call.</param>
    /// <param name="x">X, row-major.</param>
    /// <param name="images">N.</param>
    /// <param name="signed">i8: codes are moved by 128.</param>
    /// <param name="zero">Zero point, as u8.</param>
    internal void Fill(KernelRun run, byte* x, long images, bool signed, byte zero)
    {
        const int Least = 1 << 13;
        byte flip = signed ? (byte)0x80 : (byte)0;
        long plane = _loops.Plane;
        long units = images * _parts;
        byte* pixels = run.Rent<byte>((units * Channels * plane) + Slack);
        long blocks = (plane + 63) / 64;
        run.ForRanges(units * blocks, Math.Max(1, Least / (64 * Channels)), (start, end, _) =>
        {
            for (long i = start; i < end; i++)
            {
                (long unit, long block) = Math.DivRem(i, blocks);
                long first = block * 64;
                long at = unit * Channels * plane;
                CodeTranspose.Run(
                    x + at + first, plane, Channels, Math.Min(64, plane - first), pixels + at + (first * Channels), Channels, flip);
            }
        });
        if (IsFlat)
        {
            _data = pixels;
            return;
        }

        _data = run.Rent<byte>((units * Bytes) + Slack);
        long rows = _extent[0] * _extent[1];
        long rowBytes = _extent[2] * Channels;
        run.ForRanges(units * rows, Math.Max(1, Least / rowBytes), (start, end, _) =>
        {
            for (long i = start; i < end; i++)
            {
                (long unit, long row) = Math.DivRem(i, rows);
                (long d, long h) = Math.DivRem(row, _extent[1]);
                PadRow(pixels + (unit * Channels * plane), d - _loops.Pad[0], h - _loops.Pad[1], zero, _data + (i * rowBytes));
            }
        });
    }

    private void PadRow(byte* pixels, long d, long h, byte zero, byte* to)
    {
        long width = _extent[2];
        bool inside = (ulong)d < (ulong)_loops.Extent[0] && (ulong)h < (ulong)_loops.Extent[1];
        long from = inside ? Math.Clamp(_loops.Pad[2], 0, width) : width;
        long end = inside ? Math.Clamp(_loops.Extent[2] + _loops.Pad[2], from, width) : width;
        NativeMemory.Fill(to, (nuint)(from * Channels), zero);
        byte* row = pixels + (((((d * _loops.Extent[1]) + h) * _loops.Extent[2]) + from - _loops.Pad[2]) * Channels);
        NativeMemory.Copy(inside ? row : pixels, to + (from * Channels), (nuint)((end - from) * Channels));
        NativeMemory.Fill(to + (end * Channels), (nuint)((width - end) * Channels), zero);
    }
}
