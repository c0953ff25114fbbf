using System.Collections.Immutable;

using VerifiableCompute.Bench.Generated;
using VerifiableCompute.Bench.Llama;
using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Language models, in tokens a second.</summary>
internal sealed class TokenSection : Section
{
    private const string Stories = "stories260K, greedy generation with a cache";
    private const string Demo = "decoder of the demo's size, llama architecture, f32";
    private const string Llama = "llama.cpp";
    private const int Steps = 128;
    private const int Again = 10_000;
    private const int Prompt = 128;
    private const int FirstToken = 1;
    private const int Words = 512;

    /// <inheritdoc/>
    public override string Name => "tokens";

    /// <inheritdoc/>
    public override string Title => "Language models";

    /// <inheritdoc/>
    public override string Text
        => $"Generation: {Steps} tokens one by one, argmax, keys and values carried along; ours has a graph for each length, made before. "
        + $"The decoder has generated weights, the same in ONNX and GGUF (RMS norm, rotary positions, gated SiLU); reading is {Prompt} tokens at once with all "
        + $"logits, writing one token after {Prompt}. llama.cpp's cache is f16, as it is by default.";

    /// <inheritdoc/>
    public override void Run()
    {
        foreach (int threads in ThreadCounts)
        {
            Generate(threads);
        }

        LlamaShape shape = LlamaShape.Demo;
        string folder = LlamaOnnx.Folder(shape);
        LlamaOnnx models = new(shape, folder);
        string? gguf = LlamaCpp.IsThere ? LlamaGguf.Write(shape, folder) : null;
        Decoder(shape, models, gguf, Prompt, 0);
        Decoder(shape, models, gguf, 1, Prompt);
        foreach (string group in new[] { Stories, Demo })
        {
            Row[] rows = [.. In(group)];
            Add(Goal.Of(
                group,
                "≥ 1.0× ORT, ≥ 1.0× llama.cpp f32",
                [
                    .. from who in new[] { Ort, Llama }
                       from threads in ThreadCounts
                       let sides = rows.Where(row => row.Threads == threads).SelectMany(row => row.Sides)
                       let ratios = sides.Where(side => side.Who == who).Select(side => side.Ratio).ToArray()
                       where ratios.Length > 0
                       select Part.AtLeast(Numbers.GeometricMean(ratios), 1, $"{who} {threads}t"),
                ]));
        }
    }

