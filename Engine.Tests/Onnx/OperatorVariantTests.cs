using System.Collections.Immutable;

using Google.Protobuf;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Onnx.Schema;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>Elementwise operators, reductions and norms: each opset's meaning and each element type, against values worked out by hand.</summary>
internal sealed class OperatorVariantTests
{
    private static readonly Shape Scalar = Shape.Scalar;

    [Test]
    public void Elementary_functions_take_every_real_type(
        [Values("Tan", "Asin", "Acos", "Sinh", "Cosh", "Asinh", "Atanh")] string op, [Values(7, 9, 22)] long opset)
    {
        foreach (DType type in (DType[])[DType.F32, DType.F64, DType.F16, DType.BF16])
        {
            Tensor y = Run(op, opset, [Cast(F32(0f, -0f), type)])[0];
            double[] expected = op switch
            {
                "Acos" => [Math.PI / 2, Math.PI / 2],
                "Cosh" => [1, 1],
                _ => [0, -0.0],
            };
            Assert.That(y.Type.DType, Is.EqualTo(type));
            Assert.That(Doubles(y), Is.EqualTo(Doubles(Cast(Tensor.Of(DType.F64, new Shape(2), expected.AsSpan()), type))), $"{op} {type}");
        }
    }

    [Test]
    public void Integers_are_taken_where_an_operator_takes_numbers()
    {
        foreach (DType type in (DType[])[DType.I8, DType.I16, DType.I32, DType.I64, DType.U8, DType.U16, DType.U32, DType.U64])
        {
            Tensor a = Cast(I64(7, 0, 100), type);
            Tensor b = Cast(I64(2, 3, 9), type);
            Assert.Multiple(() =>
            {
                Same(Run("Add", 14, [a, b])[0], type, 9, 3, 109);
                Same(Run("Sub", 14, [a, Cast(I64(1, 0, 50), type)])[0], type, 6, 0, 50);
                Same(Run("Mul", 14, [a, Cast(I64(2, 3, 1), type)])[0], type, 14, 0, 100);
                Same(Run("Div", 14, [a, b])[0], type, 3, 0, 11);
                Same(Run("Mod", 13, [a, b])[0], type, 1, 0, 1);
                Same(Run("Mod", 13, [a, b], Made.Int("fmod", 1))[0], type, 1, 0, 1);
                Same(Run("Max", 13, [a, b])[0], type, 7, 3, 100);
                Same(Run("Min", 13, [a, b, Cast(I64(1, 1, 1), type)])[0], type, 1, 0, 1);
                Same(Run("Abs", 13, [a])[0], type, 7, 0, 100);
                Same(Run("Sign", 13, [a])[0], type, 1, 0, 1);
                Same(Run("Relu", 14, [a])[0], type, 7, 0, 100);
                Same(Run("Erf", 13, [a])[0], type, 1, 0, 1);
                Same(Run("Shrink", 9, [a], Made.Float("lambd", 1.5f), Made.Float("bias", 2f))[0], type, 5, 0, 98);
                Same(Run("Shrink", 9, [a], Made.Float("lambd", 1.5f), Made.Float("bias", 1.5f))[0], type, 5, 0, 98);
                Same(Run("Clip", 12, [a, One(type, 1), One(type, 50)])[0], type, 7, 1, 50);
                Same(Run("Clip", 13, [a, null, One(type, 50)])[0], type, 7, 0, 50);
                Same(Run("Clip", 13, [a, One(type, 3)])[0], type, 7, 3, 100);
                Same(Run("Pow", 15, [Cast(I64(3, 2, 1), type), Cast(I64(2, 3, 9), type)])[0], type, 9, 8, 1);
                Same(Run("Greater", 9, [a, b])[0], DType.Bool, 1, 0, 1);
                Same(Run("LessOrEqual", 16, [a, b])[0], DType.Bool, 0, 1, 0);
                Same(Run("Equal", 7, [a, a])[0], DType.Bool, 1, 1, 1);
            });
        }

        Same(Run("Neg", 13, [Cast(I64(5, -128), DType.I8)])[0], DType.I8, -5, -128);
        Same(Run("Shrink", 9, [I64(-3, -1, 3)], Made.Float("lambd", -1.5f), Made.Float("bias", 1f))[0], DType.I64, -2, 0, 2);
        Same(Run("PRelu", 9, [I64(-3, 4), I64(5)])[0], DType.I64, -15, 4);
        Same(Run("Equal", 7, [Cast(I64(0, 1), DType.Bool), Cast(I64(1, 1), DType.Bool)])[0], DType.Bool, 0, 1);
    }

