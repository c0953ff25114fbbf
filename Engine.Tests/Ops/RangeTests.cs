using System.Collections.Immutable;

using FsCheck.Fluent;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>A definition gives the same bytes in whatever ranges its output is cut.</summary>
internal sealed class RangeTests
{
    private static readonly Op[] Rows =
    [
        .. Enum.GetValues<Reduction>().Select(kind => new Reduce(kind, 1)),
        new Softmax(false), new Softmax(true), Relu.Instance, Copy.Instance, new Concat(0),
    ];

    [Test]
    public void Ranges_put_together_are_the_whole([Values(DType.F32, DType.BF16, DType.F64)] DType type) => Law.Holds(
        from op in Gen.Elements(Rows)
        from rows in Gen.Choose(0, 9)
        from columns in Gen.Elements(0, 1, 2, 31, 33, 70)
        from cuts in Gen.ArrayOf(Gen.Choose(0, 1000))
        from x in Law.Drawn(random => random.Tensor(type, new Shape(rows, columns)))
        select (op, x, cuts),
        drawn => IsWhole(drawn.op, drawn.x, drawn.cuts),
        times: type == DType.F64 ? 100 : 500);

    private static bool IsWhole(Op op, Tensor x, int[] cuts)
    {
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(op, x);
        Tensor whole = outputs[0];
        int count = (int)whole.Type.Elements;
        int size = whole.Type.DType.Size();
        byte[] parts = new byte[whole.Type.Bytes];
        int[] borders = [.. cuts.Select(cut => cut % (count + 1)).Append(0).Append(count).Order()];
        for (int i = 1; i < borders.Length; i++)
        {
            Span<byte> part = parts.AsSpan(borders[i - 1] * size, (borders[i] - borders[i - 1]) * size);
            op.Evaluate(new TensorReader([x], outputs), 0, borders[i - 1], new ElementWriter(whole.Type.DType, part));
        }

        return whole.Bytes.Span.SequenceEqual(parts);
    }
}
