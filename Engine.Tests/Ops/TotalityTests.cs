using System.Collections.Immutable;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Ops;

/// <summary>An op gives values for every bit pattern, and for extents of 0 wherever it takes them: a run cannot fail because of its data.</summary>
internal sealed class TotalityTests
{
    private static readonly ImmutableArray<OpCase> Cases = [.. Catalog.Cases()];

    [Test]
    public void Random_bits_are_evaluated([Values(5UL, 6UL)] ulong seed)
    {
        Adversarial random = new(seed);
        foreach (OpCase entry in Cases.Where(entry => entry.Name != "blocks"))
        {
            Evaluated(entry.Op, [.. entry.Inputs.Select(input => input.Type)], random);
        }
    }

    [Test]
    public void Extents_of_0_and_1_are_evaluated_or_refused()
    {
        Adversarial random = new(7);
        int evaluated = 0;
        foreach (OpCase entry in Cases.Where(entry => entry.Name != "blocks"))
        {
            long[] extents = [.. entry.Inputs.SelectMany(input => input.Type.Shape.Extents.ToArray()).Distinct()];
            foreach ((long from, long to) in extents.SelectMany(from => new[] { (from, 0L), (from, 1L) }))
            {
                ImmutableArray<TensorType> types = [.. entry.Inputs.Select(input => With(input.Type, from, to))];
                if (Takes(entry.Op, types))
                {
                    Evaluated(entry.Op, types, random);
                    evaluated++;
                }
            }
        }

        Assert.That(evaluated, Is.GreaterThan(500));
    }

    [Test]
    public void Empty_planes_and_kernels_without_channels_have_values([Values(0, 1)] int batch)
    {
        Adversarial random = new(8);
        Window far = new([1 << 15, 1 << 15], [1 << 30, 1], [1 << 30, 1 << 20], [0, 5], [0, 1 << 30], [3, 2]);
        foreach (Shape x in new[] { new Shape(batch, 2, 0, 3), new Shape(batch, 2, 2, 3), new Shape(batch, 0, 2, 3) })
        {
            Evaluated(new AveragePool(far, countPadding: true), [new TensorType(DType.F32, x)], random);
            Evaluated(new MaxPool(far, columnMajor: true), [new TensorType(DType.I64, x)], random);
        }

        TensorType w = new(DType.F32, new Shape(4, 0, 1 << 15, 1 << 15));
        Evaluated(new Conv(far, 1), [new TensorType(DType.F32, new Shape(batch, 0, 2, 3)), w], random);
        TensorType none = new(DType.F32, new Shape(0, 2, 1 << 15, 1 << 15));
        Evaluated(new Conv(far, 1), [new TensorType(DType.F32, new Shape(batch, 2, 2, 3)), none], random);
    }

    /// <summary>Evaluates an op on random bits and looks at what it stores.</summary>
    internal static void Evaluated(Op op, ImmutableArray<TensorType> types, Adversarial random)
    {
        ImmutableArray<Tensor> inputs = [.. types.Select(type => Bits(type, random))];
        ImmutableArray<Tensor> outputs = ReferenceBackend.Evaluate(op, inputs);
        foreach (Tensor output in outputs)
        {
            byte[] canonical = output.Bytes.ToArray();
            Tensor.Canonicalise(output.Type.DType, canonical);
            Assert.That(output.Bytes.Span.SequenceEqual(canonical), Is.True, $"{op} stores canonical values");
        }
    }

    private static Tensor Bits(TensorType type, Adversarial random)
    {
        uint[] words = [.. Enumerable.Range(0, (int)((type.Bytes + 3) / 4)).Select(_ => random.Word())];
        return Tensor.Canonical(type, MemoryMarshal.AsBytes<uint>(words)[..(int)type.Bytes]);
    }

    private static TensorType With(TensorType type, long from, long to)
        => type with { Shape = new Shape([.. type.Shape.Extents.ToArray().Select(extent => extent == from ? to : extent)]) };

    private static bool Takes(Op op, ImmutableArray<TensorType> types)
    {
        try
        {
            return op.Infer(types.AsSpan()).Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
