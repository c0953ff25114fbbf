using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>Where the drivers' libraries are looked for. VC_OPENCL_LIB and VC_CUDA_LIB name others in their place. A library is bound when the
/// first of its functions is called, and stays.</summary>
internal static class DriverLibraries
{
    /// <summary>The OpenCL loader, as imports name it.</summary>
    internal const string OpenCl = "OpenCL";

    /// <summary>The CUDA driver, as imports name it.</summary>
    internal const string Cuda = "cuda";

    private static int _registered;

    /// <summary>To be called before the first import is. What cannot be loaded is then a <see cref="DllNotFoundException"/> that says what was
    /// looked for.</summary>
    internal static void Register()
    {
        if (Interlocked.Exchange(ref _registered, 1) == 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(DriverLibraries).Assembly, (name, _, _) => Find(name));
        }
    }

    // 0 leaves a name to the runtime: libc among them.
    private static nint Find(string name)
    {
        if (name is not (OpenCl or Cuda))
        {
            return 0;
        }

        (string variable, string[] files) = name switch
        {
            OpenCl => ("VC_OPENCL_LIB", OperatingSystem.IsWindows() ? ["OpenCL.dll"] : (string[])["libOpenCL.so.1", "libOpenCL.so"]),
            _ => ("VC_CUDA_LIB", OperatingSystem.IsWindows() ? ["nvcuda.dll"] : (string[])["libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"]),
        };
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } other)
        {
            files = [other];
        }

        foreach (string file in files)
        {
            if (NativeLibrary.TryLoad(file, out nint library))
            {
                return library;
            }
        }

        throw new DllNotFoundException($"no {files[0]}");
    }
}
