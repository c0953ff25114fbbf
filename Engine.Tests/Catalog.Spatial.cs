using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Resampling, sampling at coordinates, windows of other kinds, and Fourier transforms.</summary>
internal static partial class Catalog
{
    private static IEnumerable<OpCase> Spatial(Adversarial values) => Resampled(values).Concat(Sampled(values)).Concat(Windowed(values)).Concat(Turned(values));

    private static IEnumerable<OpCase> Resampled(Adversarial values)
    {
        foreach (DType type in Reals)
        {
            DType wide = type == DType.F64 ? DType.F64 : DType.F32;
            Tensor x = values.Tensor(type, new Shape(2, 5, 3));
            foreach (int axis in (int[])[0, 1, 2])
            {
                Tensor indices = Indices(values, new Shape(7, 3), x.Type.Shape[axis] + 1);
                yield return Make("resample", new Resample(axis), x, indices, values.Tensor(wide, new Shape(7, 3), Adversarial.Mood.Tame));
            }

            yield return Make("resample", new Resample(1), x, values.Tensor(DType.I64, new Shape(4, 2)), values.Tensor(wide, new Shape(4, 2)));
            Tensor line = values.Tensor(type, new Shape(2, 400), Adversarial.Mood.Finite);
            Tensor zeros = Tensor.Of<double>(DType.F64, new Shape(3, 2), 0, 1, 0, 0, -0.0, 2);
            yield return Make("resample", new Resample(1), line, Indices(values, new Shape(3, 2), 400), Narrow(wide, zeros));
            yield return Make(
                "resample", new Resample(1), line, Steps(3, 300), values.Tensor(wide, new Shape(3, 300), Adversarial.Mood.Tame));
            yield return Make(
                "resample", new Resample(0), values.Tensor(type, new Shape(0, 3)), Steps(2, 2), values.Tensor(wide, new Shape(2, 2)));
        }
    }

    private static IEnumerable<OpCase> Sampled(Adversarial values)
    {
        foreach (Interpolation mode in Enum.GetValues<Interpolation>())
        {
            foreach (Outside outside in Enum.GetValues<Outside>())
            {
                foreach (GridUnit unit in Enum.GetValues<GridUnit>())
                {
                    Tensor grid = values.Tensor(DType.F32, new Shape(2, 3, 4, 2), unit == GridUnit.Elements ? Adversarial.Mood.Ties : Adversarial.Mood.Tame);
                    yield return Make("grid", new GridSample(mode, outside, unit), values.Tensor(DType.F32, new Shape(2, 3, 4, 5)), grid);
                }
            }

            foreach (DType type in Reals)
            {
                GridSample op = new(mode, Outside.Reflection, GridUnit.Edges);
                yield return Make("grid", op, values.Tensor(type, new Shape(1, 2, 3, 2, 4)), values.Tensor(type, new Shape(1, 3, 3), Adversarial.Mood.Ties));
                yield return Make("grid", op, values.Tensor(type, new Shape(2, 1, 6)), values.Tensor(DType.F32, new Shape(2, 5, 1)));
            }
        }

        GridSample nearest = new(Interpolation.Nearest, Outside.Border, GridUnit.Centres);
        foreach (DType type in (DType[])[DType.Bool, DType.I8, DType.U64])
        {
            yield return Make("grid", nearest, values.Tensor(type, new Shape(2, 1, 3, 1)), values.Tensor(DType.F64, new Shape(2, 4, 2)));
        }

        foreach (DType type in Reals)
        {
            Tensor x = values.Tensor(type, new Shape(2, 3, 5, 6));
            Tensor boxes = Narrow(type, Tensor.Of<double>(DType.F64, new Shape(3, 4), 0.5, 1, 5, 4, -3, 2, 9, 40, 4, 3, 1, 0));
            Tensor wild = values.Tensor(type, new Shape(3, 4));
            Tensor batch = Tensor.Of<long>(DType.I64, new Shape(3), 1, 0, -7);
            foreach (RoiPooling pooling in Enum.GetValues<RoiPooling>())
            {
                yield return Make("regions", new RoiAlign(pooling, 2, 3, 2, 0.75f, halfPixel: true), x, boxes, batch);
                yield return Make("regions", new RoiAlign(pooling, 2, 3, 0, 1.5f, halfPixel: true), x, boxes, batch);
                yield return Make("regions", new RoiAlign(pooling, 3, 1, 0, 1f, halfPixel: false), x, boxes, batch);
                yield return Make("regions", new RoiAlign(pooling, 1, 2, 3, 1f, halfPixel: false), x, wild, batch);
                yield return Make("regions", new RoiAlign(pooling, 2, 2, 0, 0.5f, halfPixel: true), x, wild, values.Tensor(DType.I32, new Shape(3)));
            }

            Tensor five = Narrow(type, Tensor.Of<double>(DType.F64, new Shape(3, 5), 0, 1, 1, 4, 3, 1, -2, 0.5, 2.5, 40, 9, 4, 3, 1, 0));
            yield return Make("regions", new MaxRoiPool(2, 3, 1f), x, five);
            yield return Make("regions", new MaxRoiPool(3, 2, 0.5f), x, values.Tensor(type, new Shape(4, 5)));
        }
    }

