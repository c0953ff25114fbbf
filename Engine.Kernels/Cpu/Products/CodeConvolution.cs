using System;
using System.Runtime.CompilerServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Cpu.Elementwise;
using VerifiableCompute.Engine.Kernels.Cpu.Simd;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>A convolution of codes X [N, C, spatial..] with codes W [M, C / groups, kernel..]: windows are rows, kernels are columns.</summary>
/// <param name="loops">The window.</param>
/// <param name="groups">Groups.</param>
internal sealed unsafe class CodeConvolution(WindowLoops loops, long groups)
{
    // Windows of a piece of work, and the most bytes that they may become.
    private const long Windows = 256;
    private const long BandBytes = 1 << 18;

    /// <summary>Fills the output of the call.</summary>
    /// <param name="run">The call.</param>
    /// <param name="x">X.</param>
    /// <param name="zeroX">Its zero point.</param>
    /// <param name="w">W.</param>
    /// <param name="zerosW">Its zero points.</param>
    /// <param name="bias">Starting totals, or null.</param>
    /// <param name="by">How totals become codes; null: they are the output.</param>
    internal void Run<F>(KernelRun run, Operand x, Operand zeroX, Operand w, Operand zerosW, Operand? bias, Requantisation? by)
        where F : unmanaged, IFloats<F>
    {
        TensorType type = run.Call.Node.Outputs[0];
        Shape shape = x.Type.Shape;
        long images = shape[0];
        long outputs = type.Shape[1];
        bool depthwise = groups > 1 && groups == shape[1] && groups == outputs && loops.AllTaps <= CodeDepthwise.MostTaps;
        CodeImages laid = new(loops, shape, depthwise ? 1 : groups);
        bool signed = x.Type.DType == DType.I8;
        int zero = *Operands.Integers(run, zeroX) + (signed ? 128 : 0);
        laid.Fill(run, run.Contiguous<byte>(x), images, signed, (byte)zero);
        int* start = bias is null ? null : Operands.Integers(run, bias);
        if (depthwise)
        {
            CodeDepthwise columns = new(run, loops, laid, w, zerosW, outputs, start, zero);
            CodeTotals totals = new(outputs, outputs);
            if (by is not null)
            {
                CodeTotals.Requantise(run, [totals], by, type.DType, 0);
            }

            Bands(run, images, 1, outputs, type.DType.Size(), 0, (image, _, row, first, count, y, scratch)
                => columns.Row<F>(laid.Row(image, 0, row) + (first * loops.Stride[2] * outputs), count, totals, y, scratch));
            return;
        }

        long perGroup = outputs / groups;
        bool together = loops.Dilation[2] == 1;
        CodeOrder order = Order(w, laid.Channels, together);
        Lines lines = new([(outputs, w.Map.Strides[0])], order.Segments * order.Length, 1);
        CodePanels panels = CodePanels.Of(run, w, run.Pointer<byte>(w), lines, order, perGroup, groups);
        CodeZeros zeros = new(run, panels, order, zeroX, x.Type.DType, zerosW, w.Type.DType);
        zeros.Add(start);
        CodeTotals[] all = new CodeTotals[groups];
        for (long group = 0; group < groups; group++)
        {
            all[group] = new CodeTotals(zeros, group, 0, perGroup);
        }

        if (by is not null)
        {
            CodeTotals.Requantise(run, all, by, type.DType, 0);
        }

        nint* segments = Segments(run, laid, together);
        nint step = (nint)(loops.Stride[2] * laid.Channels);
        Bands(run, images, groups, perGroup, type.DType.Size(), laid.IsFlat ? loops.OutputPlane : 0, (image, group, row, first, count, y, scratch) =>
        {
            CodeTile tile = new()
            {
                A = laid.Row(image, group, row) + (first * step),
                Row = step,
                Segments = segments,
                Count = (nint)order.Segments,
                Groups = (nint)order.Groups,
                Rows = (nint)count,
            };
            CodeProduct.Rows<F>(panels, group, zeros, all[group], tile, 0, 0, panels.Panels, y, scratch);
        });
    }

