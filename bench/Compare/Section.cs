using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Bench.Timing;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Kernels.Cpu;
using VerifiableCompute.Engine.Onnx;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Compare;

/// <summary>A part of the comparison that runs alone and writes its own lines.</summary>
internal abstract class Section
{
    // Threads of OpenBLAS spin for some 25 ms after a call, those of ONNX Runtime for a few, on the processors of whose turn is next.
    private const double Rest = 0.03;

    /// <summary>Thread counts of every row.</summary>
    protected static readonly ImmutableArray<int> ThreadCounts = [1, 2];

    /// <summary>What they call the other library.</summary>
    protected const string Ort = "ONNX Runtime";

    /// <summary>Its name on the command line and in file names.</summary>
    public abstract string Name { get; }

    /// <summary>Its heading.</summary>
    public abstract string Title { get; }

    /// <summary>What its rows mean, in a sentence or two.</summary>
    public abstract string Text { get; }

    /// <summary>Its lines.</summary>
    public SectionResult Result { get; } = new();

    /// <summary>Measures.</summary>
    public abstract void Run();

    /// <summary>Adds a row and shows it.</summary>
    protected Row Add(Row row)
    {
        Result.Rows.Add(row);
        Console.WriteLine($"{Name}: {Tables.Line(row)}");
        return row;
    }

    /// <summary>Adds a figure and shows it.</summary>
    protected void Add(string group, string name, string what, double value, string unit)
    {
        Result.Figures.Add(new Figure(group, name, what, value, unit));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Name}: {group}, {name}: {what} {value:G4} {unit}"));
    }

    /// <summary>Adds a goal and shows it.</summary>
    protected void Add(Goal goal)
    {
        Result.Goals.Add(goal);
        Console.WriteLine($"{Name}: goal: {goal.What}: {goal.Now}: {goal.Verdict}");
    }

    /// <summary>Times sides in turn: one thread by its own time, more by the clock on the wall, each after a rest.</summary>
    protected Row Race(
        string group, string name, int threads, string unit, double amount, double bytes, params IReadOnlyList<(string Who, Action Run)> sides)
    {
        Pace pace = Pace.Table with { Rest = threads > 1 ? Rest : 0 };
        ImmutableArray<Samples> samples = Turns.Take(pace, Clock(threads), [.. sides.Select(side => side.Run)]);
        return Add(Row.Of(group, name, threads, unit, amount, bytes, [.. sides.Zip(samples, (side, taken) => (side.Who, taken))]));
    }

    /// <summary>One thread: its own time; more: the clock on the wall.</summary>
    protected static Func<double> Clock(int threads) => threads == 1 ? () => ThreadClock.Seconds : () => Turns.Wall;

    /// <summary>A model in ONNX Runtime and in ours, with 1 and 2 threads; other sides may join.</summary>
    protected void RaceModel(
        string group,
        string name,
        string unit,
        double amount,
        double bytes,
        byte[] model,
        ImmutableArray<(string Name, Tensor Value)> inputs,
        Func<int, (string Who, Action Run)?>? third = null,
        string? path = null)
    {
        foreach (int threads in ThreadCounts)
        {
            using Pair pair = new(model, inputs, threads, path);
            List<(string, Action)> sides = [("ours", pair.Ours)];
            if (pair.Theirs is Action theirs)
            {
                sides.Add((Ort, theirs));
            }

            if (third?.Invoke(threads) is (string, Action) other)
            {
                sides.Add(other);
            }

            Race(group, name, threads, unit, amount, bytes, sides);
        }
    }

    /// <summary>Geometric mean of the rows' ratios; NaN where there is none.</summary>
    protected static double Mean(IEnumerable<Row> rows)
    {
        double[] ratios = [.. rows.Where(row => row.Ratio is not null).Select(row => row.Ratio!.Value)];
        return ratios.Length == 0 ? double.NaN : Numbers.GeometricMean(ratios);
    }

    /// <summary>The least of the rows' ratios, with its row; NaN where there is none.</summary>
    protected static (double Value, string Where) Least(IEnumerable<Row> rows)
    {
        Row? least = rows.Where(row => row.Ratio is not null).MinBy(row => row.Ratio);
        return least is null ? (double.NaN, string.Empty) : (least.Ratio!.Value, $"{least.Case}, {least.Threads}t");
    }

    /// <summary>Rows of a group, of all thread counts or of one.</summary>
    protected IEnumerable<Row> In(string group, int threads = 0)
        => Result.Rows.Where(row => row.Group == group && (threads == 0 || row.Threads == threads));
}

