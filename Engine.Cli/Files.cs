using System.IO;

namespace VerifiableCompute.Engine.Cli;

/// <summary>Reading and writing whole files.</summary>
internal static class Files
{
    // Larger than any statement, receipt or proof within the limits; smaller than an array may be.
    private const long Largest = 1L << 30;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is larger than any of ours.</exception>
    internal static byte[] Read(string path)
    {
        long length = new FileInfo(path).Length;
        return length > Largest ? throw new InvalidDataException($"'{path}' has {length} bytes, more than the limit of {Largest}") : File.ReadAllBytes(path);
    }

    /// <summary>Writes a file so that it is there whole or not at all: under another name, onto the disk, then renamed.</summary>
    internal static void Write(string path, byte[] bytes)
    {
        string partial = path + ".partial";
        using (FileStream file = new(partial, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }
}
