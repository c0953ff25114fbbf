namespace VerifiableCompute.Engine.Numerics;

/// <summary>
/// A function of one variable with a fast enclosure. Where both ends round to the same f32, or are NaN, that is
/// the correctly rounded result; elsewhere the exact path must decide.
/// </summary>
public interface IFastFunction
{
    /// <summary>Which function this is.</summary>
    static abstract Function Which { get; }

    /// <summary>Two numbers between which f(x) lies, for every x that is an f32.</summary>
    static abstract void Enclose<T>(T x, out T low, out T high)
        where T : struct, IDoubles<T>;

    /// <summary>f(x), correctly rounded, for one x.</summary>
    static abstract float Exact(float x);
}
