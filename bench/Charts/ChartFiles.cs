using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Bench.Reports;

namespace VerifiableCompute.Bench.Charts;

/// <summary>The charts that results are shown by.</summary>
internal static class ChartFiles
{
    /// <summary>Where they are.</summary>
    public static string Folder { get; } = Path.Combine(Folders.Results, "charts");

    /// <summary>Writes the charts that there are results for.</summary>
    /// <returns>File and title of each.</returns>
    public static IEnumerable<(string File, string Title)> Write(IReadOnlyDictionary<string, SectionResult> results)
    {
        if (results.TryGetValue("gemm", out SectionResult? gemm))
        {
            foreach (int threads in new[] { 1, 2 })
            {
                yield return Save($"roofline-{threads}.svg", $"Roofline of f32 products, {threads} thread(s)", Roofline(gemm, threads));
            }
        }

        if (results.TryGetValue("tokens", out SectionResult? tokens))
        {
            yield return Save("tokens.svg", "Tokens a second", Tokens(tokens));
        }

        if (results.TryGetValue("commit", out SectionResult? commit))
        {
            yield return Save("overhead.svg", "Commit overhead of a transformer layer", Overhead(commit));
            yield return Save("proof.svg", "Size of proofs and overhead", Proofs(commit));
        }
    }

