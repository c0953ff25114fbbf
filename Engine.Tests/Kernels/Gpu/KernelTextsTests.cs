using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

internal sealed class KernelTextsTests
{
    [Test]
    public void Every_file_of_the_folder_is_there()
    {
        string[] files = [.. House.Repository.Files("Engine.Kernels/Gpu/Texts", "*.cl").Select(file => Path.GetFileNameWithoutExtension(file))];
        Assert.That(KernelTexts.Names, Is.EqualTo(files));
        Assert.That(files, Does.Contain("Copy"));
    }

    [Test]
    public void A_source_is_the_headers_and_the_text([ValueSource(nameof(Names))] string name)
    {
        string source = KernelTexts.Source(name);
        Assert.That(source, Does.StartWith(Text("device.h")));
        Assert.That(source, Does.EndWith(Text(name + ".cl")));
        string[] headers = [.. House.Repository.Files("Engine.Kernels/Gpu/Texts", "*.h").Select(file => Path.GetFileName(file))];
        string first = Text(name + ".cl").Split('\n')[0];
        foreach (string header in headers.Where(header => first.Contains("uses:", StringComparison.Ordinal) && first.Contains(header, StringComparison.Ordinal)))
        {
            Assert.That(source.Split(Text(header)), Has.Length.EqualTo(2), header);
        }
    }

    [Test]
    public void Other_names_are_refused([Values("Nothing", "", "../Copy")] string name)
        => Assert.Throws<ArgumentException>(() => KernelTexts.Source(name));

    private static IEnumerable<string> Names() => KernelTexts.Names;

    private static string Text(string file) => File.ReadAllText(Path.Combine(House.Repository.Root, "Engine.Kernels", "Gpu", "Texts", file));
}
