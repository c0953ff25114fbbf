using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Speed;

/// <summary>One line of the table; times in milliseconds of one run.</summary>
/// <param name="Case">What ran.</param>
/// <param name="Threads">Threads of each side.</param>
/// <param name="Rounds">Samples of each side, taken in turn.</param>
/// <param name="Ours">Median of ours.</param>
/// <param name="Theirs">Median of theirs.</param>
/// <param name="OursLeast">Least of ours.</param>
/// <param name="TheirsLeast">Least of theirs.</param>
/// <param name="Ratio">Ours divided by theirs, medians; below 1 we are faster.</param>
/// <param name="Gflops">Ours, 10^9 operations a second; 0 where nobody counted.</param>
/// <param name="Refusal">Why there is no measurement.</param>
internal sealed record SpeedResult(
    string Case,
    int Threads,
    int Rounds,
    double Ours,
    double Theirs,
    double OursLeast,
    double TheirsLeast,
    double Ratio,
    double Gflops,
    string? Refusal = null);

/// <summary>The verb <c>speed</c>: ours and ONNX Runtime at its default optimisation, in turn.</summary>
internal static class SpeedRun
{
    private const int Rounds = 21;
    private const double SampleSeconds = 0.005;
    private const double Budget = 2;

    /// <summary>Runs the cases whose name contains the filter.</summary>
    public static int Run(string filter)
    {
        List<SpeedResult> results = [];
        foreach ((string name, Func<SpeedCase> make) in SpeedCases.All)
        {
            if (!name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (int threads in (int[])[1, 2])
            {
                results.Add(Guarded(name, make, threads));
                Console.WriteLine(Line(results[^1]));
            }
        }

        if (filter.Length == 0)
        {
            Directory.CreateDirectory(Folders.Results);
            List<string> lines = [JsonSerializer.Serialize(Machine.Here)];
            lines.AddRange(results.Select(result => JsonSerializer.Serialize(result)));
            File.WriteAllLines(Path.Combine(Folders.Results, "speed.jsonl"), lines);
            File.WriteAllText(Path.Combine(Folders.Results, "speed.md"), Markdown(results));
        }

        return results.Exists(result => result.Refusal is not null) ? 1 : 0;
    }

    // A case that one side cannot run is a line of the table; the other cases still count. The message may name files.
    private static SpeedResult Guarded(string name, Func<SpeedCase> make, int threads)
    {
        try
        {
            return Measure(make(), threads);
        }
        catch (Exception refusal) when (refusal is IOException or OrtException or ArgumentException or InvalidOperationException
            or Engine.Onnx.UnsupportedModelException or Engine.Onnx.InvalidModelException)
        {
            Console.Error.WriteLine($"{name}: {refusal.Message}");
            return new(name, threads, 0, 0, 0, 0, 0, 0, 0, refusal.GetType().Name);
        }
    }

    private static SpeedResult Measure(SpeedCase @case, int threads)
    {
        // Their idle threads would otherwise spin through our turns.
        using OrtSession session = new(
            @case.Model, @case.Outputs, optimise: true, threads, ("session.force_spinning_stop", "1"));
        session.Bind(@case.Inputs);
        using IBackend backend = Backends.Fast(threads);
        Executor executor = new(@case.Graph, backend);
        Dictionary<string, Tensor> given = @case.Inputs.ToDictionary(input => input.Name, input => input.Value);
        System.Collections.Immutable.ImmutableArray<Tensor> inputs = [.. @case.Graph.Inputs.Select(input => given[input.Name])];
        void Ours() => executor.Run(inputs);

        int oursRuns = Calibrate(Ours);
        int theirRuns = Calibrate(session.RunOnly);
        List<double> ours = [];
        List<double> theirs = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (ours.Count < 5 || (ours.Count < Rounds && watch.Elapsed.TotalSeconds < Budget))
        {
            ours.Add(Time(Ours, oursRuns));
            theirs.Add(Time(session.RunOnly, theirRuns));
        }

        ours.Sort();
        theirs.Sort();
        double median = ours[ours.Count / 2];
        double theirMedian = theirs[theirs.Count / 2];
        return new(
            @case.Name, threads, ours.Count, Round(median), Round(theirMedian), Round(ours[0]), Round(theirs[0]),
            Round(median / theirMedian), Round(@case.Operations / (median * 1e6)));
    }

    // Warms up (the runtime compiles hot code in tiers) and gives the number of runs of one sample.
    private static int Calibrate(Action run)
    {
        Stopwatch watch = Stopwatch.StartNew();
        int runs = 0;
        while (runs < 3 || (watch.Elapsed.TotalSeconds < 0.3 && runs < 10_000))
        {
            run();
            runs++;
        }

        return Math.Max(1, (int)(SampleSeconds / (Time(run, 3) / 1000)));
    }

    private static double Time(Action run, int runs)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < runs; i++)
        {
            run();
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / runs;
    }

    private static double Round(double value) => double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Markdown(List<SpeedResult> results)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Speed beside ONNX Runtime\n\n{Machine.Here}\n\n");
        text.Append("Milliseconds of one run: median of samples taken in turn, in brackets the least. ONNX Runtime at its default optimisation.\n");
        text.Append("Ratio: ours divided by theirs; below 1 we are faster. Load by other programs is not excluded.\n\n");
        text.Append("| case | threads | ours | theirs | ratio | ours, Gflop/s |\n|---|--:|--:|--:|--:|--:|\n");
        foreach (SpeedResult result in results)
        {
            text.Append(Line(result)).Append('\n');
        }

        return text.ToString();
    }

    private static string Line(SpeedResult r) => r.Refusal is not null
        ? string.Create(CultureInfo.InvariantCulture, $"| {r.Case} | {r.Threads} | {r.Refusal} | | | |")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"| {r.Case} | {r.Threads} | {r.Ours} ({r.OursLeast}) | {r.Theirs} ({r.TheirsLeast}) "
            + $"| {r.Ratio} | {(r.Gflops > 0 ? r.Gflops.ToString(CultureInfo.InvariantCulture) : string.Empty)} |");
}