    private static IEnumerable<OpCase> Windowed(Adversarial values)
    {
        Window flat = new([3, 2], [2, 1], [1, 2], [1, 0], [1, 1], [2, 3]);
        Window line = new([4], [3], [2], [2], [1], [4]);
        foreach (DType type in Reals)
        {
            yield return Make("norm", new LpPool(flat, 2), values.Tensor(type, new Shape(2, 3, 4, 4)));
            yield return Make("norm", new LpPool(line, 1), values.Tensor(type, new Shape(1, 2, 14)));
            yield return Make("norm", new LpPool(line, 3), values.Tensor(type, new Shape(1, 2, 14), Adversarial.Mood.Tame));
        }

        foreach (DType type in (DType[])[.. Reals, DType.I8, DType.U64])
        {
            yield return Make("columns", new Col2Im(flat, [4, 4]), values.Tensor(type, new Shape(2, 3 * 6, 6)));
            yield return Make("columns", new Col2Im(line, [14]), values.Tensor(type, new Shape(1, 2 * 4, 4)));
        }
    }

    private static IEnumerable<OpCase> Turned(Adversarial values)
    {
        foreach (DType type in Reals)
        {
            DType wide = type == DType.F64 ? DType.F64 : DType.F32;
            foreach (bool inverse in (bool[])[false, true])
            {
                Dft op = new(6, inverse);
                yield return Make("turns", op, values.Tensor(type, new Shape(2, 5, 1)), values.Tensor(wide, new Shape(7, 2), Adversarial.Mood.Tame));
                yield return Make("turns", op, values.Tensor(type, new Shape(3, 2, 4, 2)), values.Tensor(wide, new Shape(4, 2)));
                yield return Make(
                    "turns",
                    new Dft(3, inverse),
                    values.Tensor(type, new Shape(1, 300, 2), Adversarial.Mood.Tame),
                    values.Tensor(wide, new Shape(300, 2), Adversarial.Mood.Tame));
            }
        }
    }

    // Indices from -1 to below a limit.
    private static Tensor Indices(Adversarial values, Shape shape, long below)
        => Tensor.Of(DType.I64, shape, [.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (long)values.Below((int)below + 1) - 1)]);

    // Rows of consecutive indices.
    private static Tensor Steps(int rows, int taps)
        => Tensor.Of(DType.I64, new Shape(rows, taps), [.. Enumerable.Range(0, rows * taps).Select(i => (long)((i % taps) + (i / taps)))]);

    private static Tensor Narrow(DType type, Tensor doubles) => Backends.ReferenceBackend.Evaluate(new Cast(type), doubles)[0];
}
