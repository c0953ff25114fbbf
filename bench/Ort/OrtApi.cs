using System.Runtime.InteropServices;

namespace VerifiableCompute.Bench.Ort;

/// <summary>Where functions stand in ONNX Runtime's C function table, <c>struct OrtApi</c> of <c>onnxruntime_c_api.h</c>. The table only
/// ever grows at its end (the header asserts the places of the last function of each release), so the numbers hold for every version that
/// has the function.</summary>
internal enum OrtFunction
{
    GetErrorMessage = 2,
    CreateEnv = 3,
    CreateSession = 7,
    CreateSessionFromArray = 8,
    Run = 9,
    CreateSessionOptions = 10,
    SetSessionGraphOptimizationLevel = 23,
    SetIntraOpNumThreads = 24,
    SetInterOpNumThreads = 25,
    CreateTensorWithDataAsOrtValue = 49,
    GetTensorMutableData = 51,
    GetTensorElementType = 60,
    GetDimensionsCount = 61,
    GetDimensions = 62,
    GetTensorTypeAndShape = 65,
    CreateCpuMemoryInfo = 69,
    ReleaseEnv = 92,
    ReleaseStatus = 93,
    ReleaseMemoryInfo = 94,
    ReleaseSession = 95,
    ReleaseValue = 96,
    ReleaseTensorTypeAndShapeInfo = 99,
    ReleaseSessionOptions = 100,
    AddSessionConfigEntry = 130,
}

/// <summary>The loaded library: its function table, and its one environment. Every function here that can fail throws what the library says.</summary>
internal static unsafe class OrtApi
{
    /// <summary>The version whose table is asked for: onnxruntime 1.N has version N.</summary>
    private const uint Version = 30;
    private const int LogErrors = 3;

    private static readonly void** Table;
    private static readonly OrtHandle Environment;
    private static readonly OrtHandle Memory;

