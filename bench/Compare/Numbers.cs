using System.Globalization;

namespace VerifiableCompute.Bench.Compare;

/// <summary>Arithmetic of reports.</summary>
internal static class Numbers
{
    /// <summary>Geometric mean.</summary>
    public static double GeometricMean(IReadOnlyCollection<double> values) => Math.Exp(values.Average(Math.Log));

    /// <summary>Three significant digits, without an exponent.</summary>
    public static string Short(double value)
        => double.IsNaN(value) ? "–"
        : Math.Abs(value) >= 100 ? value.ToString("0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 10 ? value.ToString("0.0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1 ? value.ToString("0.00", CultureInfo.InvariantCulture)
        : value.ToString("0.000", CultureInfo.InvariantCulture);
}
