using System.Globalization;
using System.Net;
using System.Text;

namespace VerifiableCompute.Bench.Charts;

/// <summary>A picture that is being drawn: lines, marks and words, in colours that can be read on light and on dark ground.</summary>
/// <param name="width">Width in pixels.</param>
/// <param name="height">Height in pixels.</param>
internal sealed class Svg(int width, int height)
{
    /// <summary>Colours of series, in order; apart for most kinds of colour vision.</summary>
    public static readonly string[] Colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"];

    private readonly StringBuilder _body = new();

    /// <summary>Width in pixels.</summary>
    public int Width => width;

    /// <summary>Height in pixels.</summary>
    public int Height => height;

    /// <summary>A line through points.</summary>
    /// <param name="colour">A colour, or a class of the style: axis, grid.</param>
    /// <param name="dashed">Whether it is dashed.</param>
    /// <param name="points">The points.</param>
    public void Line(string colour, bool dashed, params IEnumerable<(double X, double Y)> points)
    {
        string path = string.Join(' ', points.Select(point => Invariant($"{point.X:0.0},{point.Y:0.0}")));
        string style = colour.StartsWith('#') ? $"stroke=\"{colour}\" stroke-width=\"2\"" : $"class=\"{colour}\"";
        _body.Append(Invariant($"<polyline points=\"{path}\" fill=\"none\" {style}{(dashed ? " stroke-dasharray=\"5 4\"" : string.Empty)}/>\n"));
    }

    /// <summary>A mark of a series: circle, square, triangle, diamond.</summary>
    public void Mark(int series, double x, double y, string hint)
    {
        string shape = (series % 4) switch
        {
            0 => Invariant($"<circle cx=\"{x:0.0}\" cy=\"{y:0.0}\" r=\"4.5\""),
            1 => Invariant($"<rect x=\"{x - 4:0.0}\" y=\"{y - 4:0.0}\" width=\"8\" height=\"8\""),
            2 => Invariant($"<path d=\"M{x:0.0} {y - 5:0.0}l5 9h-10z\""),
            _ => Invariant($"<path d=\"M{x:0.0} {y - 5.5:0.0}l5 5.5l-5 5.5l-5 -5.5z\""),
        };
        string name = shape[1..shape.IndexOf(' ', StringComparison.Ordinal)];
        _body.Append($"{shape} fill=\"{Colours[series % Colours.Length]}\" fill-opacity=\"0.8\"><title>{Escape(hint)}</title></{name}>\n");
    }

    /// <summary>A bar.</summary>
    public void Bar(int series, double x, double y, double width, double height)
        => _body.Append(Invariant($"<rect x=\"{x:0.0}\" y=\"{y:0.0}\" width=\"{width:0.0}\" height=\"{height:0.0}\" fill=\"{Colours[series % Colours.Length]}\"/>\n"));

    /// <summary>Words.</summary>
    /// <param name="x">Where they begin, have their middle, or end.</param>
    /// <param name="y">Their base line.</param>
    /// <param name="text">The words.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="kind">A class of the style: title, note, label.</param>
    /// <param name="turned">Whether they run upwards.</param>
    public void Text(double x, double y, string text, string anchor = "start", string kind = "label", bool turned = false)
    {
        string turn = turned ? Invariant($" transform=\"rotate(-90 {x:0.0} {y:0.0})\"") : string.Empty;
        _body.Append(Invariant($"<text x=\"{x:0.0}\" y=\"{y:0.0}\" text-anchor=\"{anchor}\" class=\"{kind}\"{turn}>{Escape(text)}</text>\n"));
    }

    /// <summary>The file.</summary>
    public override string ToString() => Invariant($"""
        <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
        <style>
        text {"{"} font-family: system-ui, sans-serif; font-size: 12px; fill: #333 {"}"}
        .title {"{"} font-size: 15px; font-weight: 600 {"}"}
        .note {"{"} font-size: 11px; fill: #666 {"}"}
        .axis {"{"} stroke: #666; stroke-width: 1 {"}"}
        .grid {"{"} stroke: #888; stroke-width: 0.5; stroke-opacity: 0.4 {"}"}
        @media (prefers-color-scheme: dark) {"{"} text {"{"} fill: #ddd {"}"} .note {"{"} fill: #aaa {"}"} .axis {"{"} stroke: #aaa {"}"} {"}"}
        </style>
        {_body}</svg>

        """);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
