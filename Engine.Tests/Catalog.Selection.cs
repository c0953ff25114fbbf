using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>Ops that choose elements, running totals, bits and determinants.</summary>
internal static partial class Catalog
{
    private static IEnumerable<OpCase> Chosen(Adversarial values)
    {
        foreach (DType type in Reals.Concat(Integers))
        {
            Tensor rows = values.Tensor(type, new Shape(2, 3, 37));
            Tensor ties = type.IsReal() ? values.Tensor(type, new Shape(4, 9), Adversarial.Mood.Ties) : values.Tensor(type, new Shape(4, 9));
            yield return Make("order", new ArgMax(smallest: false, last: false), rows);
            yield return Make("order", new ArgMax(smallest: true, last: true), ties);
            yield return Make("order", new TopK(5, smallest: false), rows);
            yield return Make("order", new TopK(9, smallest: true), ties);
            yield return Make("order", new TopK(0, smallest: true), ties);
            yield return Make("order", new ArgMax(smallest: false, last: true), values.Tensor(type, new Shape(3, 0)));
        }

        foreach (DType type in (DType[])[DType.F32, DType.F16, DType.F64, DType.U64, DType.I8])
        {
            yield return Make("blocks", new ArgMax(smallest: false, last: false), values.Tensor(type, new Shape(2, 9000)));
            yield return Make("blocks", new ArgMax(smallest: true, last: true), values.Tensor(type, new Shape(4097)));
        }

        foreach (DType type in (DType[])[.. Reals, .. Integers, DType.Bool])
        {
            Tensor x = values.Tensor(type, new Shape(3, 5, 4));
            yield return Make("gather", new GatherElements(1), x, values.Tensor(DType.I64, new Shape(3, 7, 2)));
            yield return Make("gather", new GatherElements(2), x, values.Tensor(DType.I32, new Shape(2, 5, 3)));
            yield return Make("gather", new GatherElements(0), values.Tensor(type, new Shape(0, 3)), values.Tensor(DType.I64, new Shape(2, 3)));
            foreach (Scattering kind in type == DType.Bool ? [Scattering.Set] : Enum.GetValues<Scattering>())
            {
                yield return Make("scatter", new Scatter(kind, 0), x, values.Tensor(DType.I64, new Shape(6)), values.Tensor(type, new Shape(6, 5, 4)));
                yield return Make("scatter", new Scatter(kind, 1), x, values.Tensor(DType.I32, new Shape(3, 9)), values.Tensor(type, new Shape(3, 9, 4)));
                yield return Make(
                    "scatter", new Scatter(kind, 2), x, values.Tensor(DType.I64, new Shape(3, 5, 6)), values.Tensor(type, new Shape(3, 5, 6)));
            }
        }

        Tensor few = values.Tensor(DType.F32, new Shape(2, 3));
        yield return Make("scatter", new Scatter(Scattering.Add, 1), few, values.Tensor(DType.I64, new Shape(2, 0)), values.Tensor(DType.F32, new Shape(2, 0)));
        yield return Make("scatter", new Scatter(Scattering.Set, 0), few, values.Tensor(DType.I64, new Shape(0)), values.Tensor(DType.F32, new Shape(0, 3)));
    }

    private static IEnumerable<OpCase> Totals(Adversarial values)
    {
        foreach (DType type in (DType[])[DType.F32, DType.F64, .. Integers])
        {
            foreach (bool product in (bool[])[false, true])
            {
                yield return Make("totals", new Cumulate(product), values.Tensor(type, new Shape(9, 2, 3)));
                yield return Make("totals", new Cumulate(product), values.Tensor(type, new Shape(300)));
                yield return Make("totals", new Cumulate(product), values.Tensor(type, new Shape(1, 5)));
            }
        }

        yield return Make("totals", new Cumulate(product: false), values.Tensor(DType.F32, new Shape(3, 700), Adversarial.Mood.Finite));
        foreach (DType type in Reals)
        {
            yield return Make("det", Det.Instance, values.Tensor(type, new Shape(2, 3, 5, 5)));
            yield return Make("det", Det.Instance, values.Tensor(type, new Shape(9, 9), Adversarial.Mood.Tame));
            yield return Make("det", Det.Instance, values.Tensor(type, new Shape(3, 4, 4), Adversarial.Mood.Ties));
            yield return Make("det", Det.Instance, values.Tensor(type, new Shape(2, 0, 0)));
        }
    }

    private static IEnumerable<OpCase> Bitwise(Adversarial values)
    {
        Shape shape = new(3, 7);
        foreach (DType type in Integers)
        {
            foreach (Op op in (Op[])[And.Instance, Or.Instance, Xor.Instance])
            {
                yield return Make("bits", op, values.Tensor(type, shape), values.Tensor(type, shape));
            }

            yield return Make("bits", Not.Instance, values.Tensor(type, shape));
            if (type.IsUnsigned())
            {
                yield return Make("bits", new BitShift(left: true), values.Tensor(type, shape), values.Tensor(type, shape));
                yield return Make("bits", new BitShift(left: false), values.Tensor(type, shape), values.Tensor(type, shape));
            }
        }

        DType[] all = [.. Reals, .. Integers, DType.Bool];
        foreach ((DType from, DType to) in all.SelectMany(from => all.Where(to => to.Size() == from.Size()).Select(to => (from, to))))
        {
            yield return Make("bits", new BitCast(to), values.Tensor(from, shape));
        }
    }
}
