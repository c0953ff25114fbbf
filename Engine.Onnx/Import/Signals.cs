using System;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Fourier transforms, and the tables that go with them.</summary>
internal static class Signals
{
    // Since this opset the axis is an operand.
    private const int FirstAxisOperand = 20;

    // Largest matrix of cosines and sines, 32 MiB of f32: one for each frequency and element of a row. Beyond, the circle alone is kept.
    private const long Matrix = 1L << 23;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("DFT", (1, 3), Dft, Int("axis", until: FirstAxisOperand - 1), Int("inverse"), Int("onesided")) { Since = 17 },
        new("STFT", (2, 4), ShortTime, Int("onesided")) { Since = 17 },
        CosineWindow("HannWindow", (1, 1, 0), 2),
        CosineWindow("HammingWindow", (25, 21, 0), 46),
        CosineWindow("BlackmanWindow", (42, 50, 8), 100),
        new("MelWeightMatrix", (5, 5), Mel, ElementType("output_datatype")) { Since = 17 },
    ];

    private static ValueRef Dft(NodeImport node)
    {
        ValueRef x = node.Input(0);
        int rank = node.Shape(x).Rank;
        long given = node.Version < FirstAxisOperand ? node.Attributes.Int("axis", 1) : node.Has(2) ? node.Integer(2) : -2;
        int axis = node.Axis(given, rank);
        if (rank < 2 || axis == rank - 1 || node.Shape(x)[^1] is not (1 or 2))
        {
            throw node.Invalid($"axis {given} of {node.Type(x)}, whose last axis has the parts of a number");
        }

        bool inverse = node.Attributes.Flag("inverse");
        bool oneSided = node.Attributes.Flag("onesided");
        ImmutableArray<int> order = [.. Enumerable.Range(0, rank).Where(other => other != axis && other != rank - 1), axis, rank - 1];
        ValueRef rows = node.Transpose(x, order);
        long extent = node.Shape(rows)[^2];
        long length = node.Has(1) ? node.Integer(1) : inverse && oneSided ? 2 * (extent - 1) : extent;
        if (length is < 1 or > OnnxLimits.TableElements)
        {
            throw node.Invalid($"a transform of length {length}");
        }

        if (oneSided && !inverse && node.Shape(x)[^1] == 2)
        {
            throw node.Invalid("complex numbers have no one-sided transform");
        }

        ValueRef y = oneSided && inverse
            ? node.Slice(Fourier(node, Mirrored(node, rows, length), length, length, inverse), rank - 1, 0, 1, 1)
            : Fourier(node, rows, length, oneSided ? (length / 2) + 1 : length, inverse);
        return node.Transpose(y, [.. Enumerable.Range(0, rank).Select(other => order.IndexOf(other))]);
    }

    // The frequencies that follow from the first half: those of real numbers are conjugate.
    private static ValueRef Mirrored(NodeImport node, ValueRef rows, long length)
    {
        long half = (length / 2) + 1;
        Shape shape = node.Shape(rows);
        int axis = shape.Rank - 2;
        ValueRef known = node.Slice(rows, axis, 0, 1, Math.Min(half, shape[axis]));
        if (shape[axis] < half)
        {
            ValueRef none = node.Expand(node.Scalar(node.DType(rows), 0), shape.With(axis, half - shape[axis]));
            known = node.Add(new Concat(axis), known, none);
        }

        if (length == half)
        {
            return known;
        }

        ValueRef back = node.Slice(known, axis, length - half, -1, length - half);
        ValueRef imaginary = node.Slice(back, axis + 1, 1, 1, shape[^1] - 1);
        ValueRef conjugate = shape[^1] == 1
            ? back
            : node.Add(new Concat(axis + 1), node.Slice(back, axis + 1, 0, 1, 1), node.Add(Neg.Instance, imaginary));
        return node.Add(new Concat(axis), known, conjugate);
    }

    // x [rows.., n, parts] -> [rows.., bins, 2]. As a product of matrices where that is small enough: the same sums in the same order.
    private static ValueRef Fourier(NodeImport node, ValueRef x, long length, long bins, bool inverse)
    {
        DType type = node.DType(x);
        DType wide = type == DType.F64 ? DType.F64 : DType.F32;
        int axis = node.Shape(x).Rank - 2;
        x = node.Slice(node.Cast(x, wide), axis, 0, 1, Math.Min(length, node.Shape(x)[axis]));
        Shape shape = node.Shape(x);
        long parts = shape[^1];
        Shape result = new([.. shape.Extents[..^2], bins, 2]);
        (double Cosine, double Sine)[] circle = wide == DType.F64
            ? [.. Circle.Doubles((int)length)]
            : [.. Circle.Singles((int)length).Select(point => ((double)point.Cosine, (double)point.Sine))];
        if (shape.Elements == 0 || (Int128)bins * 2 * shape[axis] * parts > Matrix)
        {
            double[] points = [.. circle.SelectMany(point => new[] { point.Cosine, point.Sine })];
            return node.Cast(node.Add(new Dft(bins, inverse), x, Reals(node, wide, new Shape(length, 2), points)), type);
        }

        long terms = shape[axis] * parts;
        double[] matrix = new double[bins * 2 * terms];
        for (long row = 0; row < bins * 2; row++)
        {
            for (long term = 0; term < terms; term++)
            {
                (double cosine, double sine) = circle[term / parts * (row / 2) % length];
                sine = inverse ? -sine : sine;
                matrix[(row * terms) + term] = term % parts == row % 2 ? cosine : row % 2 == 1 ? -sine : sine;
            }
        }

        ValueRef rows = node.Reshape(x, shape.Product(0, axis), terms);
        ValueRef y = node.Add(Dot.Plain, rows, Reals(node, wide, new Shape(bins * 2, terms), matrix));
        y = inverse ? node.Broadcast(Div.Instance, y, node.Scalar(wide, length)) : y;
        return node.Cast(node.Reshape(y, result), type);
    }

    private static ValueRef Reals(NodeImport node, DType type, Shape shape, double[] values)
        => node.Literal(type == DType.F64
            ? Tensor.Of(type, shape, values.AsSpan())
            : Tensor.Of(type, shape, [.. values.Select(value => (float)value)]));

    // Frames are a view: they overlap. Each is multiplied by the window, then transformed.
    private static ValueRef ShortTime(NodeImport node)
    {
        ValueRef signal = node.Input(0);
        if (node.Shape(signal).Rank == 2)
        {
            signal = node.Reshape(signal, new Shape([.. node.Shape(signal).Extents, 1]));
        }

        Shape shape = node.Shape(signal);
        if (shape.Rank != 3 || shape[2] is not (1 or 2))
        {
            throw node.Invalid($"{shape} is not [batch, length, parts of a number]");
        }

        long step = node.Integer(1);
        ValueRef? window = node.Optional(2);
        long extent = window is ValueRef given ? node.Shape(given).Elements : shape[1];
        long length = node.Has(3) ? node.Integer(3) : extent;
        bool oneSided = node.Attributes.Flag("onesided", otherwise: true);
        bool fits = step >= 1 && length >= 1 && length <= OnnxLimits.TableElements && length <= shape[1]
            && (window is null || (node.Shape(window.Value).Rank == 1 && extent == length));
        if (!fits || (oneSided && node.Attributes.Has("onesided") && shape[2] == 2))
        {
            throw node.Invalid($"frames of {length} every {step} of {shape}, windows of {extent}");
        }

        DType type = node.DType(signal);
        DType wide = type == DType.F64 ? DType.F64 : DType.F32;
        ValueRef frames = Frames(node, node.Cast(signal, wide), length, step);
        if (window is ValueRef factors)
        {
            frames = node.Broadcast(Mul.Instance, frames, node.Reshape(node.Cast(factors, wide), length, 1));
        }

        return node.Cast(Fourier(node, frames, length, oneSided && shape[2] == 1 ? (length / 2) + 1 : length, inverse: false), type);
    }

    private static ValueRef Frames(NodeImport node, ValueRef signal, long length, long step)
    {
        Shape shape = node.Shape(signal);
        long count = ((shape[1] - length) / step) + 1;
        return node.View(signal, map => new AffineView(
            new Shape(shape[0], count, length, shape[2]),
            map.Offset,
            [map.Strides[0], map.Strides[1] * step, map.Strides[1], map.Strides[2]]));
    }

    private static OnnxOp CosineWindow(string name, (int A0, int A1, int A2) coefficients, int scale)
        => new(name, (1, 1), node => Window(node, coefficients, scale), ElementType("output_datatype"), Int("periodic")) { Since = 17 };

    private static ValueRef Window(NodeImport node, (int A0, int A1, int A2) coefficients, int scale)
    {
        long size = node.Integer(0);
        DType type = (DType)node.Attributes.Int("output_datatype", (long)DType.F32);
        if (size is < 0 or > OnnxLimits.TableElements || type == DType.Bool)
        {
            throw node.Invalid($"a window of {size} elements, {type.Name()}");
        }

        int parts = (int)size - (node.Attributes.Flag("periodic", otherwise: true) ? 0 : 1);
        double[] window = new double[size];
        for (int i = 0; i < window.Length; i++)
        {
            window[i] = parts == 0 ? 1 : Circle.Cosines(coefficients, scale, i, parts, isDouble: type == DType.F64);
        }

        Tensor values = Tensor.Of(DType.F64, new Shape(size), window.AsSpan());
        return node.Literal(ReferenceBackend.Evaluate(new Cast(type), values)[0]);
    }

    // Triangles over frequencies, evenly spaced in mel; every step in f64.
    private static ValueRef Mel(NodeImport node)
    {
        long bands = node.Integer(0);
        long length = node.Integer(1);
        long rate = node.Integer(2);
        double low = Mel(node.Real(3));
        double step = (Mel(node.Real(4)) - low) / (bands + 2);
        const long Most = OnnxLimits.TableElements;
        if (bands is < 0 or > Most || length is < 0 or > Most || rate < 1 || !double.IsFinite(step) || !double.IsFinite(low))
        {
            throw node.Invalid($"{bands} bands of a spectrum of {length} at {rate} Hz, with edges that are frequencies");
        }

        // An edge takes a power in f64, some 20 µs.
        const long MostBands = 4096;
        if (bands > MostBands)
        {
            throw node.Unsupported($"a table of {bands} bands: more than {MostBands} are not supported");
        }

        long rows = (length / 2) + 1;
        double[] weights = new double[node.Table((Int128)rows * bands)];
        double[] edges = [.. Enumerable.Range(0, (int)bands + 2).Select(i => Math.Floor((length + 1) * Hertz((i * step) + low) / rate))];
        for (int band = 0; band < bands; band++)
        {
            (double left, double centre, double right) = (edges[band], edges[band + 1], edges[band + 2]);
            for (long row = 0; row < rows; row++)
            {
                bool falls = row >= centre && row < right;
                bool rises = row >= left && row <= centre && !falls;
                weights[(row * bands) + band] = falls ? (right - row) / (right - centre)
                    : !rises ? 0
                    : left == centre ? 1
                    : (row - left) / (centre - left);
            }
        }

        Tensor values = Tensor.Of(DType.F64, new Shape(rows, bands), weights.AsSpan());
        DType type = (DType)node.Attributes.Int("output_datatype", (long)DType.F32);
        return node.Literal(ReferenceBackend.Evaluate(new Cast(type), values)[0]);
    }

    private static double Mel(double hertz) => 2595 * (Functions.Log(1 + (hertz / 700)) / Functions.Log(10.0));

    private static double Hertz(double mel) => 700 * (Functions.Pow(10.0, mel / 2595) - 1);
}
