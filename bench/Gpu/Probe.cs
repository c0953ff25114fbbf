using System.Diagnostics;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Cli.Timing;
using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>What is asked of a device, within a time.</summary>
/// <param name="name">Its name on the command line.</param>
/// <param name="title">Its heading.</param>
/// <param name="seconds">Its time: cases that begin after it are left out, and that is said.</param>
internal abstract class Probe(string name, string title, double seconds)
{
    private static readonly Pace Pace = new(0.05, 0.0001, 0.3, 5, 25);
    private readonly Stopwatch _watch = new();
    private Findings? _findings;
    private int _left;

    /// <summary>Its name on the command line.</summary>
    public string Name => name;

    /// <summary>Its heading.</summary>
    public string Title => title;

    /// <summary>The device, and on it a backend.</summary>
    protected GpuBackend Backend { get; private set; } = null!;

    /// <summary>The device.</summary>
    protected IGpuDevice Device => Backend.Device;

    /// <summary>Whether only the paths are to be tried, on small sizes.</summary>
    protected bool IsQuick { get; private set; }

    /// <summary>Asks.</summary>
    public void Run(GpuBackend backend, bool quick, Findings findings)
    {
        (Backend, IsQuick, _findings) = (backend, quick, findings);
        _watch.Restart();
        try
        {
            Run();
        }
        catch (Exception failure)
        {
            // The others are worth running all the same.
            Wrong($"{failure.GetType().Name}: {failure.Message}");
        }

        if (_left > 0)
        {
            Wrong($"{_left} cases are left out: the time was over");
        }

        Add(new Figure("time", "section", "taken", _watch.Elapsed.TotalSeconds, "s"));
    }

    /// <summary>Asks.</summary>
    protected abstract void Run();

    /// <summary>Whether a case may begin; it counts as left out where it may not.</summary>
    protected bool MayBegin()
    {
        bool may = _watch.Elapsed.TotalSeconds < seconds;
        _left += may ? 0 : 1;
        return may;
    }

    /// <summary>A sentence.</summary>
    protected void Note(string text) => _findings!.Note(this, text);

    /// <summary>Something that must not be.</summary>
    protected void Wrong(string text) => _findings!.Wrong(this, text);

    /// <summary>A figure.</summary>
    protected void Add(Figure figure) => _findings!.Add(this, figure);

    /// <summary>A goal.</summary>
    protected void Add(Goal goal) => _findings!.Add(this, goal);

    /// <summary>Times ways in turn: of each a batch of launches that are waited for together.</summary>
    /// <returns>Seconds of one launch.</returns>
    protected Samples[] Time(params IReadOnlyList<(Action Launch, Action Wait)> ways)
    {
        const double Batch = 0.02;
        const int MostLaunches = 500;
        List<(Action Way, int Launches)> batches = [];
        foreach ((Action launch, Action wait) in ways)
        {
            launch();
            wait();
            double start = Turns.Wall;
            launch();
            wait();
            int launches = Math.Clamp((int)(Batch / (Turns.Wall - start + 1e-9)), 1, IsQuick ? 1 : MostLaunches);
            batches.Add((() =>
            {
                for (int i = 0; i < launches; i++)
                {
                    launch();
                }

                wait();
            }, launches));
        }

        Pace pace = IsQuick ? new Pace(0, 0, 0, 1, 1) : Pace;
        return
        [
            .. Turns.Take(pace, () => Turns.Wall, [.. batches.Select(batch => batch.Way)])
                .Zip(batches, (samples, batch) => new Samples([.. samples.Values.Select(value => value / batch.Launches)])),
        ];
    }
}
