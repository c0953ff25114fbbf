namespace VerifiableCompute.Bench.Reports;

/// <summary>Where things are.</summary>
internal static class Folders
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>The folder bench.</summary>
    public static string Bench { get; } = Path.Combine(Root, "bench");

    /// <summary>The folder for results.</summary>
    public static string Results { get; } = Path.Combine(Bench, "results");

    /// <summary>The open models, unpacked: VC_OPEN_MODELS, or what the scripts unpack.</summary>
    public static string OpenModels { get; } = Environment.GetEnvironmentVariable("VC_OPEN_MODELS")
        ?? Path.Combine(Root, "artifacts", "models-open");

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VerifiableCompute.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("VerifiableCompute.sln is in no folder above the program");
    }
}
