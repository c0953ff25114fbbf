using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Steps of training: new weights of old ones and their gradients.</summary>
internal static class Optimizers
{
    private const string Domain = "ai.onnx.preview.training.";

    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        Optimizer("Adagrad", 3, 2, Adagrad, Float("decay_factor"), Float("epsilon"), Float("norm_coefficient")),
        Optimizer(
            "Adam", 4, 3, Adam, Float("alpha"), Float("beta"), Float("epsilon"), Float("norm_coefficient"), Float("norm_coefficient_post")),
        Optimizer(
            "Momentum",
            3,
            2,
            Momentum,
            Float("alpha") with { IsRequired = true },
            Float("beta") with { IsRequired = true },
            Float("norm_coefficient") with { IsRequired = true },
            OneOf("mode", "standard", "nesterov") with { IsRequired = true }),
    ];

    // Operands: rate, number of updates, then all tensors, all gradients, and each kind of state in turn; results: all tensors, each kind of state.
    private static OnnxOp Optimizer(
        string name, int kinds, int results, Func<Update, ImmutableArray<ValueRef>> step, params ImmutableArray<Reading.AttributeRule> attributes)
        => new(Domain + name, (2 + kinds, int.MaxValue), int.MaxValue, node => Lower(node, kinds, results, step), attributes) { Since = 1 };

    private static ImmutableArray<ValueRef> Lower(NodeImport node, int kinds, int results, Func<Update, ImmutableArray<ValueRef>> step)
    {
        (int tensors, int rest) = Math.DivRem(node.Count - 2, kinds);
        if (rest != 0 || node.Outputs > tensors * results)
        {
            throw node.Invalid($"{node.Count} inputs and {node.Outputs} outputs do not make {kinds} and {results} of each tensor");
        }

        List<ImmutableArray<ValueRef>> steps = [];
        for (int i = 0; i < tensors; i++)
        {
            ImmutableArray<ValueRef> operands = [.. Enumerable.Range(0, kinds).Select(kind => node.Input(2 + (kind * tensors) + i))];
            TensorType type = node.Type(operands[0]);
            if (operands.Any(operand => node.Type(operand) != type) || type.DType is not (DType.F32 or DType.F64))
            {
                throw node.Invalid($"tensor {i}, its gradient and its states are not of one type, f32 or f64: {type}");
            }

            steps.Add(step(new Update(node, operands)));
        }

        return [.. Enumerable.Range(0, results).SelectMany(kind => steps.Select(made => made[kind]))];
    }

    // H' = H + G·G; X' = X − r·G / (√H' + epsilon), r = R / (1 + T·decay).
    private static ImmutableArray<ValueRef> Adagrad(Update of)
    {
        ValueRef gradient = of.Regularized();
        ValueRef history = of.Apply(Add.Instance, of.Operand(2), of.Apply(Mul.Instance, gradient, gradient));
        ValueRef decayed = of.Apply(Add.Instance, of.Number(1), of.Apply(Mul.Instance, of.Count, of.Number(of.Factor("decay_factor", 0))));
        ValueRef rate = of.Apply(Div.Instance, of.Rate, decayed);
        ValueRef scale = of.Apply(Add.Instance, of.Apply(Sqrt.Instance, history), of.Number(of.Factor("epsilon", 1e-6f)));
        ValueRef change = of.Apply(Div.Instance, of.Apply(Mul.Instance, rate, gradient), scale);
        return [of.Apply(Sub.Instance, of.Operand(0), change), history];
    }

    // V' = a·V + (1 − a)·G; H' = b·H + (1 − b)·(G·G); X' = (1 − post)·(X − r·V' / (√H' + epsilon)), r = R·√(1 − b^T) / (1 − a^T) for T > 0.
    private static ImmutableArray<ValueRef> Adam(Update of)
    {
        float alpha = of.Factor("alpha", 0.9f);
        float beta = of.Factor("beta", 0.999f);
        ValueRef gradient = of.Regularized();
        ValueRef average = of.Mixed(of.Operand(2), alpha, gradient);
        ValueRef history = of.Mixed(of.Operand(3), beta, of.Apply(Mul.Instance, gradient, gradient));
        ValueRef scale = of.Apply(Add.Instance, of.Apply(Sqrt.Instance, history), of.Number(of.Factor("epsilon", 1e-6f)));
        ValueRef Left(float factor) => of.Apply(Sub.Instance, of.Number(1), of.Apply(Pow.Instance, of.Number(factor), of.Count));
        ValueRef corrected = of.Apply(Div.Instance, of.Apply(Mul.Instance, of.Rate, of.Apply(Sqrt.Instance, Left(beta))), Left(alpha));
        ValueRef rate = of.AfterFirst(corrected, of.Rate);
        ValueRef change = of.Apply(Div.Instance, of.Apply(Mul.Instance, rate, average), scale);
        ValueRef moved = of.Apply(Sub.Instance, of.Operand(0), change);
        float post = of.Factor("norm_coefficient_post", 0);
        return [of.Apply(Mul.Instance, of.Apply(Sub.Instance, of.Number(1), of.Number(post)), moved), average, history];
    }

    // V' = a·V + b·G, b = 1 for T = 0; X' = X − R·V', or X − R·(G + a·V').
    private static ImmutableArray<ValueRef> Momentum(Update of)
    {
        ValueRef alpha = of.Number(of.Factor("alpha", 0));
        ValueRef gradient = of.Regularized();
        ValueRef beta = of.AfterFirst(of.Number(of.Factor("beta", 0)), of.Number(1));
        ValueRef momentum = of.Apply(
            Add.Instance, of.Apply(Mul.Instance, alpha, of.Operand(2)), of.Apply(Mul.Instance, beta, gradient));
        ValueRef direction = of.Node.Attributes.Text("mode", "standard") == "nesterov"
            ? of.Apply(Add.Instance, gradient, of.Apply(Mul.Instance, alpha, momentum))
            : momentum;
        return [of.Apply(Sub.Instance, of.Operand(0), of.Apply(Mul.Instance, of.Rate, direction)), momentum];
    }

    // One tensor on its way; every step is rounded in its type.
    private sealed class Update(NodeImport node, ImmutableArray<ValueRef> operands)
    {
        internal NodeImport Node => node;

        internal ValueRef Rate => Single(0, node.DType(operands[0]));

        internal ValueRef Count => Single(1, node.DType(operands[0]));

        internal ValueRef Operand(int kind) => operands[kind];

        internal float Factor(string attribute, float otherwise) => node.Attributes.Float(attribute, otherwise);

        internal ValueRef Number(double value) => node.Scalar(node.DType(operands[0]), value);

        internal ValueRef Apply(Op op, params ReadOnlySpan<ValueRef> values) => node.Broadcast(op, values);

        // norm_coefficient·X + G.
        internal ValueRef Regularized()
            => Apply(Add.Instance, Apply(Mul.Instance, Number(Factor("norm_coefficient", 0)), operands[0]), operands[1]);

        // a·old + (1 − a)·fresh.
        internal ValueRef Mixed(ValueRef old, float factor, ValueRef fresh)
            => Apply(
                Add.Instance,
                Apply(Mul.Instance, Number(factor), old),
                Apply(Mul.Instance, Apply(Sub.Instance, Number(1), Number(factor)), fresh));

        // The first where T is above 0, else the second.
        internal ValueRef AfterFirst(ValueRef later, ValueRef first)
            => Apply(Where.Instance, Apply(Greater.Instance, Single(1, DType.I64), node.Number(0)), later, first);

        private ValueRef Single(int index, DType type) => node.Cast(node.Reshape(node.Input(index), Shape.Scalar), type);
    }
}
