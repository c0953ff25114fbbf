using System.Collections.Immutable;

using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests;

/// <summary>An op with inputs to try it on.</summary>
internal sealed record OpCase(string Name, Op Op, ImmutableArray<Tensor> Inputs)
{
    public override string ToString() => $"{Name} {Op.Name}({string.Join(", ", Inputs.Select(input => input.Type))})";
}

/// <summary>Every op, on a few shapes and types: what the contracts run over. A new op is one row here.</summary>
internal static partial class Catalog
{
    private static readonly DType[] Reals = [DType.F32, DType.F16, DType.BF16, DType.F64];
    private static readonly DType[] Integers =
        [DType.I8, DType.U8, DType.I16, DType.U16, DType.I32, DType.U32, DType.I64, DType.U64];

    /// <summary>All cases.</summary>
    public static IEnumerable<OpCase> Cases()
    {
        Adversarial values = new(1);
        return Elementwise(values).Concat(Shaped(values)).Concat(Rows(values)).Concat(Coded(values))
            .Concat(Chosen(values)).Concat(Totals(values)).Concat(Bitwise(values)).Concat(Recurrent(values)).Concat(Random(values))
            .Concat(Spatial(values)).Concat(Elementary(values)).Concat(Edges(values));
    }

    /// <summary>The elementwise family, alone.</summary>
    public static IEnumerable<OpCase> Elementwise(Adversarial values)
    {
        Op[] unaryReal =
        [
            Exp.Instance, Log.Instance, Sqrt.Instance, Reciprocal.Instance, Sin.Instance, Cos.Instance, Atan.Instance, Tanh.Instance,
            Erf.Instance, Floor.Instance, Ceil.Instance, Round.Instance, Sigmoid.Instance, Softplus.Instance, Softsign.Instance,
            Gelu.Instance, GeluTanh.Instance, HardSwish.Instance, new LeakyRelu(0.01f), new Elu(1.5f), new Selu(1.67f, 1.05f),
            new HardSigmoid(0.2f, 0.5f), new ThresholdedRelu(0.7f),
        ];
        Op[] unaryNumber = [Abs.Instance, Neg.Instance, Sign.Instance, Relu.Instance];
        Op[] binaryNumber =
        [
            Add.Instance, Sub.Instance, Mul.Instance, Div.Instance, Max.Instance, Min.Instance, Pow.Instance, new Mod(true), new Mod(false),
            Equal.Instance, Less.Instance, LessOrEqual.Instance, Greater.Instance, GreaterOrEqual.Instance,
        ];
        Op[] binaryBool = [And.Instance, Or.Instance, Xor.Instance, Equal.Instance];
        Shape shape = new(3, 7);
        foreach (DType type in Reals.Concat(Integers))
        {
            Op[] unary = type.IsReal() ? [.. unaryReal, .. unaryNumber] : unaryNumber;
            foreach (Op op in unary)
            {
                yield return Make("unary", op, values.Tensor(type, shape));
            }

            foreach (Op op in binaryNumber)
            {
                yield return Make("binary", op, values.Tensor(type, shape), values.Tensor(type, shape));
            }

            yield return Make("clip", Clip.Instance, values.Tensor(type, shape), values.Tensor(type, Shape.Scalar), values.Tensor(type, Shape.Scalar));
        }

        foreach (Op op in binaryBool)
        {
            yield return Make("binary", op, values.Tensor(DType.Bool, shape), values.Tensor(DType.Bool, shape));
        }

        yield return Make("unary", Not.Instance, values.Tensor(DType.Bool, shape));
        DType[] all = [.. Reals, .. Integers, DType.Bool];
        foreach (DType from in all)
        {
            yield return Make("where", Where.Instance, values.Tensor(DType.Bool, shape), values.Tensor(from, shape), values.Tensor(from, shape));
            foreach (DType to in all)
            {
                yield return Make("cast", new Cast(to), values.Tensor(from, shape));
            }
        }
    }

