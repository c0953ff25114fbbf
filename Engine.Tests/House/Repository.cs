namespace VerifiableCompute.Engine.Tests.House;

/// <summary>Where the sources are.</summary>
internal static class Repository
{
    /// <summary>The folder of VerifiableCompute.sln.</summary>
    public static string Root { get; } = Find();

    /// <summary>Files of the repository below a folder, relative to the root, with forward slashes, build output left out.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) => Directory
        .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(path => !path.StartsWith("artifacts/", StringComparison.Ordinal) && !path.Contains("node_modules/", StringComparison.Ordinal)
            && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "VerifiableCompute.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("VerifiableCompute.sln is in no folder above the tests");
    }
}
