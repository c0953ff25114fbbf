using System;
using System.IO;

namespace VerifiableCompute.Engine.Kernels.Gpu.Admission;

/// <summary>Texts about a device that later processes read: for one device, driver and build each, in VC_CACHE/devices. Whoever can write the folder is
/// trusted, as with everything that is kept between runs.</summary>
internal static class DeviceRecord
{
    /// <summary>What was written last; null where there is nothing that can be read.</summary>
    internal static string? Read(GpuDescription device, string kind)
    {
        try
        {
            return PathOf(device, kind) is string path ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a text, whole or not at all; where that cannot be, it is found again next time.</summary>
    internal static void Write(GpuDescription device, string kind, string text)
    {
        if (PathOf(device, kind) is not string path)
        {
            return;
        }

        string partial = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(partial, text);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As if nothing were kept.
        }
    }

    private static string? PathOf(GpuDescription device, string kind)
    {
        string folder = Environment.GetEnvironmentVariable("VC_CACHE") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "vcompute");
        return Path.IsPathRooted(folder) ? Path.Combine(folder, "devices", $"{Certificate.SubjectOf(device)}.{kind}") : null;
    }
}
