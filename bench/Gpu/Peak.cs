using System.Globalization;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>What an NVIDIA device can do at most in f32: multiprocessors × lanes × 2 × clock.</summary>
internal static class Peak
{
    private const int AttributeClockRate = 13;

    /// <summary>Operations a second; NaN where nobody knows.</summary>
    public static double Flops(GpuDescription device) => device.Units * Lanes(device) * 2.0 * Clock(device);

    /// <summary>It in words.</summary>
    public static string Text(GpuDescription device) => double.IsNaN(Flops(device))
        ? "peak unknown"
        : string.Create(CultureInfo.InvariantCulture, $"{Clock(device) / 1e9:0.00} GHz, {Flops(device) / 1e12:0.0} TFLOP/s of f32 at most");

    // Lanes of f32 of a multiprocessor: CUDA C Programming Guide, "Arithmetic Instructions".
    private static int Lanes(GpuDescription device) => device.Capability is 70 or 72 or 75 or 80 ? 64 : 128;

    private static double Clock(GpuDescription device)
    {
        if (device.Driver != CudaDevice.Driver)
        {
            return double.NaN;
        }

        try
        {
            int first = CudaDevice.Find().FirstOrDefault(found => CudaDevice.Describe(found).Name == device.Name);
            Cuda.Check(Cuda.cuDeviceGetAttribute(out int kilohertz, AttributeClockRate, first), nameof(Cuda.cuDeviceGetAttribute));
            return kilohertz * 1e3;
        }
        catch (BackendException)
        {
            return double.NaN;
        }
    }
}
