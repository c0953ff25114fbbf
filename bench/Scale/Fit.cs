namespace VerifiableCompute.Bench.Scale;

/// <summary>A sum of features, each times a factor that is not negative, that comes nearest to some measurements in relative error.</summary>
/// <param name="Factors">The factors.</param>
/// <param name="LargestError">Largest relative error over the measurements.</param>
internal sealed record Fit(IReadOnlyList<double> Factors, double LargestError)
{
    /// <summary>Fits.</summary>
    /// <param name="features">The features of each measurement.</param>
    /// <param name="values">The measurements, above 0.</param>
    public static Fit Of(IReadOnlyList<double[]> features, IReadOnlyList<double> values)
    {
        int count = features[0].Length;
        List<int> used = [.. Enumerable.Range(0, count)];
        double[] factors = new double[count];
        while (used.Count > 0)
        {
            double[] found = Solve(features, values, used);
            if (found.Min() >= 0)
            {
                for (int i = 0; i < used.Count; i++)
                {
                    factors[used[i]] = found[i];
                }

                break;
            }

            used.RemoveAt(Array.IndexOf(found, found.Min()));
        }

        Fit fit = new(factors, 0);
        return fit with { LargestError = features.Zip(values, (row, value) => Math.Abs((fit.At(row) / value) - 1)).Max() };
    }

    /// <summary>The sum at some features.</summary>
    public double At(params IReadOnlyList<double> features) => Factors.Zip(features, (factor, feature) => factor * feature).Sum();

    // Least squares of the relative errors by the normal equations, eliminated in order of size; features are scaled by their largest first.
    private static double[] Solve(IReadOnlyList<double[]> features, IReadOnlyList<double> values, List<int> used)
    {
        int n = used.Count;
        double[] scale = [.. used.Select(feature => features.Max(row => Math.Abs(row[feature])) + double.Epsilon)];
        double[,] a = new double[n, n + 1];
        for (int measurement = 0; measurement < values.Count; measurement++)
        {
            double[] row = [.. used.Select((feature, i) => features[measurement][feature] / scale[i] / values[measurement])];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    a[i, j] += row[i] * row[j];
                }

                a[i, n] += row[i];
            }
        }

        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(a[row, column]));
            for (int j = 0; j <= n; j++)
            {
                (a[column, j], a[pivot, j]) = (a[pivot, j], a[column, j]);
            }

            for (int row = 0; row < n; row++)
            {
                double factor = row == column || a[column, column] == 0 ? 0 : a[row, column] / a[column, column];
                for (int j = column; j <= n; j++)
                {
                    a[row, j] -= factor * a[column, j];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(i => a[i, i] == 0 ? 0 : a[i, n] / a[i, i] / scale[i])];
    }
}
