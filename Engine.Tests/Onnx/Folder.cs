namespace VerifiableCompute.Engine.Tests.Onnx;

/// <summary>A folder of a test's own, gone afterwards.</summary>
internal sealed class Folder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("vcompute-test-").FullName;

    internal string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
