using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

[Category("simd")]
internal sealed class DotTests
{
    private static readonly long[] Depths = [0, 1, 2, 31, 255, 256, 257, 511, 513, 4097];

    [Test]
    public void Dot_gives_the_bits_of_its_definition([ValueSource(nameof(Depths))] long depth, [Values] Mood values)
    {
        Adversarial random = new((ulong)(depth * 7919) + (ulong)values);
        for (int round = 0; round < 4; round++)
        {
            long rows = random.Of<long>(1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 26);
            long columns = depth > 1000 ? random.Of<long>(1, 17, 33) : random.Of<long>(1, 2, 15, 16, 17, 31, 33, 64, 70, 129);
            Check(random, DType.F32, [], rows, columns, depth, values);
        }
    }

    [Test]
    public void Batches_are_products_of_their_own([Values] Mood values)
    {
        Adversarial random = new(101 + (ulong)values);
        for (int round = 0; round < 12; round++)
        {
            long[] batch = random.Of<long[]>([3], [2, 2], [1, 3], [0], [5, 1]);
            long depth = random.Of<long>(1, 31, 64, 257);
            Check(random, DType.F32, batch, random.Of<long>(0, 1, 2, 3, 9, 14), random.Of<long>(0, 1, 16, 20, 37, 65), depth, values);
        }
    }

    [Test]
    public void Narrow_types_are_widened_and_rounded_once([Values(DType.F16, DType.BF16)] DType type, [Values] Mood values)
    {
        Adversarial random = new(201 + (ulong)values + (ulong)type);
        for (int round = 0; round < 6; round++)
        {
            long[] batch = random.Of<long[]>([], [2]);
            long depth = random.Of<long>(Depths.AsSpan(0, 8));
            Check(random, type, batch, random.Of<long>(1, 2, 3, 7, 13), random.Of<long>(1, 17, 33, 70, 129), depth, values);
        }
    }

    [Test]
    public void Few_rows_meet_many_columns(
        [Values(DType.F32, DType.F16, DType.BF16)] DType type, [Values(1, 2, 3, 4)] int rows, [Values(1025, 2048)] int depth, [Values] bool across)
    {
        Adversarial random = new(251 + (ulong)(rows * depth));
        Operand a = Layouts.Whole(random.Tensor(type, new Shape(rows, depth), Mood.Tame));
        Tensor b = random.Tensor(type, across ? new Shape(depth, 512) : new Shape(512, depth), Mood.Tame);
        AffineView map = AffineView.Identity(b.Type.Shape);
        Operand columns = new(new TensorType(type, new Shape(512, depth)), b.Bytes, across ? map.Transpose(1, 0) : map, null);
        Differential.CheckAll(Dot.Plain, [a, columns]);
    }

    [Test]
    public void Types_without_a_kernel_run_their_definition([Values(DType.F64, DType.I8, DType.I32, DType.U64)] DType type)
    {
        Adversarial random = new(301);
        Operand a = random.Operand(type, new Shape(3, 40), Mood.Tame);
        Operand b = random.Operand(type, new Shape(30, 40), Mood.Tame);
        Differential.Check(Dot.Plain, [a, b], kernel: false);
    }

    private static void Check(Adversarial random, DType type, long[] batch, long rows, long columns, long depth, Mood values)
    {
        Operand a = random.Operand(type, new Shape([.. batch, rows, depth]), values, parameter: random.Below(4) == 0);
        Operand b = random.Operand(type, new Shape([.. batch, columns, depth]), values, parameter: random.Below(2) == 0);
        ImmutableArray<Operand> operands = [a, b];
        Dot op = Dot.Plain;
        if (random.Below(2) == 0)
        {
            op = random.Of(Dot.Plain, new Dot(0.75f, -1.5f), new Dot(1f, 0f), new Dot(float.PositiveInfinity, 1f), new Dot(-0f, 3f));
            operands = operands.Add(random.Operand(type, new Shape([.. batch, rows, columns]), values));
        }

        Differential.Check(op, operands);
    }
}
