using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Kernels.Gpu.Drivers;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>The vendor's library, where there is one: products A·Bᵀ or A·B in its FP32, TF32 off, and of i8 codes.
/// Source: cuBLAS 12 documentation (NVIDIA); numbers from cublas_api.h and library_types.h.</summary>
internal sealed unsafe class Cublas : IDisposable
{
    private const int Plain = 0;
    private const int Transposed = 1;
    private const int DefaultMath = 0;
    private const int I8 = 3;
    private const int I32 = 10;
    private const int ComputeI32 = 72;
    private const int DefaultAlgorithm = -1;

    private readonly nint _library;
    private readonly nint _handle;

    private Cublas(nint library)
    {
        _library = library;
        nint handle;
        Check(((delegate* unmanaged[Cdecl]<nint*, int>)Export("cublasCreate_v2"))(&handle), "cublasCreate_v2");
        _handle = handle;
        int version;
        Check(((delegate* unmanaged[Cdecl]<nint, int*, int>)Export("cublasGetVersion_v2"))(handle, &version), "cublasGetVersion_v2");
        Version = version;

        // FP32 with FP32's mantissa: the mode that may round to TF32 is another one, CUBLAS_TF32_TENSOR_OP_MATH.
        Check(((delegate* unmanaged[Cdecl]<nint, int, int>)Export("cublasSetMathMode"))(handle, DefaultMath), "cublasSetMathMode");
    }

    /// <summary>Its version: 120805 is 12.8.5.</summary>
    public int Version { get; }

    /// <summary>Loads it for the context that is this thread's; null where it cannot be, with the reason.</summary>
    public static Cublas? Open(out string reason)
    {
        foreach (string file in Files())
        {
            // It needs its neighbour, which the loader may not find by itself.
            _ = NativeLibrary.TryLoad(file.Replace("libcublas.", "libcublasLt.", StringComparison.Ordinal), out _);
            if (NativeLibrary.TryLoad(file, out nint library))
            {
                try
                {
                    reason = string.Empty;
                    return new Cublas(library);
                }
                catch (Exception failure) when (failure is BackendException or EntryPointNotFoundException)
                {
                    reason = failure.Message;
                    return null;
                }
            }
        }

        reason = "there is no libcublas (VC_CUBLAS_LIBRARY names one)";
        return null;
    }

    /// <summary>Waits for what was queued.</summary>
    public static void Wait() => Cuda.Check(Cuda.cuCtxSynchronize(), nameof(Cuda.cuCtxSynchronize));

    /// <summary>Y [m, n] = A [m, k] · B, row-major; B is [n, k] where its rows lie along k, else [k, n].</summary>
    public void Product(int m, int n, int k, bool alongK, nint a, nint b, nint y)
    {
        float one = 1f;
        float zero = 0f;
        Check(
            ((delegate* unmanaged[Cdecl]<nint, int, int, int, int, int, float*, nint, int, nint, int, float*, nint, int, int>)Export("cublasSgemm_v2"))(
                _handle, alongK ? Transposed : Plain, Plain, n, m, k, &one, b, alongK ? k : n, a, k, &zero, y, n),
            "cublasSgemm_v2");
    }

    /// <summary>Y [m, n] i32 = A [m, k] · B [n, k]ᵀ of i8 codes.</summary>
    public void CodeProduct(int m, int n, int k, nint a, nint b, nint y)
    {
        int one = 1;
        int zero = 0;
        Check(
            ((delegate* unmanaged[Cdecl]<nint, int, int, int, int, int, void*, nint, int, int, nint, int, int, void*, nint, int, int, int, int, int>)
                Export("cublasGemmEx"))(
                _handle, Transposed, Plain, n, m, k, &one, b, I8, k, a, I8, k, &zero, y, I32, n, ComputeI32, DefaultAlgorithm),
            "cublasGemmEx");
    }

    /// <inheritdoc/>
    public void Dispose() => _ = ((delegate* unmanaged[Cdecl]<nint, int>)Export("cublasDestroy_v2"))(_handle);

    // Newest first; where the system does not know them, where they are usually put.
    private static IEnumerable<string> Files()
    {
        if (Environment.GetEnvironmentVariable("VC_CUBLAS_LIBRARY") is { Length: > 0 } named)
        {
            yield return named;
        }

        string[] folders =
        [
            string.Empty, "/usr/local/cuda/lib64/",
            .. Below("/usr/local/lib").Concat(Below("/usr/lib")).Concat(Below("/opt"))
                .Where(folder => Path.GetFileName(folder).StartsWith("python3", StringComparison.Ordinal))
                .SelectMany(folder => (string[])[$"{folder}/dist-packages/nvidia/cublas/lib/", $"{folder}/site-packages/nvidia/cublas/lib/"]),
        ];
        foreach (string folder in folders)
        {
            foreach (int version in (int[])[13, 12, 11])
            {
                yield return $"{folder}libcublas.so.{version}";
            }
        }
    }

    private static string[] Below(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];

    private static void Check(int status, string call)
    {
        if (status != 0)
        {
            throw new BackendException($"{call}: status {status}");
        }
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
