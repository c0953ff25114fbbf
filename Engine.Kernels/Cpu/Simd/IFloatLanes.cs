using VerifiableCompute.Engine.Numerics;

namespace VerifiableCompute.Engine.Kernels.Cpu.Simd;

/// <summary>Doubles that can be read from f32 memory and written back to it.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal interface IFloatLanes<TSelf> : IDoubles<TSelf>
    where TSelf : struct, IFloatLanes<TSelf>
{
    /// <summary>Count f32 from here on, widened exactly.</summary>
    static abstract TSelf Load(ref float source);

    /// <summary>
    /// Where both ends of every lane round to the same f32, or are NaN, writes those (NaN as the one NaN) and
    /// says true; otherwise writes nothing.
    /// </summary>
    static abstract bool TryStore(TSelf low, TSelf high, ref float target);
}
