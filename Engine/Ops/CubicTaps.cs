using System;

namespace VerifiableCompute.Engine.Ops;

/// <summary>The weights of Keys' cubic convolution, in f64 as written.</summary>
public static class CubicTaps
{
    /// <summary>Elements that a value is made of.</summary>
    public const int Count = 4;

    /// <summary>The usual coefficient.</summary>
    public const double Usual = -0.75;

    /// <summary>The weights of the elements at −1, 0, 1 and 2 for a value at <paramref name="ratio"/>.</summary>
    public static void Weigh(double ratio, double a, Span<double> weights)
    {
        double above = 1 - ratio;
        weights[0] = Far(ratio + 1, a);
        weights[1] = Near(ratio, a);
        weights[2] = Near(above, a);
        weights[3] = Far(above + 1, a);
    }

    private static double Near(double x, double a) => ((((a + 2) * x) - (a + 3)) * x * x) + 1;

    private static double Far(double x, double a) => (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a);
}
