using System.Collections.Immutable;

using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using static VerifiableCompute.Engine.Onnx.Reading.AttributeRule;

namespace VerifiableCompute.Engine.Onnx.Import;

/// <summary>Matrix products.</summary>
internal static class Dots
{
    internal static ImmutableArray<OnnxOp> Table { get; } =
    [
        new("MatMul", (2, 2), node => Product(node, node.Input(0), node.Input(1), 1f)) { Since = 1 },
        new("Gemm", (2, 3), Gemm, Float("alpha"), Float("beta"), Int("transA"), Int("transB"), Int("broadcast", until: 6)),
        new("MatMulInteger", (2, 4), node => IntegerProduct(node, node.Input(0), node.Input(1), node.Optional(2), node.Optional(3))),
        new("QLinearMatMul", (8, 8), QLinearMatMul),
    ];

    /// <summary>ONNX's matrix product of two values, times alpha.</summary>
    internal static ValueRef Product(NodeImport node, ValueRef a, ValueRef b, float alpha)
    {
        Operands operands = Operands.Of(node, a, b);
        return operands.Result(node, node.Add(new Dot(alpha, 1f), operands.A, operands.B));
    }

    internal static ValueRef Gemm(NodeImport node)
    {
        ValueRef a = node.Input(0);
        ValueRef b = node.Input(1);
        if (node.Shape(a).Rank != 2 || node.Shape(b).Rank != 2)
        {
            throw node.Invalid($"A and B are matrices, not {node.Type(a)} and {node.Type(b)}");
        }

        a = node.Attributes.Flag("transA") ? node.SwapLast(a) : a;
        b = node.Attributes.Flag("transB") ? b : node.SwapLast(b);
        Dot dot = new(node.Attributes.Float("alpha", 1f), node.Attributes.Float("beta", 1f));
        return node.Optional(2) is ValueRef c
            ? node.Add(dot, a, b, node.Expand(c, new Shape(node.Shape(a)[0], node.Shape(b)[0])))
            : node.Add(dot, a, b);
    }

    /// <summary>The product of codes less their zero points; without these, of the codes.</summary>
    internal static ValueRef IntegerProduct(NodeImport node, ValueRef a, ValueRef b, ValueRef? zerosA, ValueRef? zerosB)
    {
        Operands operands = Operands.Of(node, a, b);
        ValueRef zeroA = zerosA ?? node.Scalar(node.DType(a), 0);
        ValueRef zeroB = zerosB ?? node.Scalar(node.DType(b), 0);
        return operands.Result(
            node, node.Add(DotInteger.Instance, operands.A, operands.B, operands.RowsOfA(node, zeroA), operands.RowsOfB(node, zeroB)));
    }

    private static ValueRef QLinearMatMul(NodeImport node)
    {
        Operands operands = Operands.Of(node, node.Input(0), node.Input(3));
        ValueRef y = node.Add(
            QLinearDot.Instance,
            operands.A,
            operands.RowsOfA(node, node.Cast(node.Input(1), DType.F32)),
            operands.RowsOfA(node, node.Input(2)),
            operands.B,
            operands.RowsOfB(node, node.Cast(node.Input(4), DType.F32)),
            operands.RowsOfB(node, node.Input(5)),
            node.Reshape(node.Cast(node.Input(6), DType.F32), Shape.Scalar),
            node.Reshape(node.Input(7), Shape.Scalar));
        return operands.Result(node, y);
    }

    /// <summary>A [batch.., M, K] and B [batch.., N, K] of a product, and the shape that its result takes in the model.</summary>
    private sealed record Operands(ValueRef A, ValueRef B, Shape Model)
    {
        internal static Operands Of(NodeImport node, ValueRef a, ValueRef b)
        {
            Shape shapeA = node.Shape(a);
            Shape shapeB = node.Shape(b);
            if (shapeA.Rank == 0 || shapeB.Rank == 0)
            {
                throw node.Invalid("a scalar has no rows");
            }

            ValueRef matrixA = shapeA.Rank == 1 ? node.Reshape(a, 1, shapeA[0]) : a;
            ValueRef matrixB = shapeB.Rank == 1 ? node.Reshape(b, 1, shapeB[0]) : node.SwapLast(b);
            Shape rowsA = node.Shape(matrixA);
            Shape rowsB = node.Shape(matrixB);
            if (rowsA[^1] != rowsB[^1])
            {
                throw node.Invalid($"{shapeA} and {shapeB} have no common axis");
            }

            Shape batch = Shape.Broadcast(new Shape(rowsA.Extents[..^2]), new Shape(rowsB.Extents[..^2]));
            ImmutableArray<long> extentA = shapeA.Rank == 1 ? [] : [rowsA[^2]];
            ImmutableArray<long> extentB = shapeB.Rank == 1 ? [] : [rowsB[^2]];
            Shape model = new([.. batch.Extents, .. extentA, .. extentB]);

            // One matrix B for the whole batch: the rows of A are one long matrix, if they lie so.
            if (rowsB.Rank == 2 && node.TryReshape(matrixA, new Shape(rowsA.Product(0, rowsA.Rank - 1), rowsA[^1])) is ValueRef flat)
            {
                return new Operands(flat, matrixB, model);
            }

            return new Operands(
                node.Expand(matrixA, new Shape([.. batch.Extents, rowsA[^2], rowsA[^1]])),
                node.Expand(matrixB, new Shape([.. batch.Extents, rowsB[^2], rowsB[^1]])),
                model);
        }

        internal ValueRef Result(NodeImport node, ValueRef product) => node.Reshape(product, Model);

        /// <summary>A scale or zero point of A, one for each row: given as a scalar, a vector [M] or [batch.., M, 1].</summary>
        internal ValueRef RowsOfA(NodeImport node, ValueRef value)
        {
            Shape rows = new(node.Shape(A).Extents[..^1]);
            Shape given = node.Shape(value);
            ValueRef squeezed = given.Rank >= 2 && given[^1] == 1 ? node.Reshape(value, new Shape(given.Extents[..^1])) : value;
            return node.Expand(node.Shape(squeezed).Elements == 1 ? node.Reshape(squeezed, Shape.Scalar) : squeezed, rows);
        }

        /// <summary>A scale or zero point of B, one for each of its columns: given as a scalar, a vector [N] or [batch.., 1, N].</summary>
        internal ValueRef RowsOfB(NodeImport node, ValueRef value)
        {
            Shape rows = new(node.Shape(B).Extents[..^1]);
            Shape given = node.Shape(value);
            ValueRef squeezed = given.Rank >= 2 && given[^2] == 1
                ? node.Reshape(value, [.. given.Extents[..^2], given[^1]])
                : value;
            return node.Expand(node.Shape(squeezed).Elements == 1 ? node.Reshape(squeezed, Shape.Scalar) : squeezed, rows);
        }
    }
}