    private void Generate(int threads)
    {
        string folder = Path.Combine(Folders.OpenModels, "stories260K");
        string file = Path.Combine(folder, "onnx_kv", "model.onnx");
        OnnxModel model = OnnxModel.Load(file);
        using CpuBackend backend = new(threads);
        ImmutableArray<string> names = [.. model.Inputs.Select(input => input.Name)];
        Tensor empty = Tensor.Of<float>(DType.F32, new Shape(1, 4, 0, 8));
        long[] token = new long[1];
        long[] position = new long[1];
        List<int> written = [];
        Executor[] executors = new Executor[Steps];
        ImmutableArray<Tensor> middle = [];
        double start = Turns.Wall;
        Ours(prepare: true);
        Add("stories260K, making graphs", $"{threads}t", "first time, graphs made in the loop", Steps / (Turns.Wall - start), "tokens/s");
        string ours = string.Join(' ', written);
        List<(string, Action)> sides = [("ours", () => Ours(prepare: false))];

        using OrtSession session = new(file, [.. model.Outputs.Select(output => output.Name)], threads, Pair.Quiet);
        Theirs();
        Compare(ours, Ort);
        sides.Add((Ort, Theirs));
        using LlamaCpp? llama = LlamaCpp.IsThere ? new LlamaCpp(Path.Combine(folder, "stories260K.gguf"), 256) : null;
        if (llama is not null)
        {
            llama.SetThreads(threads);
            Other(llama);
            Compare(ours, Llama);
            sides.Add((Llama, () => Other(llama)));
        }

        Race(Stories, $"{Steps} tokens", threads, "tokens/s", Steps, 0, sides);
        start = Turns.Wall;
        for (int i = 0; i < Again; i++)
        {
            executors[Steps / 2].Run(middle);
        }

        Add("stories260K, one graph", $"{threads}t", $"{Steps / 2} tokens in the cache, again and again", Again / (Turns.Wall - start), "tokens/s");

        void Ours(bool prepare)
        {
            Restart();
            ImmutableArray<Tensor> cache = [.. Enumerable.Repeat(empty, names.Length - 2)];
            for (int step = 0; step < Steps; step++)
            {
                ImmutableArray<Tensor> inputs = [Index(token[0]), Index(position[0]), .. cache];
                if (prepare)
                {
                    middle = step == Steps / 2 ? inputs : middle;
                    Graph graph = model.Specialize(inputs);
                    executors[step] = new Executor(graph, backend);
                }

                ImmutableArray<Tensor> outputs = executors[step].Run(inputs);
                Advance(outputs[0].As<float>());
                cache = outputs[1..];
            }
        }

        void Theirs()
        {
            Restart();
            byte[] idBytes = new byte[8];
            byte[] positionBytes = new byte[8];
            BitConverter.TryWriteBytes(idBytes, token[0]);
            TensorType one = new(DType.I64, new Shape(1, 1));
            session.Bind(
            [
                (names[0], new Tensor(one, idBytes)), (names[1], new Tensor(one, positionBytes)), .. names[2..].Select(name => (name, empty)),
            ]);
            for (int step = 0; step < Steps; step++)
            {
                session.Step(1, 2, (logits, _) => Advance(logits));
                BitConverter.TryWriteBytes(idBytes, token[0]);
                BitConverter.TryWriteBytes(positionBytes, position[0]);
            }
        }

        void Other(LlamaCpp other)
        {
            Restart();
            other.Forget(0);
            for (int step = 0; step < Steps; step++)
            {
                other.Read([(int)token[0]]);
                Advance(other.Logits(Words));
            }
        }

        void Restart()
        {
            written.Clear();
            (token[0], position[0]) = (FirstToken, 0);
        }

        void Advance(ReadOnlySpan<float> logits)
        {
            int best = 0;
            for (int i = 1; i < logits.Length; i++)
            {
                best = logits[i] > logits[best] ? i : best;
            }

            written.Add(best);
            token[0] = best;
            position[0]++;
        }

        void Compare(string expected, string who)
        {
            if (string.Join(' ', written) != expected)
            {
                Console.Error.WriteLine($"{who} writes other tokens than ours");
            }
        }
    }

    private void Decoder(LlamaShape shape, LlamaOnnx models, string? gguf, int tokens, int past)
    {
        (string file, _) = models.Write(tokens, past);
        ImmutableArray<(string Name, Tensor Value)> inputs = models.Inputs(tokens, past);
        int[] ids = [.. Enumerable.Range(0, past + tokens).Select(models.Token)];
        using LlamaCpp? llama = gguf is null ? null : new LlamaCpp(gguf, past + tokens);
        if (llama is not null && past > 0)
        {
            llama.Read(ids.AsSpan(0, past));
        }

        long bytes = shape.Weights.Where(weight => !weight.IsTable).Sum(weight => weight.Bytes);
        string name = past == 0 ? $"reading {tokens}" : $"writing after {past}";
        RaceModel(Demo, name, "tokens/s", tokens, bytes, [], inputs, Other, file);
        if (llama is not null && past == 0)
        {
            Check(file, inputs, llama, shape.Vocabulary);
        }

        (string Who, Action Run)? Other(int threads)
        {
            llama?.SetThreads(threads);
            return llama is null ? null : (Llama, Read);
        }

        void Read()
        {
            llama!.Forget(past);
            llama.Read(ids.AsSpan(past));
        }
    }

    // All three compute the same function: a wrong head or a rotation in another order would show in the logits of the last token.
    private static void Check(string file, ImmutableArray<(string Name, Tensor Value)> inputs, LlamaCpp llama, int vocabulary)
    {
        using Pair pair = new([], inputs, 1, file);
        ReadOnlySpan<float> ours = pair.RunOurs()[0].As<float>()[^vocabulary..];
        ReadOnlySpan<float> theirs = llama.Logits(vocabulary);
        float largest = 0;
        float scale = 0;
        for (int i = 0; i < vocabulary; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(ours[i] - theirs[i]));
            scale = MathF.Max(scale, MathF.Abs(ours[i]));
        }

        Console.WriteLine(FormattableString.Invariant($"tokens: logits of ours and llama.cpp differ by {largest:G2} at most, of {scale:G3}"));
    }

    private static Tensor Index(long value) => Tensor.Of<long>(DType.I64, new Shape(1, 1), value);
}
