using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace VerifiableCompute.Engine.Kernels.Cpu;

/// <summary>Width of the vectors that kernels work with. The bits do not depend on it.</summary>
public enum SimdLevel
{
    /// <summary>One lane: no vectors, or no fused multiply-add in hardware.</summary>
    Scalar = 1,

    /// <summary>Vectors of 128 bits: four lanes of f32.</summary>
    V128 = 4,

    /// <summary>Vectors of 256 bits: eight lanes of f32.</summary>
    V256 = 8,

    /// <summary>Vectors of 512 bits: sixteen lanes of f32.</summary>
    V512 = 16,
}

/// <summary>What this machine offers.</summary>
public static class SimdLevels
{
    /// <summary>The widest level that the hardware runs without emulation, fused multiply-add included.</summary>
    public static SimdLevel Best
    {
        get
        {
            if (!Fma.IsSupported && !AdvSimd.IsSupported)
            {
                return SimdLevel.Scalar;
            }

            if (Vector512.IsHardwareAccelerated)
            {
                return SimdLevel.V512;
            }

            if (Vector256.IsHardwareAccelerated)
            {
                return SimdLevel.V256;
            }

            return Vector128.IsHardwareAccelerated ? SimdLevel.V128 : SimdLevel.Scalar;
        }
    }
}