    private static IEnumerable<OpCase> Shaped(Adversarial values)
    {
        foreach (DType type in (DType[])[DType.F32, DType.F64, DType.U8, DType.Bool])
        {
            Tensor x = values.Tensor(type, new Shape(2, 3, 4));
            yield return Make("copy", Copy.Instance, x);
            yield return Make("view", new View(AffineView.Identity(x.Type.Shape).Transpose(2, 0, 1).Slice(0, 3, -2, 2)), x);
            yield return Make("view", new View(AffineView.Identity(x.Type.Shape).Slice(1, 1, 1, 1).Expand(new Shape(2, 5, 4))), x);
            yield return Make("view", new View(new AffineView(new Shape(2, 6, 2), 22, [1, -4, -2])), x);
            yield return Make("view", new View(new AffineView(new Shape(4, 5), 0, [5, 1])), x);
            yield return Make("concat", new Concat(1), x, values.Tensor(type, new Shape(2, 0, 4)), values.Tensor(type, new Shape(2, 2, 4)));
            yield return Make("gather", new Gather(1), x, values.Tensor(DType.I64, new Shape(2, 2)));
            yield return Make("gather", new Gather(0), x, values.Tensor(DType.I32, Shape.Scalar));
            yield return Make("gather", new Gather(0), values.Tensor(type, new Shape(0, 3)), values.Tensor(DType.I32, new Shape(2)));
        }

        foreach (DType type in (DType[])[DType.F32, DType.F64, DType.I16, DType.I64])
        {
            yield return Make("range", new Engine.Ops.Range(5), values.Tensor(type, Shape.Scalar), values.Tensor(type, Shape.Scalar));
        }

        Window flat = new([3, 2], [2, 1], [1, 2], [1, 0], [1, 1], [3, 3]);
        Window line = new([3], [1], [1], [1], [1], [5]);
        foreach (DType type in Reals)
        {
            Tensor image = values.Tensor(type, new Shape(2, 4, 5, 4));
            Tensor signal = values.Tensor(type, new Shape(1, 2, 5));
            yield return Make("conv", new Conv(flat, 2), image, values.Tensor(type, new Shape(6, 2, 3, 2)), values.Tensor(type, new Shape(6)));
            yield return Make("conv", new Conv(line, 1), signal, values.Tensor(type, new Shape(3, 2, 3)));
            yield return Make("average", new AveragePool(flat, countPadding: true), image);
            yield return Make("average", new AveragePool(line, countPadding: false), signal);
            yield return Make("max", new MaxPool(flat, columnMajor: true), image);
            yield return Make("mean", GlobalAveragePool.Instance, signal);
        }

        yield return Make("max", new MaxPool(flat, columnMajor: false), values.Tensor(DType.I8, new Shape(2, 4, 5, 4)));
    }

    private static IEnumerable<OpCase> Rows(Adversarial values)
    {
        foreach (DType type in Reals)
        {
            Tensor x = values.Tensor(type, new Shape(2, 3, 37), Adversarial.Mood.Finite);
            Tensor wild = values.Tensor(type, new Shape(2, 3, 5));
            yield return Make("softmax", new Softmax(logarithm: false), x);
            yield return Make("softmax", new Softmax(logarithm: true), wild);
            yield return Make("norm", new LayerNorm(1e-5f), x, values.Tensor(type, new Shape(37)), values.Tensor(type, new Shape(37)));
            yield return Make("norm", new LayerNorm(1e-5f), wild, values.Tensor(type, new Shape(5)));
            yield return Make("norm", new RmsNorm(1e-6f), x, values.Tensor(type, new Shape(37)));
            Tensor channel = values.Tensor(type, new Shape(3));
            yield return Make("batch", new BatchNorm(1e-5f), x, channel, channel, channel, values.Tensor(type, new Shape(3)));
            yield return Make("dot", Dot.Plain, values.Tensor(type, new Shape(2, 3, 300)), values.Tensor(type, new Shape(2, 2, 300)));
            yield return Make("dot", new Dot(0.5f, -2f), x, values.Tensor(type, new Shape(2, 4, 37)), values.Tensor(type, new Shape(2, 3, 4)));
            yield return Make("dot", Dot.Plain, values.Tensor(type, new Shape(3, 0)), values.Tensor(type, new Shape(2, 0)));
        }

        foreach (Reduction kind in Enum.GetValues<Reduction>())
        {
            foreach (DType type in Reals)
            {
                yield return Make("reduce", new Reduce(kind, 1), values.Tensor(type, new Shape(3, 70), Adversarial.Mood.Finite));
                yield return Make("reduce", new Reduce(kind, 2), values.Tensor(type, new Shape(2, 3, 5)));
                yield return Make("reduce", new Reduce(kind, 1), values.Tensor(type, new Shape(2, 0)));
            }

            foreach (DType type in (DType[])[DType.F32, DType.F16, DType.F64])
            {
                bool slow = type == DType.F64 && kind == Reduction.LogSumExp;
                yield return Make("blocks", new Reduce(kind, 2), values.Tensor(type, new Shape(2, 3, slow ? 1500 : 3000), Adversarial.Mood.Finite));
            }

            bool integers = kind is not (Reduction.L2 or Reduction.LogSum or Reduction.LogSumExp);
            foreach (DType type in integers ? Integers : [])
            {
                yield return Make("reduce", new Reduce(kind, 1), values.Tensor(type, new Shape(3, 5)));
            }

            foreach (DType type in integers ? (DType[])[DType.I8, DType.U64] : [])
            {
                yield return Make("blocks", new Reduce(kind, 1), values.Tensor(type, new Shape(2, 4097)));
            }
        }
    }

