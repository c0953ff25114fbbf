using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

using NUnit.Framework;

using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>One small language model in three exports: whole prompts, a cache and one token a step, and ONNX's own attention.</summary>
internal sealed class StoriesTests
{
    private const int Layers = 5;
    private const int Vocabulary = 512;
    private const int Steps = 40;

    private static string Folder => Path.Combine(TestData.Folder("models-open"), "models-open", "stories260K");

    private static long[] Tokens =>
    [
        .. File.ReadAllText(Path.Combine(Folder, "golden_greedy_tokens.txt"))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(token => long.Parse(token, CultureInfo.InvariantCulture)),
    ];

    private static float[] Golden => MemoryMarshal.Cast<byte, float>(
        File.ReadAllBytes(Path.Combine(Folder, "golden_greedy_logits_f32_T200x512.bin"))).ToArray();

    [Test]
    public void Every_export_is_near_another_engine()
    {
        float[] golden = Golden[..(Steps * Vocabulary)];
        Assert.Multiple(() =>
        {
            Assert.That(Whole(Steps), Is.EqualTo(golden).Within(1e-4f), "whole prompt");
            Assert.That(Stepwise("onnx_kv", 1).Logits, Is.EqualTo(golden).Within(1e-4f), "cache");
            Assert.That(Stepwise("onnx_opset23", Steps).Logits, Is.EqualTo(golden).Within(1e-4f), "attention");
        });
    }

    [Test]
    public void A_cache_gives_the_bits_of_the_whole_prompt()
    {
        float[] whole = Whole(Steps);
        Assert.That(Stepwise("onnx_kv", 1).Logits, Is.EqualTo(whole), "one token a step");
        Assert.That(Whole(7), Is.EqualTo(whole[..(7 * Vocabulary)]), "a shorter prompt");
    }

    [Test]
    public void Attention_gives_the_same_bits_however_a_prompt_is_cut()
    {
        (float[] Logits, ImmutableArray<Tensor> Cache) whole = Stepwise("onnx_opset23", Steps);
        foreach (int chunk in (int[])[1, 7, 32])
        {
            (float[] Logits, ImmutableArray<Tensor> Cache) cut = Stepwise("onnx_opset23", chunk);
            Assert.That(cut.Logits, Is.EqualTo(whole.Logits), $"{chunk} tokens a step");
            Assert.That(cut.Cache.Select(Digest), Is.EqualTo(whole.Cache.Select(Digest)), $"the cache after {chunk} tokens a step");
        }
    }

    // Norms and rotations are the same steps in both; scores are not: the operator scales queries and keys each, the export divides scores.
    [Test]
    public void Attention_and_its_export_part_at_the_first_scores()
    {
        ImmutableArray<Tensor> export = Stepwise("onnx_kv", 1).Cache;
        ImmutableArray<Tensor> attention = Stepwise("onnx_opset23", 1).Cache;
        Assert.That(attention.Take(2).Select(Digest), Is.EqualTo(export.Take(2).Select(Digest)), "keys and values of the first layer");
        Assert.That(attention.Skip(2).Select(Digest), Is.Not.EqualTo(export.Skip(2).Select(Digest)), "those after the first scores");
    }

    private static string Digest(Tensor tensor) => Convert.ToHexString(tensor.Bytes.Span);

    private static float[] Whole(int count)
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(Folder, "onnx_nocache", "model.onnx"));
        using CpuBackend backend = new(1);
        ImmutableArray<Tensor> inputs = [Tensor.Of<long>(DType.I64, new Shape(1, count), Tokens.AsSpan(0, count))];
        return new Executor(model.Specialize(inputs), backend).Run(inputs)[0].As<float>().ToArray();
    }

    // Logits of all positions, and the cache at the end.
    private static (float[] Logits, ImmutableArray<Tensor> Cache) Stepwise(string export, int chunk)
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(Folder, export, "model.onnx"));
        using CpuBackend backend = new(1);
        ImmutableArray<Tensor> cache =
            [.. Enumerable.Repeat(Tensor.Of<float>(DType.F32, new Shape(1, 4, 0, 8)), 2 * Layers)];
        List<float> logits = [];
        for (int start = 0; start < Steps; start += chunk)
        {
            int count = Math.Min(chunk, Steps - start);
            Shape shape = new(1, count);
            ImmutableArray<Tensor> inputs =
            [
                Tensor.Of<long>(DType.I64, shape, Tokens.AsSpan(start, count)),
                Tensor.Of<long>(DType.I64, shape, [.. Enumerable.Range(start, count).Select(position => (long)position)]),
                .. cache,
            ];
            ImmutableArray<Tensor> outputs = new Executor(model.Specialize(inputs), backend).Run(inputs);
            logits.AddRange(outputs[0].As<float>());
            cache = outputs[1..];
        }

        return ([.. logits], cache);
    }
}
