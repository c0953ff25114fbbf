using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Linq;
using System.Threading;

namespace VerifiableCompute.Engine.Cli.Timing;

/// <summary>How long to measure, for each of the ways that are compared.</summary>
/// <param name="Warm">Seconds of warm-up: the runtime compiles hot code in tiers.</param>
/// <param name="Sample">Seconds of one sample, for what takes less: several runs are one sample then.</param>
/// <param name="Budget">Seconds of samples.</param>
/// <param name="Fewest">Samples at least, whatever they cost.</param>
/// <param name="Most">Samples at most.</param>
/// <param name="Rest">Seconds of rest before each turn, in which threads of the way before that still wait for work by spinning go to sleep.</param>
internal sealed record Pace(double Warm, double Sample, double Budget, int Fewest, int Most, double Rest = 0)
{
    /// <summary>For tables of many rows.</summary>
    internal static Pace Table { get; } = new(0.8, 0.004, 0.5, 5, 41);
}

/// <summary>Samples of one way, in seconds of one run.</summary>
/// <param name="Values">The samples in the order in which they were taken.</param>
internal sealed record Samples(ImmutableArray<double> Values)
{
    private readonly ImmutableArray<double> _sorted = [.. Values.Order()];

    /// <summary>Their median.</summary>
    internal double Median => Quantile(0.5);

    /// <summary>The lower quartile.</summary>
    internal double Low => Quantile(0.25);

    /// <summary>The upper quartile.</summary>
    internal double High => Quantile(0.75);

    /// <summary>The least.</summary>
    internal double Least => _sorted[0];

    /// <summary>Median over the rounds of this way's time divided by another's: what drifts with the machine cancels.</summary>
    internal double Over(Samples other) => new Samples([.. Values.Zip(other.Values, (ours, theirs) => ours / theirs)]).Median;

    private double Quantile(double share) => _sorted[(int)(share * (_sorted.Length - 1))];
}

/// <summary>Times several ways of doing something, in turn, so that all meet the same machine.</summary>
internal static class Turns
{
    // A way of less than this runs once before its turn is timed: it finds workers parked, and caches full of what ran before.
    private const double Short = 0.02;

    /// <summary>Seconds since some moment.</summary>
    internal static double Wall => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    /// <summary>Takes samples of all ways in turn.</summary>
    /// <param name="pace">How long.</param>
    /// <param name="clock">Seconds since some moment.</param>
    /// <param name="ways">What runs.</param>
    /// <param name="cancellation">Cancels between runs.</param>
    internal static ImmutableArray<Samples> Take(
        Pace pace, Func<double> clock, IReadOnlyList<Action> ways, CancellationToken cancellation = default)
    {
        int[] runs = [.. ways.Select(way => Calibrate(pace, way, cancellation))];
        List<double>[] times = [.. ways.Select(_ => new List<double>())];
        double end = Wall + ((pace.Budget + (pace.Rest * pace.Most)) * ways.Count);
        while (times[0].Count < pace.Fewest || (times[0].Count < pace.Most && Wall < end))
        {
            for (int i = 0; i < ways.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Thread.Sleep(TimeSpan.FromSeconds(pace.Rest));
                if (runs[i] > 1 || (times[i].Count > 0 && times[i][^1] < Short))
                {
                    ways[i]();
                }

                times[i].Add(Time(clock, ways[i], runs[i]));
            }
        }

        return [.. times.Select(list => new Samples([.. list]))];
    }

    // Warms up, and gives the number of runs of one sample.
    private static int Calibrate(Pace pace, Action way, CancellationToken cancellation)
    {
        double start = Wall;
        int runs = 0;
        double last = 0;
        while (runs < 2 || (Wall - start < pace.Warm && runs < 20_000))
        {
            cancellation.ThrowIfCancellationRequested();
            double before = Wall;
            way();
            last = Wall - before;
            runs++;
        }

        return last > pace.Sample ? 1 : Math.Max(1, (int)(pace.Sample / (Time(() => Wall, way, 3) + 1e-9)));
    }

    private static double Time(Func<double> clock, Action way, int runs)
    {
        double start = clock();
        for (int i = 0; i < runs; i++)
        {
            way();
        }

        return (clock() - start) / runs;
    }
}
