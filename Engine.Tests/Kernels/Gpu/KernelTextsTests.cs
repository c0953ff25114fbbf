using System.Text.RegularExpressions;

using NUnit.Framework;

using VerifiableCompute.Engine.Kernels.Gpu;

namespace VerifiableCompute.Engine.Tests.Kernels.Gpu;

internal sealed partial class KernelTextsTests
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
    }

    [Test]
    public void Headers_come_once_and_before_who_names_them()
    {
        Dictionary<string, string> files = new()
        {
            ["device.h"] = "D\n",
            ["a.h"] = "/* uses: b.h */\nA\n",
            ["b.h"] = "/* uses: device.h, a.h */\nB\n",
            ["c.h"] = "C\n",
            ["X.cl"] = "/* uses: a.h, c.h, b.h */\nX\n/* uses: e.h */\n",
            ["Y.cl"] = "/* uses: e.h */\nY\n",
        };
        Assert.That(
            KernelTexts.Source("X", name => files.GetValueOrDefault(name)),
            Is.EqualTo($"{files["device.h"]}{files["b.h"]}{files["a.h"]}{files["c.h"]}{files["X.cl"]}"));
        Assert.That(Assert.Throws<ArgumentException>(() => KernelTexts.Source("Y", name => files.GetValueOrDefault(name)))!.Message, Does.Contain("e.h"));
    }

    [Test]
    public void What_takes_a_local_array_is_inlined([ValueSource(nameof(Files))] string file)
        => Assert.That(TakesLocal().Matches(Text(file)).Where(match => !match.Value.StartsWith("INLINED ", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void A_function_that_takes_a_local_array_is_seen()
        => Assert.That(TakesLocal().Matches("static inline float f(int how,\n    __local const float *v) \\\n{ }"), Has.Count.EqualTo(1));

    [Test]
    public void Other_names_are_refused([Values("Nothing", "", "../Copy")] string name)
        => Assert.Throws<ArgumentException>(() => KernelTexts.Source(name));

    private static IEnumerable<string> Files()
        => House.Repository.Files("Engine.Kernels/Gpu/Texts", "*.*").Select(file => Path.GetFileName(file));

    // A function's head with such a parameter; kernels have none.
    [GeneratedRegex(@"^[^\S\n]*\w[\w# ]*\([^();{}]*\b__local\b[^();{}]*\)\s*\\?\s*\{", RegexOptions.Multiline)]
    private static partial Regex TakesLocal();

    private static IEnumerable<string> Names() => KernelTexts.Names;

    private static string Text(string file) => File.ReadAllText(Path.Combine(House.Repository.Root, "Engine.Kernels", "Gpu", "Texts", file));
}
