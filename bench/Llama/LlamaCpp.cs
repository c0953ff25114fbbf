using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace VerifiableCompute.Bench.Llama;

/// <summary>A model in llama.cpp with one context. Of its structures only the first three numbers of the context's parameters and the batch are
/// named here: the others come from its own defaults and go back as they are, whatever their size.</summary>
internal sealed unsafe class LlamaCpp : IDisposable
{
    private static readonly nint Library = Load();

    private readonly nint _model;
    private readonly nint _context;
    private readonly nint _memory;
    private readonly delegate* unmanaged[Cdecl]<nint, Batch, int> _decode;

    /// <summary>Loads a file.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="positions">Most tokens of a text.</param>
    public LlamaCpp(string path, int positions)
    {
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        Parameters ofModel = ((delegate* unmanaged[Cdecl]<Parameters>)At("llama_model_default_params"))();
        _model = ((delegate* unmanaged[Cdecl]<nint, Parameters, nint>)At("llama_model_load_from_file"))(text, ofModel);
        Marshal.FreeCoTaskMem(text);
        Parameters ofContext = ((delegate* unmanaged[Cdecl]<Parameters>)At("llama_context_default_params"))();
        uint* numbers = (uint*)&ofContext;
        numbers[0] = (uint)positions; // n_ctx, n_batch, n_ubatch
        numbers[1] = (uint)positions;
        numbers[2] = (uint)positions;
        _context = _model == 0 ? 0 : ((delegate* unmanaged[Cdecl]<nint, Parameters, nint>)At("llama_init_from_model"))(_model, ofContext);
        if (_context == 0)
        {
            throw new InvalidDataException($"llama.cpp does not load {Path.GetFileName(path)}");
        }

        _memory = ((delegate* unmanaged[Cdecl]<nint, nint>)At("llama_get_memory"))(_context);
        _decode = (delegate* unmanaged[Cdecl]<nint, Batch, int>)At("llama_decode");
    }

    /// <summary>Whether the library is there.</summary>
    public static bool IsThere => Library != 0;

    /// <summary>Its release.</summary>
    public static string VersionText { get; } = IsThere
        ? Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)At("llama_version"))()) ?? "?"
        : "none";

    /// <summary>Sets the number of threads, the caller included.</summary>
    public void SetThreads(int threads)
        => ((delegate* unmanaged[Cdecl]<nint, int, int, void>)At("llama_set_n_threads"))(_context, threads, threads);

    /// <summary>Reads tokens after those that it holds, and computes the logits of all of them.</summary>
    public void Read(ReadOnlySpan<int> tokens)
    {
        sbyte* wanted = stackalloc sbyte[tokens.Length];
        new Span<sbyte>(wanted, tokens.Length).Fill(1);
        fixed (int* ids = tokens)
        {
            int failed = _decode(_context, new Batch { Count = tokens.Length, Tokens = ids, Logits = wanted });
            if (failed != 0)
            {
                throw new InvalidOperationException($"llama_decode: {failed}");
            }
        }
    }

    /// <summary>Logits of the last token that was read.</summary>
    public ReadOnlySpan<float> Logits(int vocabulary)
        => new(((delegate* unmanaged[Cdecl]<nint, int, float*>)At("llama_get_logits_ith"))(_context, -1), vocabulary);

    /// <summary>Forgets all tokens from a position on.</summary>
    public void Forget(int position)
        => _ = ((delegate* unmanaged[Cdecl]<nint, int, int, int, byte>)At("llama_memory_seq_rm"))(_memory, -1, position, -1);

    /// <inheritdoc/>
    public void Dispose()
    {
        ((delegate* unmanaged[Cdecl]<nint, void>)At("llama_free"))(_context);
        ((delegate* unmanaged[Cdecl]<nint, void>)At("llama_model_free"))(_model);
    }

    private static void* At(string function) => (void*)NativeLibrary.GetExport(Library, function);

    private static nint Load()
    {
        string folder = Path.Combine(Reports.Folders.Bench, "peers", "node_modules", "@node-llama-cpp", "linux-x64", "bins", "linux-x64");
        if (!OperatingSystem.IsLinux() || !Directory.Exists(folder))
        {
            return 0;
        }

        string? llama = Directory.EnumerateFiles(folder, "libllama.v*.so").FirstOrDefault();
        string? ggml = Directory.EnumerateFiles(folder, "libggml.v*.so").FirstOrDefault();
        if (llama is null || ggml is null || !NativeLibrary.TryLoad(llama, out nint library))
        {
            return 0;
        }

        nint silent = (nint)(delegate* unmanaged[Cdecl]<int, nint, nint, void>)&Silent;
        ((delegate* unmanaged[Cdecl]<nint, nint, void>)NativeLibrary.GetExport(library, "llama_log_set"))(silent, 0);
        nint text = Marshal.StringToCoTaskMemUTF8(folder);
        ((delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(NativeLibrary.Load(ggml), "ggml_backend_load_all_from_path"))(text);
        Marshal.FreeCoTaskMem(text);
        ((delegate* unmanaged[Cdecl]<void>)NativeLibrary.GetExport(library, "llama_backend_init"))();
        return library;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Silent(int level, nint text, nint data)
    {
    }

    // More than any of its parameter structures takes: given back by address, and passed last, on the stack.
    [StructLayout(LayoutKind.Sequential, Size = 1024)]
    private struct Parameters
    {
        public ulong First;
    }

    // struct llama_batch
    [StructLayout(LayoutKind.Sequential)]
    private struct Batch
    {
        public int Count;
        public int* Tokens;
        public float* Embeddings;
        public int* Positions;
        public int* SequenceCounts;
        public int** Sequences;
        public sbyte* Logits;
    }
}
