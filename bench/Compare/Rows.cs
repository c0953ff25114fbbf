using System.Globalization;

using VerifiableCompute.Engine.Cli.Timing;

namespace VerifiableCompute.Bench.Compare;

/// <summary>One side of a row.</summary>
/// <param name="Who">Whose code: ours, ONNX Runtime …</param>
/// <param name="Seconds">Median time of one run.</param>
/// <param name="Low">Lower quartile.</param>
/// <param name="High">Upper quartile.</param>
/// <param name="Ratio">Median over the rounds of this side's time divided by ours: above 1 ours is faster; ours has 1.</param>
internal sealed record Side(string Who, double Seconds, double Low, double High, double Ratio)
{
    /// <summary>Half the distance between the quartiles, as a share of the median.</summary>
    public double Spread => (High - Low) / (2 * Seconds);
}

/// <summary>One line of a table: sides timed in turn on the same work.</summary>
/// <param name="Group">What kind of row it is, within its section.</param>
/// <param name="Case">What ran.</param>
/// <param name="Threads">Threads of each side.</param>
/// <param name="Unit">What speeds are in: Gflop/s, GB/s, Gelem/s, tokens/s; ms where there is only time.</param>
/// <param name="Amount">Units of one run: 10^9 operations, bytes or elements, or tokens.</param>
/// <param name="Bytes">Bytes that a run moves at least: operands read and results written once; 0 where nobody counted.</param>
/// <param name="Sides">Ours first.</param>
internal sealed record Row(string Group, string Case, int Threads, string Unit, double Amount, double Bytes, IReadOnlyList<Side> Sides)
{
    /// <summary>Ours.</summary>
    public Side Ours => Sides[0];

    /// <summary>Ours beside the better of the others: above 1 ours is faster; null where nobody else ran.</summary>
    public double? Ratio => Sides.Count > 1 ? Sides.Skip(1).Min(side => side.Ratio) : null;

    /// <summary>Speed of a side in the row's unit.</summary>
    public double Speed(Side side) => Unit == "ms" ? 1e3 * side.Seconds : Amount / side.Seconds;

    /// <summary>The row of samples that were taken in turn.</summary>
    public static Row Of(string group, string name, int threads, string unit, double amount, double bytes, IReadOnlyList<(string Who, Samples Samples)> sides)
        => new(group, name, threads, unit, amount, bytes,
        [
            .. sides.Select(side => new Side(side.Who, side.Samples.Median, side.Samples.Low, side.Samples.High, side.Samples.Over(sides[0].Samples))),
        ]);
}

/// <summary>Something measured that is not a comparison.</summary>
/// <param name="Group">What kind of figure it is, within its section.</param>
/// <param name="Case">Of what.</param>
/// <param name="Name">Which figure.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record Figure(string Group, string Case, string Name, double Value, string Unit);

/// <summary>One line of the goals table.</summary>
/// <param name="What">What is to be reached.</param>
/// <param name="Target">The goal.</param>
/// <param name="Now">What was measured.</param>
/// <param name="Verdict">met, or missed by how much of the goal.</param>
internal sealed record Goal(string What, string Target, string Now, string Verdict)
{
    /// <summary>The goal of some figures, all of which are to be reached.</summary>
    public static Goal Of(string what, string target, params IReadOnlyList<Part> parts)
    {
        Part[] there = [.. parts.Where(part => !double.IsNaN(part.Value))];
        if (there.Length == 0)
        {
            return new Goal(what, target, "not measured", "open");
        }

        double worst = there.Max(part => part.Miss);
        Part[] missed = [.. there.Where(part => part.Miss > 0)];
        string verdict = worst <= 0 ? "met"
            : missed.Length == there.Length ? Percent("missed by", worst)
            : $"{Percent("missed by", worst)} ({missed.Length} of {there.Length})";
        return new Goal(what, target, string.Join("; ", there.Select(part => part.Text)), verdict);
    }

    private static string Percent(string words, double share) => string.Create(CultureInfo.InvariantCulture, $"{words} {share:P0}").Replace(" %", " %", StringComparison.Ordinal);
}

/// <summary>A figure of a goal.</summary>
/// <param name="Text">The figure, in words.</param>
/// <param name="Value">Its value; NaN where it could not be measured.</param>
/// <param name="Limit">What it is to reach.</param>
/// <param name="IsFloor">Whether it is to be at least that; otherwise at most.</param>
internal sealed record Part(string Text, double Value, double Limit, bool IsFloor)
{
    /// <summary>By how much it is missed, as a share of the limit; not above 0 where it is met.</summary>
    public double Miss => IsFloor ? (Limit - Value) / Limit : (Value - Limit) / Limit;

    /// <summary>A ratio that is to be at least so much.</summary>
    public static Part AtLeast(double value, double limit, string words = "", string format = "0.00", string unit = "×")
        => new(Say(value, words, format, unit), value, limit, IsFloor: true);

    /// <summary>A figure that is to be at most so much.</summary>
    public static Part AtMost(double value, double limit, string words, string format, string unit)
        => new(Say(value, words, format, unit), value, limit, IsFloor: false);

    private static string Say(double value, string words, string format, string unit)
        => $"{words}{(words.Length > 0 ? " " : string.Empty)}{value.ToString(format, CultureInfo.InvariantCulture)}{unit}";
}
