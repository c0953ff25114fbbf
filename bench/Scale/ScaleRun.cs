using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Charts;
using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Bench.Generated;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Cli;

namespace VerifiableCompute.Bench.Scale;

/// <summary>One point of the study. Seconds and bytes.</summary>
/// <param name="Shape">Sizes of the model.</param>
/// <param name="Tokens">Tokens that are read at once.</param>
/// <param name="Nodes">Nodes of the graph.</param>
/// <param name="Work">Operations of products.</param>
/// <param name="First">Loading, planning and the first run.</param>
/// <param name="Run">A plain run.</param>
/// <param name="Overhead">What committing takes beyond it, as a share.</param>
/// <param name="Resident">Most memory of the process until its first run was over.</param>
/// <param name="Trace">Committed values.</param>
/// <param name="Proof">Answer to a challenge of 100 samples.</param>
/// <param name="Prove">Making it.</param>
/// <param name="Verify">Judging it.</param>
internal sealed record ScalePoint(
    LlamaShape Shape,
    int Tokens,
    int Nodes,
    double Work,
    double First,
    double Run,
    double Overhead,
    double Resident,
    double Trace,
    double Proof,
    double Prove,
    double Verify)
{
    /// <summary>What the trace is made of: width times tokens of every layer, scores of every layer, logits.</summary>
    public double[] TraceFeatures => Features(Shape, Tokens);

    /// <summary>The same for any sizes.</summary>
    public static double[] Features(LlamaShape shape, double tokens)
        => [4.0 * shape.Layers * tokens * shape.Width, 4.0 * shape.Layers * shape.Heads * tokens * tokens, 4.0 * tokens * shape.Vocabulary];
}

/// <summary>The verb <c>scale</c>: generated decoders from 10^6 to 10^9 parameters and texts from 16 to 2,048 tokens, each in a process of its own, and
/// what follows for sizes that do not fit.</summary>
internal static class ScaleRun
{
    private const int Text = 128;
    private const string Policy = "compact";
    private const string Suite = "blake3";

    private static readonly LlamaShape[] Sizes =
    [
        new(4, 128, 4, 384, 1024), new(6, 320, 5, 896, 4096), LlamaShape.Demo, new(12, 768, 12, 2048, 32000), new(16, 1536, 12, 4096, 32000),
        new(16, 2048, 16, 5632, 32000),
    ];

    private static readonly int[] Lengths = [16, 64, 256, 512, 1024, 2048];

    // Grouped keys and values, which the large ones have, make their traces a little smaller than these say.
    private static readonly (string Name, LlamaShape Shape, double Parameters)[] Beyond =
    [
        ("8 B", new(32, 4096, 32, 14336, 128256), 8.0e9), ("70 B", new(80, 8192, 64, 28672, 128256), 70.6e9),
    ];

    /// <summary>Runs the points of up to so many million parameters; all where there is no number.</summary>
    public static int Run(string limit)
    {
        double most = limit.Length == 0 ? double.MaxValue : 1e6 * double.Parse(limit, CultureInfo.InvariantCulture);
        List<ScalePoint> points = [];
        foreach ((LlamaShape shape, int tokens) in Sizes.Select(shape => (shape, Text)).Concat(Lengths.Select(length => (LlamaShape.Demo, length))))
        {
            if (shape.Parameters <= most)
            {
                points.Add(Measure(shape, tokens));
                Console.WriteLine(Line(points[^1]));
            }
        }

        if (limit.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            Machine.MeasureLimits();
            IEnumerable<string> lines = points.Select(point => JsonSerializer.Serialize(point)).Prepend(JsonSerializer.Serialize(Machine.Here));
            File.WriteAllLines(Path.Combine(Folders.Results, "scale.jsonl"), lines);
            File.WriteAllText(Path.Combine(Folders.Results, "scale.md"), Markdown(points));
            return 0;
        }

        Console.WriteLine(Markdown(points));
        return 0;
    }

    private static ScalePoint Measure(LlamaShape shape, int tokens)
    {
        (string model, string inputs) = new LlamaOnnx(shape, LlamaOnnx.Folder(shape)).Write(tokens, 0);
        double seconds = shape.Parameters > 2e8 ? 10 : 2;
        string[] arguments =
        [
            typeof(ExitCode).Assembly.Location, "bench", model, "--inputs", inputs, "--policy", Policy, "--suite", Suite, "--json",
            "--seconds", seconds.ToString(CultureInfo.InvariantCulture),
        ];
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{shape}, {tokens} tokens: a process ended with {process.ExitCode}");
        }