    // Codes of a kernel in the order of the pixels that they meet: (rows of taps; taps of a row, channels), or (taps; channels).
    private CodeOrder Order(Operand w, long channels, bool together)
    {
        long[] steps = new long[3];
        int missing = 5 - w.Type.Shape.Rank;
        for (int axis = missing; axis < 3; axis++)
        {
            steps[axis] = w.Map.Strides[axis - missing + 2];
        }

        long channelStep = w.Map.Strides[1];
        long perRow = together ? 1 : loops.Taps[2];
        return new CodeOrder(
            (segment, i) =>
            {
                (long row, long kw) = Math.DivRem(segment, perRow);
                (long kd, long kh) = Math.DivRem(row, loops.Taps[1]);
                (long tap, long channel) = Math.DivRem(i, channels);
                return (kd * steps[0]) + (kh * steps[1]) + ((kw + tap) * steps[2]) + (channel * channelStep);
            },
            loops.AllTaps / (together ? loops.Taps[2] : 1),
            together ? loops.Taps[2] * channels : channels);
    }

    private nint* Segments(KernelRun run, CodeImages laid, bool together)
    {
        nint* segments = run.Rent<nint>(loops.AllTaps);
        nint* at = segments;
        for (long kd = 0; kd < loops.Taps[0]; kd++)
        {
            for (long kh = 0; kh < loops.Taps[1]; kh++)
            {
                for (long kw = 0; kw < (together ? 1 : loops.Taps[2]); kw++)
                {
                    *at++ = (nint)laid.Tap(kd, kh, kw);
                }
            }
        }

        return segments;
    }

    /// <summary>Computes outputs [window][channel] of some windows of a row.</summary>
    private delegate void Piece(long image, long group, long row, long first, long count, byte* y, int* scratch);

    // Bands of rows of windows on the workers; what a band gives has its channels side by side, and is stored with its windows side by side.
    private void Bands(KernelRun run, long images, long parts, long channels, int size, long flat, Piece piece)
    {
        long width = flat > 0 ? flat : loops.Output[2];
        long rows = loops.OutputPlane / width;
        long perRow = (width + CodeProduct.MostRows - 1) / CodeProduct.MostRows;
        long pieces = rows * perRow;
        long perPiece = Math.Min(width, CodeProduct.MostRows);
        long most = Math.Clamp(Math.Min(Windows, BandBytes / (channels * size)) / perPiece, 1, pieces);
        long wanted = run.Workers == 1 ? 1 : run.Workers * 4L;
        long bands = Math.Clamp((wanted + (images * parts) - 1) / (images * parts), (pieces + most - 1) / most, pieces);
        most = (pieces + bands - 1) / bands;
        long bandBytes = ((most * perPiece * channels * size) + 127) / 64 * 64;
        long ownBytes = bandBytes + (CodeProduct.WorkerInts * sizeof(int));
        byte* room = run.Rent<byte>(run.Workers * ownBytes);
        byte* output = run.Output<byte>(0);
        long plane = loops.OutputPlane;
        Group? followers = run.Follow();
        run.For(images * parts * bands, (unit, worker) =>
        {
            (long at, long band) = Math.DivRem(unit, bands);
            (long image, long part) = Math.DivRem(at, parts);
            byte* own = room + (worker * ownBytes);
            byte* to = own;
            long begin = Window(pieces * band / bands, perRow, width);
            for (long i = pieces * band / bands; i < pieces * (band + 1) / bands; i++)
            {
                long first = Window(i, perRow, width);
                long count = Window(i + 1, perRow, width) - first;
                piece(image, part, first / width, first % width, count, to, (int*)(own + bandBytes));
                to += count * channels * size;
            }

            long windows = (to - own) / (channels * size);
            byte* planes = output + (((at * channels * plane) + begin) * size);
            if (size == 1)
            {
                CodeTranspose.Run(own, channels, windows, channels, planes, plane, 0);
            }
            else
            {
                Exchange((int*)own, windows, channels, (int*)planes, plane);
            }

            followers?.Rows((at * channels * plane) + begin, channels, plane, windows, worker);
        });
    }

    // First window of a piece.
    private static long Window(long piece, long perRow, long width)
    {
        (long row, long part) = Math.DivRem(piece, perRow);
        return (row * width) + (width * part / perRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exchange(int* from, long rows, long columns, int* to, long stride)
    {
        for (long column = 0; column < columns; column++)
        {
            for (long row = 0; row < rows; row++)
            {
                to[(column * stride) + row] = from[(row * columns) + column];
            }
        }
    }
}
