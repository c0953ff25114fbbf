using System.Globalization;

namespace VerifiableCompute.Bench.Charts;

/// <summary>An axis of a plot.</summary>
/// <param name="Title">What it shows, with its unit.</param>
/// <param name="Low">Its least value.</param>
/// <param name="High">Its greatest value.</param>
/// <param name="IsLogarithmic">Whether equal steps are equal factors.</param>
/// <param name="At">Values with a line and a number, where they are not to be chosen.</param>
internal sealed record Axis(string Title, double Low, double High, bool IsLogarithmic, IReadOnlyList<double>? At = null)
{
    /// <summary>An axis that has room for some values.</summary>
    public static Axis Over(string title, bool logarithmic, IReadOnlyCollection<double> values)
        => logarithmic ? new(title, values.Min() / 1.4, values.Max() * 1.4, true)
            : new(title, Math.Min(0, values.Min()), Math.Max(values.Max(), 1e-9) * 1.1, false);

    /// <summary>Where a value is, 0 to 1.</summary>
    public double Place(double value)
        => IsLogarithmic ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low);

    /// <summary>Values with a line and a number.</summary>
    public IEnumerable<double> Ticks() => At ?? Chosen();

    private IEnumerable<double> Chosen()
    {
        if (IsLogarithmic)
        {
            bool few = High / Low > 1000;
            for (double power = Math.Pow(10, Math.Floor(Math.Log10(Low))); power <= High; power *= 10)
            {
                foreach (double step in few ? [1.0] : (double[])[1, 2, 5])
                {
                    if (power * step >= Low && power * step <= High)
                    {
                        yield return power * step;
                    }
                }
            }

            yield break;
        }

        double rough = (High - Low) / 5;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double distance = unit * (rough / unit < 1.5 ? 1 : rough / unit < 3.5 ? 2 : rough / unit < 7.5 ? 5 : 10);
        for (double value = Math.Ceiling(Low / distance) * distance; value <= High; value += distance)
        {
            yield return value;
        }
    }
}

/// <summary>A plot of points and lines over two axes, with a legend.</summary>
internal sealed class Plot
{
    private const int Left = 64;
    private const int Top = 56;
    private const int Right = 215;
    private const int Bottom = 52;

    private readonly Svg _svg = new(840, 440);
    private readonly Axis _x;
    private readonly Axis _y;
    private int _entries;

    /// <summary>Begins a plot.</summary>
    public Plot(string title, string note, Axis x, Axis y)
    {
        (_x, _y) = (x, y);
        _svg.Text(Left, 22, title, kind: "title");
        _svg.Text(Left, 40, note, kind: "note");
        foreach (double tick in x.Ticks())
        {
            _svg.Line("grid", false, (X(tick), Y(y.Low)), (X(tick), Y(y.High)));
            _svg.Text(X(tick), Y(y.Low) + 17, Number(tick), "middle");
        }

        foreach (double tick in y.Ticks())
        {
            _svg.Line("grid", false, (X(x.Low), Y(tick)), (X(x.High), Y(tick)));
            _svg.Text(Left - 7, Y(tick) + 4, Number(tick), "end");
        }

        _svg.Line("axis", false, (X(x.Low), Y(y.High)), (X(x.Low), Y(y.Low)), (X(x.High), Y(y.Low)));
        _svg.Text((X(x.Low) + X(x.High)) / 2, _svg.Height - 12, x.Title, "middle");
        _svg.Text(16, (Y(y.Low) + Y(y.High)) / 2, y.Title, "middle", turned: true);
    }

    /// <summary>Points of a series, with what is said when the mouse is over them.</summary>
    public void Points(int series, string name, IEnumerable<(double X, double Y, string Hint)> points)
    {
        foreach ((double x, double y, string hint) in points)
        {
            _svg.Mark(series, X(x), Y(y), hint);
        }

        _svg.Mark(series, _svg.Width - Right + 22, LegendY(), name);
        _svg.Text(_svg.Width - Right + 34, LegendY() + 4, name);
        _entries++;
    }

    /// <summary>A line of a series.</summary>
    public void Line(int series, string name, bool dashed, IEnumerable<(double X, double Y)> points)
    {
        _svg.Line(Svg.Colours[series % Svg.Colours.Length], dashed, points.Select(point => (X(point.X), Y(point.Y))));
        if (name.Length > 0)
        {
            double x = _svg.Width - Right + 12;
            _svg.Line(Svg.Colours[series % Svg.Colours.Length], dashed, (x, LegendY()), (x + 20, LegendY()));
            _svg.Text(x + 22, LegendY() + 4, name);
            _entries++;
        }
    }

    /// <summary>A limit: a grey line with its name beside its end.</summary>
    public void Limit(string name, bool dashed, params IReadOnlyList<(double X, double Y)> points)
    {
        _svg.Line("axis", dashed, points.Select(point => (X(point.X), Y(point.Y))));
        _svg.Text(X(points[^1].X) - 4, Y(points[^1].Y) - 5, name, "end", "note");
    }

    /// <summary>A word beside a point.</summary>
    public void Label(double x, double y, string text) => _svg.Text(X(x) + 8, Y(y) + 4, text, kind: "note");

    /// <inheritdoc/>
    public override string ToString() => _svg.ToString();

    private double LegendY() => Top + 10 + (20 * _entries);

    private double X(double value) => Left + (_x.Place(value) * (_svg.Width - Left - Right));

    private double Y(double value) => _svg.Height - Bottom - (_y.Place(value) * (_svg.Height - Top - Bottom));

    private static string Number(double value)
        => Math.Abs(value) >= 1e9 ? (value / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " G"
        : Math.Abs(value) >= 1e6 ? (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + " M"
        : value.ToString("0.###", CultureInfo.InvariantCulture);
}
