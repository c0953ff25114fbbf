using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

[Category("simd")]
internal sealed class ElementwiseTests
{
    private static readonly DType[] Singles = [DType.F32, DType.F16, DType.BF16];
    private static readonly DType[] Every = [.. Enum.GetValues<DType>().Where(type => type != DType.None)];
    private static readonly DType[] Integers = [.. Every.Where(type => type.IsInteger())];

    private static readonly Op[] Unary =
    [
        Abs.Instance, Neg.Instance, Relu.Instance, new LeakyRelu(0.01f), new ThresholdedRelu(0.5f), new HardSigmoid(0.2f, 0.5f),
        HardSwish.Instance,
        Softsign.Instance, Sign.Instance, Ceil.Instance, Floor.Instance, Round.Instance, Sqrt.Instance, Reciprocal.Instance, Exp.Instance,
        Log.Instance, Tanh.Instance, Erf.Instance, Sin.Instance, Cos.Instance, Atan.Instance, Sigmoid.Instance, Gelu.Instance,
        GeluTanh.Instance, Tan.Instance, Asin.Instance, Acos.Instance, Sinh.Instance, Cosh.Instance, Asinh.Instance, Acosh.Instance, Atanh.Instance,
        Softplus.Instance, new Elu(1.25f), new Selu(1.6732632f, 1.050701f),
    ];

    private static readonly Op[] Binary =
    [
        Add.Instance, Sub.Instance, Mul.Instance, Div.Instance, Max.Instance, Min.Instance, Equal.Instance, Less.Instance,
        LessOrEqual.Instance,
        Greater.Instance, GreaterOrEqual.Instance,
    ];

    private static readonly Op[] Integer = [Add.Instance, Sub.Instance, Mul.Instance, Max.Instance, Min.Instance];

    [Test]
    public void Functions_of_one([ValueSource(nameof(Unary))] Op op)
        => Rounds((ulong)op.Name.Length * 31, (random, type, shape, values) =>
            Differential.Check(op, [random.Operand(type, shape, values)]));

    [Test]
    public void Functions_of_two([ValueSource(nameof(Binary))] Op op)
        => Rounds((ulong)op.Name.Length * 37, (random, type, shape, values) =>
            Differential.Check(op, [random.Operand(type, shape, values), random.Operand(type, shape, values)]));

    [Test]
    public void Clip_holds_integers([ValueSource(nameof(Integers))] DType type)
    {
        Adversarial random = new(39 + (ulong)type);
        for (int round = 0; round < 4; round++)
        {
            Differential.Check(
                Clip.Instance,
                [
                    random.Operand(type, AnyShape(random), Mood.Wild),
                    random.Operand(type, Shape.Scalar, Mood.Wild),
                    random.Operand(type, Shape.Scalar, Mood.Wild),
                ]);
        }
    }

    [Test]
    public void Clip_holds_between_bounds()
        => Rounds(41, (random, type, shape, values) => Differential.Check(
            Clip.Instance,
            [
                random.Operand(type, shape, values), random.Operand(type, Shape.Scalar, Mood.Wild),
                random.Operand(type, Shape.Scalar, Mood.Wild),
            ]));

    [Test]
    public void Integers_wrap([ValueSource(nameof(Integer))] Op op)
    {
        Adversarial random = new(43);
        foreach (DType type in Every.Where(type => type.IsInteger()))
        {
            Shape shape = AnyShape(random);
            Differential.Check(op, [random.Operand(type, shape, Mood.Wild), random.Operand(type, shape, Mood.Wild)]);
        }
    }

    [Test]
    public void Where_moves_elements_of_every_type([ValueSource(nameof(Every))] DType type)
    {
        Adversarial random = new(47);
        Shape shape = AnyShape(random);
        Operand condition = random.Operand(DType.Bool, shape, Mood.Wild);
        Differential.Check(Where.Instance, [condition, random.Operand(type, shape, Mood.Wild), random.Operand(type, shape, Mood.Wild)]);
    }

    [Test]
    public void Cast_converts_every_pair([ValueSource(nameof(Every))] DType from)
    {
        Adversarial random = new(53);
        foreach (DType to in Every)
        {
            Mood mood = random.Of(Mood.Finite, Mood.Wild, Mood.Ties);
            Differential.Check(new Cast(to), [random.Operand(from, AnyShape(random), mood)], kernel: null);
        }
    }

    [Test]
    public void Sixteen_bit_types_convert_as_the_definition_says([Values(DType.F16, DType.BF16)] DType type)
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        Tensor tensor = Tensor.Of<ushort>(type, new Shape(all.Length), all);
        Differential.Check(new Cast(DType.F32), [Layouts.Whole(tensor)]);
        Adversarial random = new(59);
        Differential.Check(new Cast(type), [Layouts.Whole(random.Tensor(DType.F32, new Shape(50_000), Mood.Finite))]);
        Differential.Check(new Cast(type), [Layouts.Whole(random.Tensor(DType.F32, new Shape(20_000), Mood.Wild))]);
    }

    [Test]
    public void Moves_keep_every_byte([ValueSource(nameof(Every))] DType type)
    {
        Adversarial random = new(61 + (ulong)type);
        for (int round = 0; round < 6; round++)
        {
            Shape shape = AnyShape(random);
            Differential.Check(Copy.Instance, [random.Operand(type, shape, Mood.Wild)]);
            if (shape.Rank > 0)
            {
                int axis = random.Below(shape.Rank);
                ImmutableArray<Operand> parts =
                [
                    .. Enumerable.Range(0, 1 + random.Below(3)).Select(_ =>
                        random.Operand(type, shape.With(axis, random.Below(5)), Mood.Wild)),
                ];
                Differential.Check(new Concat(axis), parts);
                DType indices = random.Of(DType.I32, DType.I64);
                Operand index = random.Operand(indices, new Shape(random.Of<long[]>([], [0], [7], [2, 3])), Mood.Wild);
                Differential.Check(new Gather(axis), [random.Operand(type, shape, Mood.Wild), index], kernel: null);
            }
        }
    }

    private static void Rounds(ulong seed, Action<Adversarial, DType, Shape, Mood> check)
    {
        foreach (Mood values in Enum.GetValues<Mood>())
        {
            foreach (DType type in Singles)
            {
                Adversarial random = new(seed + ((ulong)values * 1000) + (ulong)type);
                check(random, type, AnyShape(random), values);
            }
        }
    }

    private static Shape AnyShape(Adversarial random) => new(random.Of<long[]>(
        [], [0], [1], [7], [1023], [3, 0, 2], [5, 1, 9], [33, 31], [2, 3, 4, 5], [16, 65], [2050], [1, 40, 1, 50]));
}