    // The table comes first: handles are made through it.
    static OrtApi()
    {
        nint library = NativeLibrary.Load(LibraryPath());
        delegate* unmanaged[Cdecl]<void**> getBase = (delegate* unmanaged[Cdecl]<void**>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        void** functions = getBase();
        VersionText = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)functions[1])())!;
        Table = (void**)((delegate* unmanaged[Cdecl]<uint, void*>)functions[0])(Version);
        if (Table == null)
        {
            throw new OrtException($"onnxruntime {VersionText} has no table of version {Version}");
        }

        Environment = CreateEnvironment();
        Memory = CreateMemory();
    }

    /// <summary>What the library calls itself.</summary>
    public static string VersionText { get; }

    /// <summary>Options of a session.</summary>
    /// <param name="optimise">The library's default optimisation level, or none.</param>
    /// <param name="threads">Threads within one node.</param>
    /// <param name="configuration">Configuration entries.</param>
    public static OrtHandle CreateOptions(bool optimise, int threads, params ReadOnlySpan<(string Key, string Value)> configuration)
    {
        void* options;
        Check(((delegate* unmanaged[Cdecl]<void**, void*>)At(OrtFunction.CreateSessionOptions))(&options));
        OrtHandle handle = new(options, OrtFunction.ReleaseSessionOptions);
        if (!optimise)
        {
            SetNumber(OrtFunction.SetSessionGraphOptimizationLevel, options, 0);
        }

        SetNumber(OrtFunction.SetIntraOpNumThreads, options, threads);
        SetNumber(OrtFunction.SetInterOpNumThreads, options, 1);
        foreach ((string key, string value) in configuration)
        {
            using Utf8 keyText = new(key);
            using Utf8 valueText = new(value);
            Check(((delegate* unmanaged[Cdecl]<void*, byte*, byte*, void*>)At(OrtFunction.AddSessionConfigEntry))(options, keyText, valueText));
        }

        return handle;
    }

    /// <summary>A session over a model's bytes.</summary>
    public static OrtHandle CreateSession(ReadOnlySpan<byte> model, OrtHandle options)
    {
        void* session;
        fixed (byte* bytes = model)
        {
            Check(((delegate* unmanaged[Cdecl]<void*, void*, nuint, void*, void**, void*>)At(OrtFunction.CreateSessionFromArray))(
                Environment.Pointer, bytes, (nuint)model.Length, options.Pointer, &session));
        }

        return new OrtHandle(session, OrtFunction.ReleaseSession);
    }

    /// <summary>A session over a model's file.</summary>
    public static OrtHandle CreateSession(string path, OrtHandle options)
    {
        using Utf8 text = new(path);
        void* session;
        Check(((delegate* unmanaged[Cdecl]<void*, byte*, void*, void**, void*>)At(OrtFunction.CreateSession))(
            Environment.Pointer, text, options.Pointer, &session));
        return new OrtHandle(session, OrtFunction.ReleaseSession);
    }

    /// <summary>A tensor over memory that the caller keeps in place.</summary>
    public static OrtHandle CreateTensor(void* data, long bytes, ReadOnlySpan<long> extents, int type)
    {
        void* value;
        fixed (long* shape = extents)
        {
            Check(((delegate* unmanaged[Cdecl]<void*, void*, nuint, long*, nuint, int, void**, void*>)
                At(OrtFunction.CreateTensorWithDataAsOrtValue))(
                    Memory.Pointer, data, (nuint)bytes, shape, (nuint)extents.Length, type, &value));
        }

        return new OrtHandle(value, OrtFunction.ReleaseValue);
    }

    /// <summary>Runs a session; outputs that are null are made by the library.</summary>
    public static void Run(
        OrtHandle session, byte** inputNames, void** inputs, int inputCount, byte** outputNames, int outputCount, void** outputs)
        => Check(((delegate* unmanaged[Cdecl]<void*, void*, byte**, void**, nuint, byte**, nuint, void**, void*>)At(OrtFunction.Run))(
            session.Pointer, null, inputNames, inputs, (nuint)inputCount, outputNames, (nuint)outputCount, outputs));

    /// <summary>Element type, extents and data of a tensor.</summary>
    public static (int Type, long[] Extents, nint Data) Describe(OrtHandle value)
    {
        void* made;
        Check(((delegate* unmanaged[Cdecl]<void*, void**, void*>)At(OrtFunction.GetTensorTypeAndShape))(value.Pointer, &made));
        using OrtHandle info = new(made, OrtFunction.ReleaseTensorTypeAndShapeInfo);
        int type;
        Check(((delegate* unmanaged[Cdecl]<void*, int*, void*>)At(OrtFunction.GetTensorElementType))(made, &type));
        nuint rank;
        Check(((delegate* unmanaged[Cdecl]<void*, nuint*, void*>)At(OrtFunction.GetDimensionsCount))(made, &rank));
        long[] extents = new long[rank];
        fixed (long* shape = extents)
        {
            Check(((delegate* unmanaged[Cdecl]<void*, long*, nuint, void*>)At(OrtFunction.GetDimensions))(made, shape, rank));
        }

        void* data;
        Check(((delegate* unmanaged[Cdecl]<void*, void**, void*>)At(OrtFunction.GetTensorMutableData))(value.Pointer, &data));
        return (type, extents, (nint)data);
    }

    /// <summary>Gives an object back.</summary>
    public static void Release(OrtFunction release, nint pointer) => ((delegate* unmanaged[Cdecl]<nint, void>)At(release))(pointer);

    private static void* At(OrtFunction function) => Table[(int)function];

    private static OrtHandle CreateEnvironment()
    {
        using Utf8 name = new("bench");
        void* environment;
        Check(((delegate* unmanaged[Cdecl]<int, byte*, void**, void*>)At(OrtFunction.CreateEnv))(LogErrors, name, &environment));
        return new OrtHandle(environment, OrtFunction.ReleaseEnv);
    }

    private static OrtHandle CreateMemory()
    {
        const int deviceAllocator = 0;
        const int defaultMemory = 0;
        void* memory;
        Check(((delegate* unmanaged[Cdecl]<int, int, void**, void*>)At(OrtFunction.CreateCpuMemoryInfo))(deviceAllocator, defaultMemory, &memory));
        return new OrtHandle(memory, OrtFunction.ReleaseMemoryInfo);
    }

    private static void SetNumber(OrtFunction function, void* options, int value)
        => Check(((delegate* unmanaged[Cdecl]<void*, int, void*>)At(function))(options, value));

    private static void Check(void* status)
    {
        if (status == null)
        {
            return;
        }

        string text = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<void*, byte*>)At(OrtFunction.GetErrorMessage))(status))!;
        Release(OrtFunction.ReleaseStatus, (nint)status);
        throw new OrtException(text);
    }

    private static string LibraryPath()
    {
        if (System.Environment.GetEnvironmentVariable("VC_ORT_LIBRARY") is string given)
        {
            return given;
        }

        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string file = OperatingSystem.IsWindows() ? Path.Combine("win32", architecture, "onnxruntime.dll")
            : OperatingSystem.IsMacOS() ? Path.Combine("darwin", architecture, "libonnxruntime.1.dylib")
            : Path.Combine("linux", architecture, "libonnxruntime.so.1");
        return Path.Combine(
            Reports.Folders.Bench, "peers", "node_modules", "onnxruntime-node", "bin", "napi-v6", file);
    }

    /// <summary>A C string.</summary>
    private readonly ref struct Utf8(string text)
    {
        private readonly byte* _text = (byte*)Marshal.StringToCoTaskMemUTF8(text);

        public static implicit operator byte*(Utf8 text) => text._text;

        public void Dispose() => Marshal.FreeCoTaskMem((nint)_text);
    }
}