/// <summary>One model on both sides, ready to run.</summary>
internal sealed class Pair : IDisposable
{
    /// <summary>Keeps their idle threads from spinning through our turns.</summary>
    public static readonly (string Key, string Value) Quiet = ("session.force_spinning_stop", "1");

    private readonly CpuBackend _backend;
    private readonly OrtSession? _session;

    /// <summary>Loads a model on both sides; ours from its file, where it is in one.</summary>
    public Pair(byte[] model, ImmutableArray<(string Name, Tensor Value)> inputs, int threads, string? path = null)
    {
        _backend = new CpuBackend(threads);
        Dictionary<string, Tensor> given = inputs.ToDictionary(input => input.Name, input => input.Value);
        Graph = (path is null ? OnnxModel.Parse(model) : OnnxModel.Load(path)).SpecializeForRun(given, _backend);
        Executor executor = new(Graph, _backend);
        ImmutableArray<Tensor> bound = OnnxModel.Bind(Graph, given);
        RunOurs = () => executor.Run(bound);
        Ours = () => executor.Recycle(executor.Run(bound));
        try
        {
            ImmutableArray<string> outputs = [.. Graph.Outputs.Select(output => output.Name)];
            _session = path is null
                ? new OrtSession(model, outputs, optimise: true, threads, Quiet)
                : new OrtSession(path, outputs, threads, Quiet);
            _session.Bind(inputs);
            Theirs = _session.RunOnly;
        }
        catch (OrtException refusal)
        {
            Console.Error.WriteLine($"ONNX Runtime: {refusal.Message}");
        }
    }

    /// <summary>The graph that ours runs.</summary>
    public Graph Graph { get; }

    /// <summary>Ours.</summary>
    public Func<ImmutableArray<Tensor>> RunOurs { get; }

    /// <summary>Ours, for the time it takes. Results are given back, as theirs are.</summary>
    public Action Ours { get; }

    /// <summary>Theirs; null where they refuse the model.</summary>
    public Action? Theirs { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session?.Dispose();
        _backend.Dispose();
    }
}

/// <summary>What a section found, as JSON lines: the machine first.</summary>
internal sealed class SectionResult
{
    /// <summary>The machine; of a result that was read, the one it was measured on.</summary>
    public Machine Machine { get; private set; } = Machine.Here;

    /// <summary>Comparisons.</summary>
    public List<Row> Rows { get; } = [];

    /// <summary>Other figures.</summary>
    public List<Figure> Figures { get; } = [];

    /// <summary>Lines of the goals table.</summary>
    public List<Goal> Goals { get; } = [];

    /// <summary>Writes the lines.</summary>
    public void Write(string path)
    {
        List<string> lines = [JsonSerializer.Serialize(new Line(Machine: Machine))];
        lines.AddRange(Rows.Select(row => JsonSerializer.Serialize(new Line(Row: row), Compact)));
        lines.AddRange(Figures.Select(figure => JsonSerializer.Serialize(new Line(Figure: figure), Compact)));
        lines.AddRange(Goals.Select(goal => JsonSerializer.Serialize(new Line(Goal: goal), Compact)));
        File.WriteAllLines(path, lines);
    }

    /// <summary>Reads what was written; null where there is nothing.</summary>
    public static SectionResult? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        SectionResult result = new();
        foreach (Line line in File.ReadLines(path).Select(text => JsonSerializer.Deserialize<Line>(text)!))
        {
            result.Machine = line.Machine ?? result.Machine;
            AddTo(result.Rows, line.Row);
            AddTo(result.Figures, line.Figure);
            AddTo(result.Goals, line.Goal);
        }

        return result;
    }

    private static readonly JsonSerializerOptions Compact = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
    };

    private static void AddTo<T>(List<T> list, T? item)
        where T : class
    {
        if (item is not null)
        {
            list.Add(item);
        }
    }

    private sealed record Line(Machine? Machine = null, Row? Row = null, Figure? Figure = null, Goal? Goal = null);
}
