using System.Collections.Immutable;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

using Mood = VerifiableCompute.Engine.Tests.Adversarial.Mood;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>The inputs that kernels are compared on tell every planted mistake from the definition.</summary>
internal sealed class MutantTests
{
    private static readonly Mutants.DotVariant[] Dots =
    [
        Mutants.MultiplyThenAdd, Mutants.Block128, Mutants.OneChain, Mutants.BiasLast, Mutants.Descending, Mutants.AlphaRounded,
        Mutants.InDouble,
        Mutants.VectorAlongDepth, Mutants.Flushed,
    ];

    private static readonly Mutants.SumVariant[] Sums =
        [Mutants.Sequential, Mutants.EightLanes, Mutants.Unblocked, Mutants.NeighbourFold];

    private static readonly Mutants.CodeVariant[] CodeMakers =
        [Mutants.ByReciprocal, Mutants.HalfAway, Mutants.ZeroBeforeRounding, Mutants.Truncated];

    [Test]
    public void Mistake_in_a_dot_product_is_seen([ValueSource(nameof(Dots))] Mutants.DotVariant mutant)
    {
        const int Cases = 600;
        using CpuBackend backend = new(1);
        int caught = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            Adversarial random = new((ulong)seed);
            int depth = random.Of(31, 255, 257, 513, 1025);
            float alpha = random.Of(1f, 0.7f);
            Mood mood = random.Of(Mood.Tame, Mood.Cancelling, Mood.Tiny, Mood.Finite);
            Tensor a = random.Tensor(DType.F32, new Shape(1, depth), mood);
            Tensor b = random.Tensor(DType.F32, new Shape(1, depth), mood);
            Tensor c = random.Tensor(DType.F32, new Shape(1, 1), mood);
            float kernel = Single(Differential.Run(backend, new Dot(alpha, 1f), [Layouts.Whole(a), Layouts.Whole(b), Layouts.Whole(c)]));
            float start = c.As<float>()[0] + 0f;
            Assert.That(Bits(Mutants.Dot(a.As<float>(), b.As<float>(), alpha, start)), Is.EqualTo(Bits(kernel)));
            caught += Bits(mutant(a.As<float>(), b.As<float>(), alpha, start)) != Bits(kernel) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{mutant.Method.Name}: {caught} of {Cases}");
        Assert.That(caught, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public void Mistake_in_a_fold_is_seen([ValueSource(nameof(Sums))] Mutants.SumVariant mutant)
    {
        const int Cases = 100;
        using CpuBackend backend = new(1);
        int caught = 0;
        for (int seed = 0; seed < Cases; seed++)
        {
            Adversarial random = new((ulong)seed);
            Tensor x = random.Tensor(DType.F32, new Shape(random.Of(33, 768, 4097, 9000)), random.Of(Mood.Tame, Mood.Cancelling));
            float kernel = Single(Differential.Run(backend, new Reduce(Reduction.Sum, 1), [Layouts.Whole(x)]));
            Assert.That(Bits(Mutants.Fold(x.As<float>())), Is.EqualTo(Bits(kernel)));
            caught += Bits(mutant(x.As<float>())) != Bits(kernel) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{mutant.Method.Name}: {caught} of {Cases}");
        Assert.That(caught, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public void Mistake_in_a_code_is_seen([ValueSource(nameof(CodeMakers))] Mutants.CodeVariant mutant)
    {
        Adversarial random = new(3);
        using CpuBackend backend = new(1);
        Shape shape = new(20_000);
        Tensor scale = Tensor.Of<float>(
            DType.F32, shape, [.. Enumerable.Range(0, 20_000).Select(_ => random.Of(1f, 2f, 3f, 0.7f, 0.013f))]);
        Tensor x = random.HalfSteps(scale);
        Tensor zero = random.Tensor(DType.U8, shape);
        byte[] codes = Differential.Run(backend, QuantizeLinear.Instance, [Layouts.Whole(x), Layouts.Whole(scale), Layouts.Whole(zero)])[0];
        int caught = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            (float value, float by, int at) = (x.As<float>()[i], scale.As<float>()[i], zero.As<byte>()[i]);
            Assert.That(Mutants.Code(value, by, at), Is.EqualTo(codes[i]));
            caught += mutant(value, by, at) != codes[i] ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{mutant.Method.Name}: {caught} of {codes.Length}");
        Assert.That(caught, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public void Norm_by_a_fused_or_reciprocal_step_is_seen()
    {
        // y = (d · r) · gamma + beta against fma(d · r, gamma, beta) and (d / q) · gamma + beta.
        Adversarial random = new(5);
        using CpuBackend backend = new(1);
        const int Count = 768;
        Tensor x = random.Tensor(DType.F32, new Shape(1, Count), Mood.Tame);
        Tensor gamma = random.Tensor(DType.F32, new Shape(Count), Mood.Tame);
        Tensor beta = random.Tensor(DType.F32, new Shape(Count), Mood.Tame);
        ImmutableArray<byte[]> outputs = Differential.Run(
            backend, new LayerNorm(1e-5f), [Layouts.Whole(x), Layouts.Whole(gamma), Layouts.Whole(beta)]);
        float mean = BitConverter.ToSingle(outputs[1]);
        float r = BitConverter.ToSingle(outputs[2]);
        int fused = 0;
        int divided = 0;
        for (int i = 0; i < Count; i++)
        {
            float y = BitConverter.ToSingle(outputs[0], i * sizeof(float));
            float d = x.As<float>()[i] - mean;
            (float g, float b) = (gamma.As<float>()[i], beta.As<float>()[i]);
            Assert.That(Bits(((d * r) * g) + b), Is.EqualTo(Bits(y)));
            fused += Bits(float.FusedMultiplyAdd(d * r, g, b)) != Bits(y) ? 1 : 0;
            divided += Bits(((d / (1f / r)) * g) + b) != Bits(y) ? 1 : 0;
        }

        Assert.That(fused, Is.GreaterThan(10));
        Assert.That(divided, Is.GreaterThan(10));
    }

    private static float Single(ImmutableArray<byte[]> outputs) => BitConverter.ToSingle(outputs[0]);

    // Overflow gives the mutants NaNs of either sign; the definition stores one.
    private static int Bits(float x) => float.IsNaN(x) ? 0x7FC0_0000 : BitConverter.SingleToInt32Bits(x);
}
