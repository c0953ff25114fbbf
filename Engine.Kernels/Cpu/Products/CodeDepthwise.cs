using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

//
//  Convolutions of single channels with as many kernels: each lane is one channel. Products of a u8 and a code less its zero point, at most
//  256 of them, are exact in f32.
//

/// <summary>Kernels of one channel each, tap by tap.</summary>
internal sealed unsafe class CodeDepthwise
{
    /// <summary>Most taps whose sum is exact.</summary>
    internal const int MostTaps = 256;

    private readonly WindowLoops _loops;
    private readonly long _channels;
    private readonly float* _weights;
    private readonly long* _taps;
    private readonly int* _start;

    /// <param name="run">The call.</param>
    /// <param name="loops">The window.</param>
    /// <param name="images">X.</param>
    /// <param name="w">W [C, 1, kernel..].</param>
    /// <param name="zeros">Its zero points.</param>
    /// <param name="channels">C.</param>
    /// <param name="bias">Starting totals, or null.</param>
    /// <param name="zero">Zero point of X as u8, which their sums take off.</param>
    internal CodeDepthwise(KernelRun run, WindowLoops loops, CodeImages images, Operand w, Operand zeros, long channels, int* bias, int zero)
    {
        _loops = loops;
        _channels = channels;
        int* points = Operands.Integers(run, zeros);
        byte* codes = run.Contiguous<byte>(w);
        bool signed = w.Type.DType == DType.I8;
        long floats = loops.AllTaps * Room;
        void Pack(nint at)
        {
            new Span<float>((float*)at, (int)floats).Clear();
            for (long i = 0; i < channels * loops.AllTaps; i++)
            {
                (long channel, long tap) = Math.DivRem(i, loops.AllTaps);
                ((float*)at)[(tap * Room) + channel] = (signed ? (sbyte)codes[i] : codes[i]) - points[channel];
            }
        }

        if (w.Parameter is not null && zeros.Parameter is not null && w.Type.Elements <= w.Parameter.Type.Elements)
        {
            _weights = run.Packed.Get(w.Parameter, ("depthwise", w.Map, zeros.Parameter, zeros.Map), floats, Pack);
        }
        else
        {
            _weights = run.Rent<float>(floats);
            Pack((nint)_weights);
        }

        _taps = run.Rent<long>(loops.AllTaps);
        for (long tap = 0; tap < loops.AllTaps; tap++)
        {
            (long row, long kw) = Math.DivRem(tap, loops.Taps[2]);
            (long kd, long kh) = Math.DivRem(row, loops.Taps[1]);
            _taps[tap] = images.Tap(kd, kh, kw);
        }

        _start = run.Rent<int>(Room);
        for (long channel = 0; channel < Room; channel++)
        {
            float sum = 0f;
            for (long tap = 0; tap < loops.AllTaps; tap++)
            {
                sum += _weights[(tap * Room) + channel];
            }

            _start[channel] = (channel < channels && bias != null ? bias[channel] : 0) - (zero * (int)sum);
        }
    }

    // Channels, rounded up to whole vectors.
    private long Room => (_channels + CodeTile.Width - 1) / CodeTile.Width * CodeTile.Width;

    /// <summary>Computes some windows of a row, all channels.</summary>
    /// <param name="x">First pixel of the first window.</param>
    /// <param name="count">Windows.</param>
    /// <param name="totals">What becomes of the totals.</param>
    /// <param name="y">Outputs [window][channel].</param>
    /// <param name="scratch">Of this worker.</param>
    internal void Row<F>(byte* x, long count, CodeTotals totals, byte* y, int* scratch)
        where F : unmanaged, IFloats<F>
    {
        int atOnce = (int)Math.Min(count, CodeProduct.MostRows);
        for (long channel = 0; channel < _channels; channel += 2 * CodeTile.Width)
        {
            int columns = (int)Math.Min(2 * CodeTile.Width, _channels - channel);
            int stride = (columns + CodeTile.Width - 1) / CodeTile.Width * CodeTile.Width;
            for (int at = 0; at < stride; at += F.Lanes)
            {
                Windows<F>(x + channel + at, _weights + channel + at, _start + channel + at, atOnce, scratch + at, stride);
            }

            totals.Store<F>(scratch, stride, null, 0, atOnce, channel, columns, y);
        }
    }

    // Totals of one vector of channels of some windows, two windows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Windows<F>(byte* x, float* weights, int* start, int count, int* to, int stride)
        where F : unmanaged, IFloats<F>
    {
        long step = _loops.Stride[2] * _channels;
        long room = Room;
        long taps = _loops.AllTaps;
        F begin = F.Load((float*)start);
        for (int i = 0; i < count; i += 2)
        {
            byte* left = x + (i * step);
            byte* right = i + 1 < count ? left + step : left;
            F sumLeft = default;
            F sumRight = default;
            float* w = weights;
            for (long tap = 0; tap < taps; tap++)
            {
                F factor = F.Load(w);
                sumLeft = F.Fma(F.FromInt(F.LoadBytes(left + _taps[tap], signed: false)), factor, sumLeft);
                sumRight = F.Fma(F.FromInt(F.LoadBytes(right + _taps[tap], signed: false)), factor, sumRight);
                w += room;
            }

            F.Store((float*)(to + (i * stride)), F.AddInt(begin, F.ToInt(sumLeft)));
            if (i + 1 < count)
            {
                F.Store((float*)(to + ((i + 1) * stride)), F.AddInt(begin, F.ToInt(sumRight)));
            }
        }
    }
}