    private static IEnumerable<OpCase> Coded(Adversarial values)
    {
        Shape shape = new(3, 7);
        foreach (DType code in (DType[])[DType.U8, DType.I8, DType.U16, DType.I16])
        {
            yield return Make(
                "quantise",
                QuantizeLinear.Instance,
                values.Tensor(DType.F32, shape),
                values.Tensor(DType.F32, shape),
                values.Tensor(code, shape));
            yield return Make(
                "quantise",
                QuantizeLinear.Instance,
                values.Tensor(DType.I32, shape),
                values.Tensor(DType.F16, shape),
                values.Tensor(code, shape));
            yield return Make(
                "dequantise",
                DequantizeLinear.Instance,
                values.Tensor(code, shape),
                values.Tensor(DType.BF16, shape),
                values.Tensor(code, shape));
        }

        yield return Make("quantise", DynamicQuantizeLinear.Instance, values.Tensor(DType.F32, shape));
        yield return Make("quantise", DynamicQuantizeLinear.Instance, values.Tensor(DType.F32, shape, Adversarial.Mood.Tame));
        yield return Make("blocks", DynamicQuantizeLinear.Instance, values.Tensor(DType.F32, new Shape(3, 3000), Adversarial.Mood.Finite));
        Window window = new([3, 2], [2, 1], [1, 2], [1, 0], [1, 1], [3, 3]);
        foreach (DType x in (DType[])[DType.U8, DType.I8])
        {
            foreach (DType w in (DType[])[DType.U8, DType.I8])
            {
                Tensor scalar = values.Tensor(DType.F32, Shape.Scalar, Adversarial.Mood.Tame);
                Tensor image = values.Tensor(x, new Shape(2, 4, 5, 4));
                Tensor kernel = values.Tensor(w, new Shape(6, 2, 3, 2));
                Tensor zeroX = values.Tensor(x, Shape.Scalar);
                Tensor zerosW = values.Tensor(w, new Shape(6));
                Tensor scales = values.Tensor(DType.F32, new Shape(6), Adversarial.Mood.Tame);
                yield return Make("conv", new ConvInteger(window, 2), image, kernel, zeroX, zerosW);
                yield return Make(
                    "conv", new QLinearConv(window, 2), image, scalar, zeroX, kernel, scales, zerosW, scalar, zeroX, values.Tensor(DType.I32, new Shape(6)));
                Tensor a = values.Tensor(x, new Shape(3, 300));
                Tensor b = values.Tensor(w, new Shape(4, 300));
                Tensor zeroA = values.Tensor(x, new Shape(3));
                Tensor zeroB = values.Tensor(w, new Shape(4));
                yield return Make("dot", DotInteger.Instance, a, b, zeroA, zeroB);
                yield return Make(
                    "dot",
                    QLinearDot.Instance,
                    a,
                    values.Tensor(DType.F32, new Shape(3), Adversarial.Mood.Tame),
                    zeroA,
                    b,
                    values.Tensor(DType.F32, new Shape(4), Adversarial.Mood.Tame),
                    zeroB,
                    scalar,
                    zeroX);
            }
        }
    }

    private static OpCase Make(string name, Op op, params ImmutableArray<Tensor> inputs) => new(name, op, inputs);
}
