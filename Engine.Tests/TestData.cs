using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests;

/// <summary>
/// Independent vectors, which are not part of the repository. They lie in the folder that VC_TEST_DATA names
/// (default: ../shared/data beside the repository). Where they are absent a test is skipped with the reason, or
/// fails if VC_REQUIRE_TEST_DATA is 1.
/// </summary>
internal static class TestData
{
    private static readonly Dictionary<string, string> Unpacked = [];
    private static readonly Lock Gate = new();

    /// <summary>The repository, found upwards from the test assembly by its solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a plain file among the data; the test is skipped where there is none.</summary>
    public static string File(string name)
    {
        string data = Environment.GetEnvironmentVariable("VC_TEST_DATA")
            ?? Path.Combine(Root, "..", "shared", "data");
        string path = Path.GetFullPath(Path.Combine(data, name));
        if (!System.IO.File.Exists(path))
        {
            string reason = $"No test data: {path} does not exist (see VC_TEST_DATA).";
            if (Environment.GetEnvironmentVariable("VC_REQUIRE_TEST_DATA") == "1")
            {
                Assert.Fail(reason);
            }

            Assert.Ignore(reason);
        }

        return path;
    }

    /// <summary>The folder into which ARCHIVE.tar.gz is unpacked, once per content for all processes.</summary>
    public static string Folder(string archive)
    {
        string path = File(archive + ".tar.gz");
        lock (Gate)
        {
            if (!Unpacked.TryGetValue(path, out string? folder))
            {
                folder = Unpack(path, archive);
                Unpacked.Add(path, folder);
            }

            return folder;
        }
    }

    private static string Unpack(string path, string archive)
    {
        using FileStream file = System.IO.File.OpenRead(path);
        string digest = Convert.ToHexStringLower(SHA256.HashData(file))[..16];
        string cache = Path.Combine(Path.GetTempPath(), "vcompute-test-data");
        string folder = Path.Combine(cache, $"{archive}-{digest}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        // Unpacked beside its place and renamed into it: nobody sees half a folder, and one of several wins.
        Directory.CreateDirectory(cache);
        string partial = Path.Combine(cache, Path.GetRandomFileName());
        Directory.CreateDirectory(partial);
        file.Position = 0;
        using (GZipStream tar = new(file, CompressionMode.Decompress))
        {
            TarFile.ExtractToDirectory(tar, partial, overwriteFiles: false);
        }

        try
        {
            Directory.Move(partial, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(partial, recursive: true);
        }

        return folder;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "VerifiableCompute.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("No repository above the test assembly.");
    }
}