        JsonElement said = JsonDocument.Parse(output).RootElement;
        double Get(string name) => said.GetProperty(name).GetDouble();
        if (said.GetProperty("refusal").ValueKind != JsonValueKind.Null)
        {
            throw new InvalidOperationException($"{shape}, {tokens} tokens: {said.GetProperty("refusal").GetString()}");
        }

        JsonElement cost = said.GetProperty("commitments").EnumerateArray().Single();
        return new ScalePoint(
            shape,
            tokens,
            said.GetProperty("nodes").GetInt32(),
            Get("work"),
            (Get("load_milliseconds") + Get("first_milliseconds")) / 1e3,
            Get("milliseconds") / 1e3,
            cost.GetProperty("overhead").GetDouble(),
            Get("resident_bytes"),
            cost.GetProperty("committed_bytes").GetDouble(),
            cost.GetProperty("proof_bytes").GetDouble(),
            cost.GetProperty("prove_milliseconds").GetDouble() / 1e3,
            cost.GetProperty("verify_milliseconds").GetDouble() / 1e3);
    }

    private static string Markdown(List<ScalePoint> points)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# How cost grows with size\n\n`bench/scale.sh`. {Machine.Here}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Generated decoders (llama architecture, f32), a text read at once, the default policy ({Policy}/2), ");
        text.Append(CultureInfo.InvariantCulture, $"{Suite},\n");
        text.Append("100 samples, all threads; each point in a process of its own. What the columns mean and what is assumed: docs/scaling.md.\n\n");
        text.Append("| parameters | width | layers | tokens | run, s | Gflop/s | first, s | resident, GB | overhead | trace, MB | bytes/kflop | proof, MB ");
        text.Append("| prove, s | verify, s |\n");
        text.Append("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (ScalePoint point in points)
        {
            text.Append(Line(point)).Append('\n');
        }

        Fit time = Fit.Of([.. points.Select(point => new[] { point.Work, point.Nodes, 4.0 * point.Shape.Parameters })], [.. points.Select(point => point.Run)]);
        Fit trace = Fit.Of([.. points.Select(point => point.TraceFeatures)], [.. points.Select(point => point.Trace)]);
        ScalePoint[] dear = [.. points.Where(point => point.Overhead > 0.002)];
        Fit cost = Fit.Of([.. dear.Select(point => new[] { point.Trace, point.Nodes })], [.. dear.Select(point => point.Overhead * point.Run)]);
        Fit memory = Fit.Of([.. points.Select(point => new[] { 4.0 * point.Shape.Parameters, point.Trace, 1 })], [.. points.Select(point => point.Resident)]);
        Fit proof = Fit.Of([.. points.Select(point => Proof(point.Shape, point.Tokens))], [.. points.Select(point => point.Proof)]);
        Fit prove = Fit.Of([.. points.Select(point => new[] { 1.0, point.Proof, point.Trace })], [.. points.Select(point => point.Prove)]);
        Fit verify = Fit.Of([.. points.Select(point => new[] { 1.0, point.Proof })], [.. points.Select(point => point.Verify)]);
        text.Append("\n## Fitted model\n\n");
        text.Append("Least squares of relative errors, factors not below 0; n: nodes, W: bytes of weights, T: tokens, L: layers,\n");
        text.Append("d: width, f: inner width, H: heads, V: words.\n\n");
        text.Append("| of | model | largest error |\n|---|---|--:|\n");
        Say("run, s", $"flop / {Inverse(time.Factors[0])} + n · {Micro(time.Factors[1])} + W / {Inverse(time.Factors[2])}", time);
        Say("trace, bytes", $"4 · ({trace.Factors[0]:0.00} · L·T·d + {trace.Factors[1]:0.00} · L·H·T² + {trace.Factors[2]:0.00} · T·V)", trace);
        Say("committing, s beyond a run", $"trace / {Inverse(cost.Factors[0])} + n · {Micro(cost.Factors[1])}", cost);
        Say("resident, bytes", $"{memory.Factors[0]:0.00} · W + {memory.Factors[1]:0.00} · trace + {memory.Factors[2] / 1e6:0} MB", memory);
        Say("proof, bytes", $"{proof.Factors[0]:0} + {proof.Factors[1]:0.00} · 4·(d + f) + {proof.Factors[2]:0.00} · 4·T", proof);
        Say("prove, s", $"{prove.Factors[0]:0.000} + proof / {Inverse(prove.Factors[1])} + trace / {Inverse(prove.Factors[2])}", prove);
        Say("verify, s", $"{verify.Factors[0]:0.000} + proof / {Inverse(verify.Factors[1])}", verify);
        text.Append("\n## Beyond what fits\n\n");
        text.Append("The model at 2,048 tokens, on this machine if it had the memory; speed as measured here on the largest model.\n\n");
        text.Append("| model | Tflop | run, s | overhead | trace, GB | hashed, bytes/kflop | resident, GB | proof, MB | verify, s ");
        text.Append("| hashing for 1 % at 1 / 400 Tflop/s, GB/s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        ScalePoint largest = points.MaxBy(point => point.Shape.Parameters)!;
        double speed = largest.Work / largest.Run;
        foreach ((string name, LlamaShape shape, double parameters) in Beyond)
        {
            const double tokens = 2048;
            double work = (2 * tokens * (parameters - ((double)shape.Vocabulary * shape.Width))) + (4 * shape.Layers * tokens * tokens * shape.Width);
            double bytes = trace.At(ScalePoint.Features(shape, tokens));
            double run = work / speed;
            double overhead = cost.At(bytes, shape.Layers * 30) / run;
            double size = proof.At(Proof(shape, (int)tokens));
            double hashing = 100 * bytes / work * 1e12 / 1e9;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {work / 1e12:0} | {run:0} | {100 * overhead:0.0} % | {bytes / 1e9:0} | {1e3 * bytes / work:0.000} "
                + $"| {memory.At(4 * parameters, bytes, 1) / 1e9:0} | {size / 1e6:0.0} | {verify.At(1, size):0.00} | {hashing:0} / {400 * hashing:0} |\n");
        }

        foreach ((string file, string title) in Charts(points))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n![{title}](charts/{file})\n");
        }

        return text.ToString();

        void Say(string of, FormattableString model, Fit fit)
            => text.Append(CultureInfo.InvariantCulture, $"| {of} | {model.ToString(CultureInfo.InvariantCulture)} | {100 * fit.LargestError:0} % |\n");
    }

    // What 100 samples open: rows of weights and activations, as long as the widths, and rows of scores.
    private static double[] Proof(LlamaShape shape, int tokens) => [1, 4.0 * (shape.Width + shape.Inner), 4.0 * tokens];

    private static IEnumerable<(string File, string Title)> Charts(List<ScalePoint> points)
    {
        ScalePoint[] sizes = [.. points.Where(point => point.Tokens == Text).OrderBy(point => point.Shape.Parameters)];
        double[] parameters = [.. sizes.Select(point => (double)point.Shape.Parameters)];
        Plot plot = new(
            "Time against size, 128 tokens",
            "generated decoders, f32; a plain run, a committed run, and answering and judging a challenge of 100 samples",
            Axis.Over("parameters", true, parameters),
            Axis.Over("seconds", true, [.. sizes.SelectMany(point => new[] { point.Run, point.Prove, point.Verify })]));
        (string Name, Func<ScalePoint, double> Value)[] series =
        [
            ("run", point => point.Run), ("committed run", point => point.Run * (1 + point.Overhead)), ("prove", point => point.Prove),
            ("verify", point => point.Verify),
        ];
        for (int i = 0; i < series.Length; i++)
        {
            (string name, Func<ScalePoint, double> value) = series[i];
            plot.Points(i, name, sizes.Select(point => ((double)point.Shape.Parameters, value(point), $"{point.Shape}: {Numbers.Short(value(point))} s")));
            plot.Line(i, string.Empty, false, sizes.Select(point => ((double)point.Shape.Parameters, value(point))));
        }

        yield return ChartFiles.Save("scale.svg", "Time against size", plot.ToString());
    }

    private static string Inverse(double factor)
        => factor == 0 ? "∞" : string.Create(CultureInfo.InvariantCulture, $"{Numbers.Short(1 / factor / 1e9)} G/s");

    private static string Micro(double factor) => string.Create(CultureInfo.InvariantCulture, $"{1e6 * factor:0.0} µs");

    private static string Line(ScalePoint p) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {p.Shape.Parameters / 1e6:0.0} M | {p.Shape.Width} | {p.Shape.Layers} | {p.Tokens} | {Numbers.Short(p.Run)} "
        + $"| {p.Work / p.Run / 1e9:0} | {p.First:0.0} | {p.Resident / 1e9:0.00} | {100 * p.Overhead:0.0} % | {p.Trace / 1e6:0.0} "
        + $"| {1e3 * p.Trace / p.Work:0.00} | {p.Proof / 1e6:0.00} | {Numbers.Short(p.Prove)} | {Numbers.Short(p.Verify)} |");
}