    /// <summary>Writes a chart.</summary>
    public static (string File, string Title) Save(string file, string title, string svg)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, file), svg);
        return (file, title);
    }

    private static string Roofline(SectionResult gemm, int threads)
    {
        Row[] rows = [.. gemm.Rows.Where(row => row.Unit == "Gflop/s" && row.Threads == threads && row.Group.EndsWith("constant B", StringComparison.Ordinal))];
        double peak = gemm.Machine.Peak(threads) / 1e9;
        double bandwidth = gemm.Machine.Bandwidth(threads) / 1e9;
        double[] intensities = [.. rows.Select(Intensity)];
        double[] speeds = [.. rows.SelectMany(row => row.Sides.Select(row.Speed)), peak];
        Axis x = Axis.Over("operations for each byte that must be moved (Gflop/GB)", true, intensities);
        Plot plot = new(
            $"f32 products, {threads} thread{(threads == 1 ? string.Empty : "s")}: how near the machine's limits",
            $"weights packed before; limits measured: {peak:0} Gflop/s in registers, {bandwidth:0} GB/s from memory (small operands come from caches)",
            x,
            Axis.Over("Gflop/s", true, speeds));
        plot.Limit("peak", false, (x.Low, peak), (x.High, peak));
        double low = Math.Max(x.Low, speeds.Min() / 1.3 / bandwidth);
        plot.Limit("memory", true, (low, low * bandwidth), (peak / bandwidth, peak));
        string[] names = [.. rows.SelectMany(row => row.Sides).Select(side => side.Who).Distinct()];
        for (int i = 0; i < names.Length; i++)
        {
            plot.Points(i, names[i], rows.SelectMany(row => row.Sides.Where(side => side.Who == names[i])
                .Select(side => (Intensity(row), row.Speed(side), $"{row.Case}: {names[i]} {Numbers.Short(row.Speed(side))} Gflop/s"))));
        }

        return plot.ToString();

        static double Intensity(Row row) => 1e9 * row.Amount / row.Bytes;
    }

    private static string Overhead(SectionResult commit)
    {
        Figure[] figures = [.. commit.Figures.Where(figure => figure.Case.StartsWith("d = ", StringComparison.Ordinal) && figure.Case.Contains(", 1t", StringComparison.Ordinal))];
        (double Width, string Way, string Name, double Value)[] all =
        [
            .. figures.Where(figure => figure.Name is "overhead" or "cost model")
                .Select(figure => (
                    double.Parse(figure.Case.Split(',')[0][4..], System.Globalization.CultureInfo.InvariantCulture),
                    string.Join(',', figure.Case.Split(',')[2..]).Trim(),
                    figure.Name,
                    Math.Max(figure.Value, 0.1))),
        ];
        Plot plot = new(
            "Commit overhead of one transformer layer, 128 tokens, 1 thread",
            "marks: measured, share of a plain run; dashed: bytes committed × speed of hashing, beside the plain run's time",
            Axis.Over("width d", true, [.. all.Select(point => point.Width)]) with { At = [.. all.Select(point => point.Width).Distinct()] },
            Axis.Over("overhead, %", true, [.. all.Select(point => point.Value), 1]));
        int series = 0;
        foreach (string way in all.Select(point => point.Way).Distinct())
        {
            (double Width, string Way, string Name, double Value)[] measured = [.. all.Where(point => point.Way == way && point.Name == "overhead")];
            plot.Points(series, way, measured.Select(point => (point.Width, point.Value, $"{way}, d = {point.Width}: {Numbers.Short(point.Value)} %")));
            plot.Line(series, string.Empty, false, measured.Select(point => (point.Width, point.Value)));
            plot.Line(series, string.Empty, true, all.Where(point => point.Way == way && point.Name != "overhead").Select(point => (point.Width, point.Value)));
            series++;
        }

        return plot.ToString();
    }

    private static string Proofs(SectionResult commit)
    {
        Figure[] figures = [.. commit.Figures.Where(figure => figure.Group == "demo decoder")];
        (string Way, double Overhead, double Proof, double Verify)[] points =
        [
            .. figures.Select(figure => figure.Case).Distinct().Select(way => (
                way[(way.IndexOf(',', StringComparison.Ordinal) + 2)..],
                figures.First(figure => figure.Case == way && figure.Name == "overhead").Value,
                figures.First(figure => figure.Case == way && figure.Name == "proof").Value,
                figures.First(figure => figure.Case == way && figure.Name == "verify").Value)),
        ];
        Plot plot = new(
            "Proof of 100 samples and commit overhead, by policy and hash",
            "the demo's decoder, 2 threads; in brackets: time to verify",
            Axis.Over("commit overhead, %", false, [.. points.Select(point => point.Overhead)]),
            Axis.Over("proof, KiB", false, [.. points.Select(point => point.Proof)]));
        for (int i = 0; i < points.Length; i++)
        {
            (string way, double overhead, double proof, double verify) = points[i];
            plot.Points(i, $"{way} ({verify:0} ms)", [(overhead, proof, way)]);
        }

        return plot.ToString();
    }

    private static string Tokens(SectionResult tokens)
    {
        const int left = 250;
        const int bar = 16;
        Row[] rows = [.. tokens.Rows];
        int bars = rows.Sum(row => row.Sides.Count);
        Svg svg = new(820, 60 + (bars * (bar + 3)) + (rows.Length * 14));
        svg.Text(16, 22, "Tokens a second", kind: "title");
        svg.Text(16, 40, "bars of a row are to scale with each other; longer is faster", kind: "note");
        string[] names = [.. rows.SelectMany(row => row.Sides).Select(side => side.Who).Distinct()];
        double y = 58;
        foreach (Row row in rows)
        {
            double most = row.Sides.Max(row.Speed);
            string model = row.Group.StartsWith("stories", StringComparison.Ordinal) ? "stories260K" : "demo's size";
            svg.Text(left - 10, y + (row.Sides.Count * (bar + 3) / 2.0) + 2, $"{model}, {row.Case}, {row.Threads}t", "end");
            foreach (Side side in row.Sides)
            {
                double width = 400 * row.Speed(side) / most;
                svg.Bar(Array.IndexOf(names, side.Who), left, y, width, bar);
                svg.Text(left + width + 6, y + 12, $"{Numbers.Short(row.Speed(side))}  {side.Who}", kind: "note");
                y += bar + 3;
            }

            y += 14;
        }

        return svg.ToString();
    }
}
