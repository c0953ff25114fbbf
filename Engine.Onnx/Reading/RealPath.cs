using System.IO;

namespace VerifiableCompute.Engine.Onnx.Reading;

/// <summary>Where a path really leads.</summary>
internal static class RealPath
{
    private const int Hops = 40;

    /// <summary>The absolute path with every link, of folders too, replaced by its target.</summary>
    /// <exception cref="IOException">The links form a cycle.</exception>
    internal static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        for (int hop = 0; hop < Hops; hop++)
        {
            string? next = ReplaceFirstLink(full);
            if (next is null)
            {
                return full;
            }

            full = next;
        }

        throw new IOException($"the links of '{path}' do not end");
    }

    private static string? ReplaceFirstLink(string full)
    {
        string root = Path.GetPathRoot(full)!;
        string[] parts = full[root.Length..].Split(Path.DirectorySeparatorChar);
        string prefix = root;
        for (int index = 0; index < parts.Length; index++)
        {
            string at = Path.Combine(prefix, parts[index]);
            FileSystemInfo entry = Directory.Exists(at) ? new DirectoryInfo(at) : new FileInfo(at);
            if (entry.LinkTarget is string target)
            {
                string rest = string.Join(Path.DirectorySeparatorChar, parts[(index + 1)..]);
                return Path.GetFullPath(Path.Combine(prefix, target, rest));
            }

            prefix = at;
        }

        return null;
    }
}
