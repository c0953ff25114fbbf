using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>Records with any op, any attributes and any shapes. An accuser chooses them freely, so that nothing that a judge does with them before they
/// are refused may throw.</summary>
internal sealed class HostileRecordTests
{
    private const int Records = 12_000;

    private static readonly long[] Extents =
        [0, 1, 1, 2, 3, 7, 255, 256, 1024, 65536, 1L << 20, (1L << 31) - 1, 1L << 31, (1L << 31) + 1, 1L << 32, 1L << 39, 1L << 40];

    private static readonly long[] Attributes =
    [
        0, 1, 2, 3, -1, -2, 7, 8, 255, 1L << 20, 1L << 31, (1L << 31) - 1, -(1L << 31), 1L << 32, 1L << 40, 1L << 62, long.MaxValue, long.MinValue, 0x7F80_0000,
        0x7FC0_0000, 0xFFC0_0001,
    ];

    // By op, so that each is as likely as any other.
    private static readonly OpCase[][] Cases =
        [.. Catalog.Cases().Where(entry => entry.Name != "blocks").GroupBy(entry => entry.Op.Name).Select(group => group.ToArray())];

    [Test]
    public void Record_is_refused_or_evaluated([Range(1UL, 6UL)] ulong seed)
    {
        Adversarial random = new(seed);
        int evaluated = 0;
        for (int i = 0; i < Records; i++)
        {
            OpCase entry = random.Of(random.Of(Cases));
            ImmutableArray<long>[] attributes = [.. entry.Op.Attributes.Select(attribute => Mutated(attribute.Values, random))];
            ImmutableArray<TensorType> types = [.. entry.Inputs.Select(input => Mutated(input.Type, random))];
            if (types.All(type => type is not null) && OpSet.TryCreate(entry.Op.Name, 1, attributes, out Op? op))
            {
                evaluated += Try(op, types, random);
            }
        }

        Assert.That(evaluated, Is.GreaterThan(Records / 40));
    }

    [Test]
    public void Stride_of_an_axis_with_one_step_means_nothing([Values(0, 1, long.MaxValue, long.MinValue)] long stride)
    {
        GraphBuilder builder = new();
        ValueRef x = builder.Input("x", Stating.Four);
        ValueRef given = builder.View("view", x, _ => new AffineView(new Shape(1, 4), 0, [stride, 1]));
        ValueRef computed = builder.View("view", builder.Add("neg", Neg.Instance, x), _ => new AffineView(new Shape(1, 4), 0, [stride, 1]));
        Graph graph = builder.Build(new GraphOutput("y", builder.Add("softmax", new Softmax(false), builder.Add("sum", Add.Instance, given, computed))));
        Scene scene = Scene.Of(graph, [Tensor.Of<float>(DType.F32, new Shape(4), 1, 2, 3, 4)], Policy.Compact, Suite.Sha256, samples: 20);
        Assert.That(Forge.Files(scene).Judge(), Has.Property(nameof(Verdict.Kind)).EqualTo(VerdictKind.Valid));
    }

    // As a judge goes about it: shape rule, footprints, cost, evaluation.
    private static int Try(Op op, ImmutableArray<TensorType> types, Adversarial random)
    {
        string what = $"{op} of {string.Join(", ", types)}";
        try
        {
            ImmutableArray<TensorType> outputs;
            try
            {
                outputs = op.Infer(types.AsSpan());
            }
            catch (ArgumentException)
            {
                return 0;
            }

            RecordInput[] inputs = [.. types.Select((type, i) => new RecordInput(new(ValueKind.Input, i), type))];
            Resolution resolution = op is View ? Resolution.View : Resolution.Committed;
            GraphRecord record = new(op, [.. inputs], [.. outputs.Select((type, i) => new RecordOutput(type, resolution, op is View ? -1 : i))], 0, 0);
            CommittedGraph.TryCreate([record], out _, out _);
            if (op is View)
            {
                RecordInput view = new(new(ValueKind.Node, 0), outputs[0]);
                CommittedGraph.TryCreate([record, new(Copy.Instance, [view], [new(outputs[0], Resolution.Committed, 0)], 0, 0)], out _, out _);
                return 1;
            }

            for (int output = 0; output < outputs.Length; output++)
            {
                Evaluate(op, types, outputs, output, random);
            }

            return 1;
        }
        catch (Exception error) when (error is not AssertionException)
        {
            throw new AssertionException($"{what}: {error}");
        }
    }

    private static void Evaluate(Op op, ImmutableArray<TensorType> types, ImmutableArray<TensorType> outputs, int output, Adversarial random)
    {
        long elements = outputs[output].Elements;
        ImmutableArray<Footprint> reads = op.Footprints(types.AsSpan(), output, Footprint.Element(outputs[output].Shape));
        long pulled = reads.Sum(read => Math.Min(read.Elements, Limits.CheckOperations));
        if (elements == 0 || pulled > 4096)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Source source = new(types, outputs, random);
        foreach (long element in new[] { 0, elements - 1, elements / 2 })
        {
            op.Evaluate(source, output, element, new ElementWriter(outputs[output].DType, bytes[..outputs[output].DType.Size()]));
        }
    }

    private static ImmutableArray<long> Mutated(ImmutableArray<long> values, Adversarial random) =>
        random.Below(3) > 0 || values.IsEmpty ? values : values.SetItem(random.Below(values.Length), random.Of(Attributes));

    private static TensorType Mutated(TensorType type, Adversarial random)
    {
        long[] extents = [.. type.Shape.Extents];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            extents[axis] = random.Below(3) == 0 ? random.Of(Extents) : extents[axis];
        }

        try
        {
            return type with { Shape = new Shape(extents) };
        }
        catch (ArgumentException)
        {
            return type;
        }
    }

    // Any bits, from tensors of any size.
    private sealed class Source(ImmutableArray<TensorType> inputs, ImmutableArray<TensorType> outputs, Adversarial random) : ElementReader
    {
        public override int Slots => inputs.Length;

        public override TensorType Type(int slot) => slot < Slots ? inputs[slot] : outputs[slot - Slots];

        public override void Read(int slot, long start, Span<byte> destination)
        {
            TensorType type = Type(slot);
            Assert.That(start, Is.InRange(0, type.Elements - (destination.Length / type.DType.Size())), $"slot {slot} of {type}");
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = (byte)random.Below(256);
            }
        }
    }
}