    [Test]
    public void Clip_has_bounds_as_attributes_before_opset_11()
    {
        Assert.That(Doubles(Run("Clip", 6, [F32(-2, 0, 2)], Made.Float("min", -1f), Made.Float("max", 1.5f))[0]), Is.EqualTo([-1, 0, 1.5]));
        Assert.That(Doubles(Run("Clip", 6, [F32(-2, 0, 2)])[0]), Is.EqualTo([-2, 0, 2]));
        Assert.That(Doubles(Run("Clip", 11, [F32(-2, 0, 2), One(DType.F32, 1), One(DType.F32, -1)])[0]), Is.EqualTo([-1, -1, -1]), "the upper bound wins");
        Assert.That(() => Run("Clip", 11, [F32(1)], Made.Float("min", 0f)), Throws.TypeOf<UnsupportedModelException>());
    }

    [Test]
    public void Infinity_is_told_by_its_sign()
    {
        Tensor x = F32(float.NegativeInfinity, float.PositiveInfinity, float.NaN, 1);
        Assert.Multiple(() =>
        {
            Same(Run("IsInf", 10, [x])[0], DType.Bool, 1, 1, 0, 0);
            Same(Run("IsInf", 20, [Cast(x, DType.F16)], Made.Int("detect_negative", 0))[0], DType.Bool, 0, 1, 0, 0);
            Same(Run("IsInf", 20, [Cast(x, DType.BF16)], Made.Int("detect_positive", 0))[0], DType.Bool, 1, 0, 0, 0);
            Same(Run("IsInf", 10, [x], Made.Int("detect_positive", 0), Made.Int("detect_negative", 0))[0], DType.Bool, 0, 0, 0, 0);
            Same(Run("IsNaN", 13, [x])[0], DType.Bool, 0, 0, 1, 0);
        });
    }

    [Test]
    public void Operands_are_placed_by_axis_before_opset_7()
    {
        Tensor a = Tensor.Of<float>(DType.F32, new Shape(2, 2), 10, 20, 30, 40);
        foreach ((string op, double[] rows, double[] columns) in (ReadOnlySpan<(string, double[], double[])>)
        [
            ("Add", [11, 21, 32, 42], [11, 22, 31, 42]), ("Sub", [9, 19, 28, 38], [9, 18, 29, 38]), ("Mul", [10, 20, 60, 80], [10, 40, 30, 80]),
            ("Div", [10, 20, 15, 20], [10, 10, 30, 20]), ("Pow", [10, 20, 900, 1600], [10, 400, 30, 1600]),
        ])
        {
            AttributeProto broadcast = Made.Int("broadcast", 1);
            Assert.That(Doubles(Run(op, 6, [a, F32(1, 2)], broadcast, Made.Int("axis", 0))[0]), Is.EqualTo(rows), op);
            Assert.That(Doubles(Run(op, 6, [a, F32(1, 2)], broadcast)[0]), Is.EqualTo(columns), op);
            Assert.That(() => Run(op, 7, [a, F32(1, 2)], broadcast), Throws.TypeOf<UnsupportedModelException>());
        }

        Same(Run("Less", 6, [a, F32(15, 35)], Made.Int("broadcast", 1), Made.Int("axis", 0))[0], DType.Bool, 1, 0, 1, 0);
    }

    [Test]
    public void Powers_of_mixed_types_have_the_type_of_the_base()
    {
        Assert.Multiple(() =>
        {
            Same(Run("Pow", 15, [Cast(I64(2, 3, 9), DType.I32), F32(3, 0.5f, 0.5f)])[0], DType.I32, 8, 1, 3);
            Same(Run("Pow", 15, [I64(2, -2, 2), Cast(I64(3, 3, 62), DType.U8)])[0], DType.I64, 8, -8, 1L << 62);
            Same(Run("Pow", 15, [Cast(I64(2, 1, -1), DType.I32), I64(-1, -5, -3)])[0], DType.I32, 0, 1, -1);
            Assert.That(Doubles(Run("Pow", 15, [F32(2, 9), I64(-1, 2)])[0]), Is.EqualTo([0.5, 81]));
            Assert.That(Doubles(Run("Pow", 15, [Cast(F32(2, 9), DType.F16), Cast(F32(-1, 0.5f), DType.F64)])[0]), Is.EqualTo([0.5, 3]));
        });
    }

