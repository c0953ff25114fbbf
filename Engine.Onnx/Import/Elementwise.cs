using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Operators whose results depend on the operands' elements at the same index.</summary>
internal static class Elementwise
{
    private const int FirstMultidirectional = 7;

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Unary("Abs", Abs.Instance),
        Unary("Acos", Acos.Instance),
        Unary("Acosh", Acosh.Instance),
        Unary("Asin", Asin.Instance),
        Unary("Asinh", Asinh.Instance),
        Unary("Atan", Atan.Instance),
        Unary("Atanh", Atanh.Instance),
        Unary("Ceil", Ceil.Instance),
        Unary("Cos", Cos.Instance),
        Unary("Cosh", Cosh.Instance),
        new("Erf", (1, 1), ErrorFunction),
        Unary("Exp", Exp.Instance),
        Unary("Floor", Floor.Instance),
        Unary("Log", Log.Instance),
        Unary("Neg", Neg.Instance),
        new("Not", (1, 1), node => node.Add(Not.Instance, Truth(node))) { Since = 1 },
        Unary("Reciprocal", Reciprocal.Instance),
        Unary("Round", Round.Instance),
        Unary("Sign", Sign.Instance),
        Unary("Sin", Sin.Instance),
        Unary("Sinh", Sinh.Instance),
        Unary("Sqrt", Sqrt.Instance),
        Unary("Tan", Tan.Instance),
        Unary("Tanh", Tanh.Instance),
        Binary("Add", Ops.Add.Instance),
        Logical("And", And.Instance),
        Binary("Div", Div.Instance),
        Binary("Equal", Equal.Instance),
        Binary("Greater", Greater.Instance),
        Binary("GreaterOrEqual", GreaterOrEqual.Instance),
        Binary("Less", Less.Instance),
        Binary("LessOrEqual", LessOrEqual.Instance),
        Binary("Mul", Mul.Instance),
        Logical("Or", Or.Instance),
        Binary("Sub", Sub.Instance),
        Logical("Xor", Xor.Instance),
        new("Pow", (2, 2), Power, Axis, Broadcast),
        new("Mod", (2, 2), Modulo, Int("fmod")),
        Variadic("Max", Max.Instance),
        Variadic("Min", Min.Instance),
        Variadic("Sum", Ops.Add.Instance),
        new("Mean", (1, int.MaxValue), Mean),
        new("Where", (3, 3), node => node.Broadcast(Where.Instance, node.Input(0), node.Input(1), node.Input(2))),
        new("Clip", (1, 3), Bounded, Float("min", until: 10), Float("max", until: 10)),
        new("Cast", (1, 1), node => node.Cast(node.Input(0), (DType)node.Attributes.Int("to", 0)), To, Saturate, RoundMode),
        new("CastLike", (2, 2), node => node.Cast(node.Input(0), node.DType(node.Input(1))), Saturate, RoundMode),
        new("IsNaN", (1, 1), IsNaN),
        new("IsInf", (1, 1), IsInfinite, Int("detect_negative"), Int("detect_positive")),
    ];

    private static Reading.AttributeRule Axis => Int("axis", until: FirstMultidirectional - 1);

    private static Reading.AttributeRule Broadcast => Int("broadcast", until: FirstMultidirectional - 1);

    private static Reading.AttributeRule To => ElementType("to") with { IsRequired = true };

    private static Reading.AttributeRule Saturate => Int("saturate", since: 19);

    private static Reading.AttributeRule RoundMode => OneOf("round_mode", "up", "down", "nearest") with { Since = 24 };

    private static OnnxOp Unary(string name, Op op) => new(name, (1, 1), node => node.Add(op, node.Input(0)));

    private static OnnxOp Binary(string name, Op op) => new(name, (2, 2), node => node.Broadcast(op, node.Input(0), Second(node)), Axis, Broadcast);

    // The engine's op takes integers too, bit by bit.
    private static OnnxOp Logical(string name, Op op)
        => new(name, (2, 2), node => node.Broadcast(op, Truth(node), Second(node)), Axis, Broadcast);

    private static ValueRef Truth(NodeImport node)
    {
        ImmutableArray<ValueRef> operands = node.All();
        return operands.All(operand => node.DType(operand) == DType.Bool)
            ? operands[0]
            : throw node.Invalid($"{string.Join(", ", operands.Select(node.Type))} are not truth values");
    }

    private static OnnxOp Variadic(string name, Op op) => new(name, (1, int.MaxValue), node => Chain(node, op));

    // Of integers: in f64, truncated.
    private static ValueRef ErrorFunction(NodeImport node)
    {
        ValueRef x = node.Input(0);
        DType type = node.DType(x);
        return type.IsInteger() ? node.Cast(node.Add(Erf.Instance, node.Cast(x, DType.F64)), type) : node.Add(Erf.Instance, x);
    }

    // The second operand; before opset 7 its axes start at a given one of the first's.
    private static ValueRef Second(NodeImport node)
    {
        ValueRef b = node.Input(1);
        Shape shapeA = node.Shape(node.Input(0));
        Shape shapeB = node.Shape(b);
        if (node.Version >= FirstMultidirectional || node.Attributes.Int("axis") is not long axis)
        {
            return b;
        }

        int after = shapeA.Rank - node.Axis(axis, shapeA.Rank) - shapeB.Rank;
        return after < 0
            ? throw node.Invalid($"axis {axis} does not fit {shapeA} and {shapeB}")
            : node.Reshape(b, [.. shapeB.Extents, .. Enumerable.Repeat(1L, after)]);
    }

    // Left to right, each broadcast to the shape of all.
    private static ValueRef Chain(NodeImport node, Op op)
    {
        Shape shape = node.All().Select(node.Shape).Aggregate(Shape.Broadcast);
        ValueRef total = node.Expand(node.Input(0), shape);
        for (int i = 1; i < node.Count; i++)
        {
            total = node.Add(op, total, node.Expand(node.Input(i), shape));
        }

        return total;
    }

    private static ValueRef Mean(NodeImport node)
    {
        ValueRef total = Chain(node, Ops.Add.Instance);
        return node.Broadcast(Div.Instance, total, node.Scalar(node.DType(total), node.Count));
    }

    // The exponent may be of another type: an integer base with a real exponent is raised in f64, integers in the widest one.
    private static ValueRef Power(NodeImport node)
    {
        ValueRef a = node.Input(0);
        ValueRef b = Second(node);
        DType typeA = node.DType(a);
        DType typeB = node.DType(b);
        if (typeA == typeB)
        {
            return node.Broadcast(Pow.Instance, a, b);
        }

        DType common = (typeA.IsReal(), typeB.IsReal()) switch
        {
            (true, true) => typeA == DType.F64 || typeB == DType.F64 ? DType.F64 : DType.F32,
            (true, false) => typeA == DType.F64 ? DType.F64 : DType.F32,
            (false, true) => DType.F64,
            (false, false) => typeB == DType.U64 ? DType.U64 : DType.I64,
        };
        return node.Cast(node.Broadcast(Pow.Instance, node.Cast(a, common), node.Cast(b, common)), typeA);
    }

    private static ValueRef Modulo(NodeImport node)
    {
        bool truncated = node.Attributes.Flag("fmod");
        if (!truncated && node.DType(node.Input(0)).IsReal())
        {
            throw node.Invalid("reals need fmod = 1");
        }

        return node.Broadcast(new Mod(truncated), node.Input(0), node.Input(1));
    }

    private static ValueRef Bounded(NodeImport node)
    {
        ValueRef x = node.Input(0);
        DType type = node.DType(x);
        ValueRef low = Bound(node, 1, "min", type.IsReal() ? double.NegativeInfinity : null);
        ValueRef high = Bound(node, 2, "max", type.IsReal() ? double.PositiveInfinity : null);
        return node.Add(Clip.Instance, x, low, high);
    }

    private static ValueRef Bound(NodeImport node, int index, string attribute, double? unbounded)
    {
        DType type = node.DType(node.Input(0));
        if (node.Has(index))
        {
            ValueRef bound = node.Input(index);
            return node.Reshape(bound, Shape.Scalar);
        }

        if (node.Attributes.Has(attribute))
        {
            return node.Scalar(type, node.Attributes.Float(attribute, 0));
        }

        if (unbounded is double real)
        {
            return node.Scalar(type, real);
        }

        (long least, long most) = type.IntegerRange();
        return node.Literal(Scalars.Of(type, index == 1 ? least : most));
    }

    private static ValueRef IsNaN(NodeImport node)
        => node.Add(Not.Instance, node.Add(Equal.Instance, node.Input(0), node.Input(0)));

    private static ValueRef IsInfinite(NodeImport node)
    {
        ValueRef x = node.Input(0);
        bool negative = node.Attributes.Flag("detect_negative", true);
        bool positive = node.Attributes.Flag("detect_positive", true);
        if (!negative && !positive)
        {
            return node.Expand(node.Scalar(DType.Bool, 0), node.Shape(x));
        }

        ValueRef tested = negative && positive ? node.Add(Abs.Instance, x) : x;
        double infinity = positive ? double.PositiveInfinity : double.NegativeInfinity;
        return node.Broadcast(Equal.Instance, tested, node.Scalar(node.DType(x), infinity));
    }
}
