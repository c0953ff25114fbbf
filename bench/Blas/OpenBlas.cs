using System.Runtime.InteropServices;

namespace VerifiableCompute.Bench.Blas;

/// <summary>OpenBLAS as the system has it installed, or the library that <c>VC_OPENBLAS_LIBRARY</c> names; row-major products of f32.</summary>
internal static unsafe class OpenBlas
{
    private const int RowMajor = 101;
    private const int Plain = 111;
    private const int Transposed = 112;

    private static readonly nint Library = Load();

    /// <summary>Whether there is one.</summary>
    public static bool IsThere => Library != 0;

    /// <summary>Version and the kernels it chose for this processor.</summary>
    public static string VersionText { get; } = IsThere
        ? $"{Text("openblas_get_config").Split(' ').Skip(1).FirstOrDefault()} {Text("openblas_get_corename")}"
        : "none";

    /// <summary>Sets the number of threads, the caller included.</summary>
    public static void SetThreads(int threads)
        => ((delegate* unmanaged[Cdecl]<int, void>)NativeLibrary.GetExport(Library, "openblas_set_num_threads"))(threads);

    /// <summary>C [m, n] = A [m, k] · B [k, n].</summary>
    public static Action Product(int m, int n, int k, float* a, float* b, float* c)
    {
        if (m == 1)
        {
            delegate* unmanaged[Cdecl]<int, int, int, int, float, float*, int, float*, int, float, float*, int, void> sgemv =
                (delegate* unmanaged[Cdecl]<int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
                    NativeLibrary.GetExport(Library, "cblas_sgemv");
            return () => sgemv(RowMajor, Transposed, k, n, 1f, b, n, a, 1, 0f, c, 1);
        }

        delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> sgemm =
            (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
                NativeLibrary.GetExport(Library, "cblas_sgemm");
        return () => sgemm(RowMajor, Plain, Plain, m, n, k, 1f, a, k, b, n, 0f, c, n);
    }

    private static string Text(string function)
        => Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(Library, function))()) ?? string.Empty;

    private static nint Load()
    {
        string name = Environment.GetEnvironmentVariable("VC_OPENBLAS_LIBRARY") ?? "libopenblas.so.0";
        return NativeLibrary.TryLoad(name, out nint library) ? library : 0;
    }
}