    [Test]
    public void Casts_that_have_no_type_here_are_refused()
    {
        foreach ((int code, string name) in (ReadOnlySpan<(int, string)>)[(8, "string"), (17, "float8e4m3fn"), (22, "int4"), (23, "float4e2m1")])
        {
            Assert.That(
                () => Run("Cast", 25, [F32(1)], Made.Int("to", code)),
                Throws.TypeOf<UnsupportedModelException>().With.Message.Contains($"element type {name} is not supported"));
        }

        Same(Run("CastLike", 19, [F32(-1.5f, 300), Cast(I64(0), DType.I16)], Made.Int("saturate", 1))[0], DType.I16, -1, 300);
    }

    [Test]
    public void Activations_follow_their_formulas()
    {
        Tensor x = F32(-2, -0.25f, 0, 1, 4);
        static double Celu(double v) => v > 0 ? v : 2 * (Math.Exp(v / 2) - 1);
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("LeakyRelu", 6, [x], Made.Float("alpha", 0.5f))[0]), Is.EqualTo([-1, -0.125, 0, 1, 4]));
            Assert.That(Doubles(Run("ThresholdedRelu", 10, [x])[0]), Is.EqualTo([0, 0, 0, 0, 4]));
            Assert.That(Doubles(Run("HardSwish", 14, [x])[0]), Is.EqualTo([-1.0 / 3, -0.25 * (0.5 - (0.25 / 6)), 0, 2.0 / 3, 4]).Within(1e-7));
            Assert.That(Doubles(Run("HardSigmoid", 6, [x], Made.Float("alpha", 0.5f), Made.Float("beta", 0.5f))[0]), Is.EqualTo([0, 0.375, 0.5, 1, 1]));
            Assert.That(Doubles(Run("Celu", 12, [x], Made.Float("alpha", 2f))[0]), Is.EqualTo(Each(x, Celu)).Within(1e-6));
            Assert.That(Doubles(Run("Elu", 6, [x], Made.Float("alpha", 2f))[0]), Is.EqualTo(Each(x, v => v > 0 ? v : 2 * (Math.Exp(v) - 1))).Within(1e-6));
            Assert.That(Doubles(Run("Mish", 18, [x])[0]), Is.EqualTo(Each(x, v => v * Math.Tanh(Math.Log(1 + Math.Exp(v))))).Within(1e-6));
            Assert.That(Doubles(Run("Swish", 24, [x], Made.Float("alpha", 0.5f))[0]), Is.EqualTo(Each(x, v => v / (1 + Math.Exp(-v / 2)))).Within(1e-6));
            Assert.That(Doubles(Run("Softplus", 22, [x])[0]), Is.EqualTo(Each(x, v => Math.Log(1 + Math.Exp(v)))).Within(1e-6));
            Assert.That(
                Doubles(Run("Selu", 6, [x], Made.Float("alpha", 2f), Made.Float("gamma", 3f))[0]),
                Is.EqualTo(Each(x, v => 3 * (v > 0 ? v : (2 * Math.Exp(v)) - 2))).Within(1e-6));
            Assert.That(
                Doubles(Run("Gelu", 20, [x], Made.Text("approximate", "tanh"))[0]),
                Is.EqualTo(Each(x, v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))))).Within(1e-6));
            Assert.That(Doubles(Run("Shrink", 9, [x], Made.Float("bias", 0.5f))[0]), Is.EqualTo([-1.5, 0, 0, 0.5, 3.5]));
            Assert.That(Doubles(Run("PRelu", 6, [Tensor.Of<float>(DType.F32, new Shape(1, 2, 2), -1, -2, -3, 4), F32(2, 3)])[0]), Is.EqualTo([-2, -4, -9, 4]));
            Assert.That(Doubles(Run("Round", 11, [F32(0.5f, 1.5f, -2.5f, -0.2f)])[0]), Is.EqualTo([0, 2, -2, -0.0]));
            Assert.That(Doubles(Run("Mean", 8, [F32(1, 2), F32(3, 4), F32(5)])[0]), Is.EqualTo([3, 11.0 / 3]).Within(1e-6));
        });
    }

    [Test]
    public void Softmax_is_of_all_later_axes_before_opset_13()
    {
        Tensor x = new(new TensorType(DType.F32, new Shape(2, 2, 2)), new byte[32]);
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("Softmax", 6, [x])[0]), Is.All.EqualTo(0.25));
            Assert.That(Doubles(Run("Softmax", 11, [x], Made.Int("axis", -3))[0]), Is.All.EqualTo(0.125));
            Assert.That(Doubles(Run("Softmax", 13, [x])[0]), Is.All.EqualTo(0.5));
            Assert.That(Doubles(Run("Softmax", 13, [x], Made.Int("axis", 0))[0]), Is.All.EqualTo(0.5));
            Assert.That(Doubles(Run("LogSoftmax", 11, [x])[0]), Is.All.EqualTo(-Math.Log(4)).Within(1e-6));
            Assert.That(Doubles(Run("LogSoftmax", 13, [x], Made.Int("axis", 1))[0]), Is.All.EqualTo(-Math.Log(2)).Within(1e-6));
        });
    }

    [Test]
    public void Reductions_take_their_axes_from_an_attribute_then_from_an_operand()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(2, 3), 1, 2, 3, 4, 5, 6);
        double above = Math.Log(1 + Math.Exp(-1) + Math.Exp(-2));
        foreach ((string op, long since, double[] expected) in (ReadOnlySpan<(string, long, double[])>)
        [
            ("ReduceSum", 13, [6, 15]), ("ReduceMean", 18, [2, 5]), ("ReduceProd", 18, [6, 120]), ("ReduceMax", 18, [3, 6]), ("ReduceMin", 18, [1, 4]),
            ("ReduceL1", 18, [6, 15]), ("ReduceSumSquare", 18, [14, 77]), ("ReduceL2", 18, [Math.Sqrt(14), Math.Sqrt(77)]),
            ("ReduceLogSum", 18, [Math.Log(6), Math.Log(15)]), ("ReduceLogSumExp", 18, [3 + above, 6 + above]),
        ])
        {
            Tensor before = Run(op, since - 1, [x], Made.Ints("axes", -1))[0];
            Tensor after = Run(op, since, [x, I64(-1)], Made.Int("keepdims", 0))[0];
            Tensor all = Run(op, since, [x, I64()])[0];
            Tensor none = Run(op, since, [x, I64()], Made.Int("noop_with_empty_axes", 1))[0];
            Tensor absent = Run(op, since, [x], Made.Int("noop_with_empty_axes", 1))[0];
            double[] alone = op switch
            {
                "ReduceSumSquare" => Each(x, v => v * v),
                "ReduceLogSum" => Each(x, Math.Log),
                _ => Doubles(x),
            };
            Assert.Multiple(() =>
            {
                Assert.That(before.Type.Shape, Is.EqualTo(new Shape(2, 1)), op);
                Assert.That(after.Type.Shape, Is.EqualTo(new Shape(2)), op);
                Assert.That(Doubles(before), Is.EqualTo(expected).Within(1e-6), op);
                Assert.That(Doubles(after), Is.EqualTo(expected).Within(1e-6), op);
                Assert.That(all.Type.Shape, Is.EqualTo(new Shape(1, 1)), op);
                Assert.That(Doubles(none), Is.EqualTo(alone).Within(1e-6), op);
                Assert.That(Doubles(absent), Is.EqualTo(alone).Within(1e-6), op);
                Assert.That(() => Run(op, since, [x], Made.Ints("axes", -1)), Throws.TypeOf<UnsupportedModelException>());
            });
        }
    }

    [Test]
    public void Reductions_of_integers_and_truth_values()
    {
        Tensor x = Tensor.Of<long>(DType.I64, new Shape(2, 2), 3, 4, -5, 12);
        Assert.Multiple(() =>
        {
            Same(Run("ReduceL2", 18, [x, I64(1)])[0], DType.I64, 5, 13);
            Same(Run("ReduceL2", 13, [Cast(x, DType.I32)], Made.Ints("axes", 0))[0], DType.I32, 5, 12);
            Same(Run("ReduceLogSum", 18, [x, I64(1)])[0], DType.I64, 1, 1);
            Same(Run("ReduceLogSumExp", 18, [x, I64(1)])[0], DType.I64, 4, 12);
            Same(Run("ReduceL1", 18, [x, I64(1)])[0], DType.I64, 7, 17);
            Same(Run("ReduceMean", 18, [x, I64(1)])[0], DType.I64, 3, 3);
            Same(Run("ReduceMax", 20, [Cast(I64(0, 1), DType.Bool)])[0], DType.Bool, 1);
            Same(Run("ReduceMin", 20, [Cast(I64(0, 1), DType.Bool)])[0], DType.Bool, 0);
            Same(Run("ReduceMax", 12, [Cast(I64(-3, 1), DType.I8)])[0], DType.I8, 1);
            Same(Run("ReduceMin", 12, [Cast(I64(3, 1), DType.U8)], Made.Int("keepdims", 0))[0], DType.U8, 1);
            Same(Run("ReduceSum", 13, [One(DType.I32, 7)])[0], DType.I32, 7);
        });
    }

    [Test]
    public void Reductions_of_nothing()
    {
        Tensor x = new(new TensorType(DType.F32, new Shape(2, 0)), ReadOnlyMemory<byte>.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("ReduceSum", 13, [x, I64(1)])[0]), Is.EqualTo([0, 0]));
            Assert.That(Doubles(Run("ReduceProd", 18, [x, I64(1)])[0]), Is.EqualTo([1, 1]));
            Assert.That(Doubles(Run("ReduceMax", 20, [x, I64(1)])[0]), Is.All.EqualTo(double.NegativeInfinity));
            Assert.That(Doubles(Run("ReduceMin", 20, [x, I64(1)])[0]), Is.All.EqualTo(double.PositiveInfinity));
            Assert.That(Doubles(Run("ReduceLogSumExp", 18, [x, I64(1)])[0]), Is.All.EqualTo(double.NegativeInfinity));
            Assert.That(Doubles(Run("ReduceSum", 13, [x, I64(0)])[0]), Is.Empty);
        });
    }

    [Test]
    public void Layer_norm_gives_its_statistics_in_the_stash_type()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(2, 2), 1, 3, -2, 6);
        ImmutableArray<Tensor> results = Run("LayerNormalization", 17, [x, F32(1, 2), F32(0, 1)], 3, Made.Float("epsilon", 0f));
        Assert.That(Doubles(results[0]), Is.EqualTo([-1, 3, -1, 3]));
        Assert.That(results[1].Type, Is.EqualTo(new TensorType(DType.F32, new Shape(2, 1))));
        Assert.That(Doubles(results[1]), Is.EqualTo([2, 2]));
        Assert.That(Doubles(results[2]), Is.EqualTo([1, 0.25]));
        foreach (DType type in (DType[])[DType.F16, DType.BF16, DType.F64])
        {
            ImmutableArray<Tensor> typed = Run(
                "LayerNormalization", 17, [Cast(x, type), Cast(F32(1, 1), type)], 3, Made.Float("epsilon", 0f), Made.Int("stash_type", 1));
            Assert.That(typed.Select(result => result.Type.DType), Is.EqualTo([type, DType.F32, DType.F32]));
            Assert.That(Doubles(typed[0]), Is.EqualTo([-1, 1, -1, 1]));
            Assert.That(Doubles(typed[2]), Is.EqualTo([1, 0.25]));
        }

        Assert.That(
            Run("LayerNormalization", 17, [x, F32(1, 1)], 3, Made.Int("stash_type", 16)).Select(result => result.Type.DType),
            Is.EqualTo([DType.F32, DType.BF16, DType.BF16]));
        Assert.That(() => Run("LayerNormalization", 17, [x, F32(1, 1)], 3, Made.Int("stash_type", 11)), Throws.TypeOf<UnsupportedModelException>());
        Assert.That(Doubles(Run("LayerNormalization", 17, [x, One(DType.F32, 1)], 2, Made.Int("axis", 0), Made.Float("epsilon", 0f))[1]), Is.EqualTo([2]));
    }

    [Test]
    public void Scale_and_bias_of_a_norm_are_broadcast_to_its_operand()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(2, 1, 2), 1, 3, -2, 6);
        Tensor scale = Tensor.Of<float>(DType.F32, new Shape(2, 1, 1), 1, 2);

        // Mean squares 5 and 20; with 4 added 9 and 24.
        float[] roots = [1f / 3, 1f, -4 / float.Sqrt(24), 12 / float.Sqrt(24)];
        double[] rms = Doubles(Cast(F32(roots), DType.F16));
        AttributeProto epsilon = Made.Float("epsilon", 0f);
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("LayerNormalization", 17, [x, scale, F32(0, 1)], epsilon)[0]), Is.EqualTo([-1, 2, -2, 3]));
            Assert.That(Doubles(Run("LayerNormalization", 17, [x, F32(2)], epsilon)[0]), Is.EqualTo([-2, 2, -2, 2]));
            Assert.That(Doubles(Run("RMSNormalization", 23, [Cast(x, DType.F16), scale], Made.Float("epsilon", 4f))[0]), Is.EqualTo(rms));
            Assert.That(Run("RMSNormalization", 23, [Cast(x, DType.F16), F32(1, 2)], epsilon)[0].Type.DType, Is.EqualTo(DType.F16));
        });
    }

    [Test]
    public void Batch_norm_of_every_opset()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(1, 2, 2), 1, 3, 4, 8);
        Tensor[] rest = [F32(2, 1), F32(0, 1), F32(1, 4), F32(4, 16)];
        AttributeProto epsilon = Made.Float("epsilon", 0f);
        double[] expected = [0, 2, 1, 2];
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("BatchNormalization", 6, [x, .. rest], epsilon, Made.Int("is_test", 1))[0]), Is.EqualTo(expected));
            Assert.That(Doubles(Run("BatchNormalization", 7, [x, .. rest], epsilon, Made.Int("spatial", 1))[0]), Is.EqualTo(expected));
            Assert.That(Doubles(Run("BatchNormalization", 9, [x, .. rest], epsilon)[0]), Is.EqualTo(expected));
            Assert.That(Doubles(Run("BatchNormalization", 14, [x, .. rest], epsilon, Made.Int("training_mode", 0))[0]), Is.EqualTo(expected));
            Assert.That(Doubles(Run("BatchNormalization", 15, [x, .. rest], epsilon)[0]), Is.EqualTo(expected));
            Assert.That(() => Run("BatchNormalization", 6, [x, .. rest], epsilon), Throws.TypeOf<UnsupportedModelException>());
            Assert.That(() => Run("BatchNormalization", 9, [x, .. rest], 5), Throws.TypeOf<UnsupportedModelException>());
        });

        Tensor Each(params float[] values) => Tensor.Of(DType.F32, new Shape(2, 2), values.AsSpan());
        Tensor[] each = [Each(1, 2, 3, 4), Each(0, 0, 0, 1), Each(1, 1, 2, 8), Each(4, 1, 1, 1)];
        Tensor alone = Run("BatchNormalization", 7, [x, .. each], epsilon, Made.Int("spatial", 0))[0];
        Assert.That(Doubles(alone), Is.EqualTo([0, 4, 6, 1]));
        Assert.That(alone.Type.Shape, Is.EqualTo(new Shape(1, 2, 2)));
        Tensor samples = Run("BatchNormalization", 15, [F32(1, 3), F32(2), F32(1), F32(1), F32(4)], epsilon)[0];
        Assert.That(Doubles(samples), Is.EqualTo([1, 3]), "one channel");
        Assert.That(samples.Type.Shape, Is.EqualTo(new Shape(2)));
    }

    [Test]
    public void Batch_norm_in_training_gives_running_statistics()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(1, 2, 2), 1, 3, 4, 8);
        foreach (long opset in (long[])[14, 15])
        {
            AttributeProto[] attributes = [Made.Float("epsilon", 0f), Made.Float("momentum", 0.5f), Made.Int("training_mode", 1)];
            ImmutableArray<Tensor> results = Run(
                "BatchNormalization", opset, [x, F32(1, 1), F32(0, 1), F32(10, 20), F32(1, 2)], 3, attributes);
            Assert.That(Doubles(results[0]), Is.EqualTo([-1, 1, 0, 2]));
            Assert.That(Doubles(results[1]), Is.EqualTo([6, 13]));
            Assert.That(Doubles(results[2]), Is.EqualTo([1, 3]));
        }

        ImmutableArray<Tensor> mixed = Run(
            "BatchNormalization", 15, [Cast(x, DType.F16), F32(1, 1), F32(0, 1), F32(10, 20), F32(1, 2)], 3, Made.Int("training_mode", 1));
        Assert.That(mixed.Select(result => result.Type.DType), Is.EqualTo([DType.F16, DType.F32, DType.F32]));
    }

    [Test]
    public void Long_rows_have_the_bits_of_one_op([Values(DType.F32, DType.F16)] DType type, [Values] bool centred)
    {
        const int Length = 70_000;
        float[] values = [.. Enumerable.Range(0, 2 * Length).Select(i => (float)((i * 7919L % 10007) - 5000) / 1024)];
        Tensor x = Cast(Tensor.Of(DType.F32, new Shape(2, Length), values.AsSpan()), type);
        Tensor gamma = Cast(F32(values[..Length]), type);
        Tensor beta = Cast(F32(values[Length..]), type);
        Tensor[] inputs = centred ? [x, gamma, beta] : [x, gamma];
        ImmutableArray<Tensor> whole = ReferenceBackend.Evaluate(centred ? new LayerNorm(0.5f) : new RmsNorm(0.5f), [.. inputs]);
        ImmutableArray<Tensor> parts = centred
            ? Run("LayerNormalization", 17, inputs, 3, Made.Float("epsilon", 0.5f))
            : Run("RMSNormalization", 23, inputs, Made.Float("epsilon", 0.5f));
        for (int i = 0; i < parts.Length; i++)
        {
            Assert.That(parts[i].Type, Is.EqualTo(whole[i].Type));
            Assert.That(parts[i].Bytes.Span.SequenceEqual(whole[i].Bytes.Span), $"output {i}");
        }
    }

    [Test]
    public void Long_rows_of_softmax_have_the_bits_of_one_op([Values(DType.F32, DType.BF16)] DType type, [Values] bool logarithm)
    {
        const int Length = 70_000;
        float[] values = [.. Enumerable.Range(0, 3 * Length).Select(i => (float)((i * 7919L % 10007) - 5000) / 512)];
        values[Length + 5] = float.NegativeInfinity;
        values[(2 * Length) + 5] = float.PositiveInfinity;
        Tensor x = Cast(Tensor.Of(DType.F32, new Shape(3, Length), values.AsSpan()), type);
        Tensor whole = ReferenceBackend.Evaluate(new Softmax(logarithm), x)[0];
        foreach (long opset in (long[])[11, 13])
        {
            Tensor parts = Run(logarithm ? "LogSoftmax" : "Softmax", opset, [x])[0];
            Assert.That(parts.Type, Is.EqualTo(whole.Type));
            Assert.That(parts.Bytes.Span.SequenceEqual(whole.Bytes.Span), $"opset {opset}");
        }
    }

    [Test]
    public void Long_rows_can_be_committed([Values("InstanceNormalization", "LayerNormalization", "Softmax")] string op)
    {
        Tensor x = new(new TensorType(DType.F32, new Shape(1, 1, 600, 600)), new byte[4 * 600 * 600]);
        Tensor scale = op[0] == 'I' ? F32(1) : One(DType.F32, 1);
        Tensor[] inputs = op == "Softmax" ? [x] : [x, scale, scale];
        Graph graph = Prepared(op, op == "Softmax" ? 12 : 17, inputs, 1, op[0] == 'I' ? [] : [Made.Int("axis", 2)]).Graph;

        Assert.That(() => Lowerer.Lower(graph, Policy.Atomic), Throws.Nothing);
    }

    [Test]
    public void Other_norms()
    {
        Tensor x = Tensor.Of<float>(DType.F32, new Shape(1, 4, 2), 1, 3, 2, 6, -1, 1, 0, 8);
        static Tensor Square(params float[] values) => Tensor.Of(DType.F32, new Shape(2, 2), values.AsSpan());
        AttributeProto epsilon = Made.Float("epsilon", 0f);
        double[] instance = [-1, 1, -1, 1, -1, 1, -1, 1];
        Assert.Multiple(() =>
        {
            Assert.That(Doubles(Run("InstanceNormalization", 6, [x, F32(1, 1, 1, 1), F32(0, 0, 0, 0)], epsilon)[0]), Is.EqualTo(instance));
            Assert.That(
                Doubles(Run("GroupNormalization", 18, [x, F32(1, 1, 1, 1), F32(0, 0, 0, 5)], epsilon, Made.Int("num_groups", 4))[0]),
                Is.EqualTo([-1, 1, -1, 1, -1, 1, 4, 6]));
            Assert.That(
                Doubles(Run("GroupNormalization", 21, [x, F32(1, 2, 3, 4), F32(0, 0, 0, 1)], epsilon, Made.Int("num_groups", 4), Made.Int("stash_type", 1))[0]),
                Is.EqualTo([-1, 1, -2, 2, -3, 3, -3, 5]));
            Assert.That(Doubles(Run("LpNormalization", 6, [Square(3, 4, 0, 0)])[0]), Is.EqualTo([0.6, 0.8, 0, 0]).Within(1e-7));
            Assert.That(
                Doubles(Run("LpNormalization", 22, [Square(3, -4, 1, 4)], Made.Int("p", 1), Made.Int("axis", 0))[0]), Is.EqualTo([0.75, -0.5, 0.25, 0.5]));
            Assert.That(
                Doubles(Run("RMSNormalization", 23, [F32(3, 4, 0, 0), F32(1, 1, 1, 2)], epsilon, Made.Int("stash_type", 1))[0]),
                Is.EqualTo([1.2, 1.6, 0, 0]).Within(1e-6));
        });
        Assert.That(() => Run("LpNormalization", 22, [x], Made.Int("p", 3)), Throws.TypeOf<UnsupportedModelException>());
    }

    private static double[] Each(Tensor x, Func<double, double> f) => [.. Doubles(x).Select(f)];

    private static double[] Doubles(Tensor x) => Cast(x, DType.F64).As<double>().ToArray();

    private static void Same(Tensor y, DType type, params long[] expected)
    {
        Assert.That(y.Type.DType, Is.EqualTo(type));
        Assert.That(Cast(y, DType.I64).As<long>().ToArray(), Is.EqualTo(expected));
    }

    private static Tensor Cast(Tensor x, DType type) => ReferenceBackend.Evaluate(new Cast(type), x)[0];

    private static Tensor One(DType type, long value) => Cast(Tensor.Of(DType.I64, Scalar, value), type);

    private static Tensor F32(params float[] elements) => Tensor.Of(DType.F32, new Shape(elements.Length), elements.AsSpan());

    private static Tensor I64(params long[] elements) => Tensor.Of(DType.I64, new Shape(elements.Length), elements.AsSpan());

    private static ImmutableArray<Tensor> Run(string op, long opset, Tensor?[] inputs, params AttributeProto[] attributes)
        => Run(op, opset, inputs, 1, attributes);

    private static ImmutableArray<Tensor> Run(string op, long opset, Tensor?[] inputs, int outputs, params AttributeProto[] attributes)
    {
        (Graph graph, Dictionary<string, Tensor> given) = Prepared(op, opset, inputs, outputs, attributes);
        return new Executor(graph, new ReferenceBackend()).Run(OnnxModel.Bind(graph, given));
    }

    // A model of one node, whose operands are inputs.
    private static (Graph Graph, Dictionary<string, Tensor> Given) Prepared(
        string op, long opset, Tensor?[] inputs, int outputs, AttributeProto[] attributes)
    {
        GraphProto graph = new();
        NodeProto node = Made.Node(op, [], [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")], attributes);
        Dictionary<string, Tensor> given = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            node.Input.Add(inputs[i] is null ? string.Empty : $"x{i}");
            if (inputs[i] is Tensor input)
            {
                graph.Input.Add(Made.Value($"x{i}", input.Type.DType, input.Type.Shape.Extents.ToArray()));
                given.Add($"x{i}", input);
            }
        }

        for (int i = 0; i < outputs; i++)
        {
            ValueInfoProto output = Made.Value($"y{i}", DType.F32);
            output.Type = null;
            graph.Output.Add(output);
        }

        graph.Node.Add(node);
        return (OnnxModel.Parse(Made.Model(graph, opset).ToByteArray()).Specialize(given), given);
    }
}
